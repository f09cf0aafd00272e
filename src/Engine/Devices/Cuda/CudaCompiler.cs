using System.Text.RegularExpressions;
using Engine.KernelLanguage;

namespace Engine;

/// <summary>
/// From a kernel to what the driver loads: a cubin, or PTX where NVRTC does not know the device's architecture. What was
/// compiled once is found on disk by text, architecture, compiler and driver.
/// </summary>
internal sealed partial class CudaCompiler
{
    private readonly ICudaCompiler? _compiler;
    private readonly string _whyNot;
    private readonly string _target;
    private readonly string _driver;
    private readonly ProgramCache? _cache;
    private readonly PtxArchive _ptx;

    /// <summary>A compiler for one device.</summary>
    /// <param name="context">The device.</param>
    /// <param name="capability">Its compute capability, 10·major + minor.</param>
    /// <param name="compiler">NVRTC, or null where it is not installed.</param>
    /// <param name="whyNot">Why there is no NVRTC.</param>
    /// <param name="cache">Where compiled programs are kept; null to compile each time.</param>
    /// <param name="ptx">Programs to fall back on without a compiler.</param>
    public unsafe CudaCompiler(CudaContext context, int capability, ICudaCompiler? compiler, string whyNot, ProgramCache? cache, PtxArchive ptx)
    {
        _compiler = compiler;
        _whyNot = whyNot;
        _cache = cache;
        _ptx = ptx;
        _target = compiler is null ? string.Empty : CudaTarget.For(compiler, capability, context.Name);
        int version;
        context.Check(context.Driver.DriverGetVersion(&version), "asking for the driver's version");
        _driver = $"{version / 1000}.{version % 1000 / 10}";
    }

    /// <summary>Compiles a kernel, or finds it compiled.</summary>
    /// <exception cref="EngineException">There is no NVRTC, or it refuses the text: cites kernel, C# file and line, and the log.</exception>
    public CudaImage Compile(KernelDescriptor kernel, KernelSource source, int lanes, in SpecializedValues values)
    {
        string text = ProgramText.Compose(Dialect.Cuda, source, lanes, values);
        if (_compiler is null)
        {
            return _ptx.Find(text) is { } packaged
                ? new CudaImage(packaged, default, IsCached: false)
                : throw new EngineException(
                    $"{CudaContext.Cite(kernel)} cannot be compiled for CUDA: {_whyNot}, and it is not among the {_ptx.Count} programs that the package has " +
                    "as PTX. Install NVRTC (part of the CUDA toolkit), or use the device opencl, which needs the driver only.");
        }

        ProgramKey key = ProgramKey.Of(text, _target, _compiler.Name, _driver);
        return _cache?.Load(key) is { } cached ? new CudaImage(cached, key, IsCached: true) : Fresh(kernel, source, text, key);
    }

    /// <summary>Compiles a kernel again whose cached image the driver refused.</summary>
    public CudaImage Again(KernelDescriptor kernel, KernelSource source, int lanes, in SpecializedValues values, CudaImage refused)
    {
        _cache?.Discard(refused.Key);
        return Fresh(kernel, source, ProgramText.Compose(Dialect.Cuda, source, lanes, values), refused.Key);
    }

    [GeneratedRegex(@"([^\s:""]+\.cs)[(:](\d+)")]
    private static partial Regex CSharpLine();

    private CudaImage Fresh(KernelDescriptor kernel, KernelSource source, string text, ProgramKey key)
    {
        CompilerResult result = _compiler!.Compile(text, source.Name + ".cu", _target);
        if (result.Image.Length == 0)
        {
            Match line = CSharpLine().Match(result.Log);
            string place = line.Success ? $"{line.Groups[1].Value}:{line.Groups[2].Value}" : source.File;
            throw new EngineException(
                $"{kernel.Name} ({place}): does not compile for CUDA {_target} with {_compiler.Name}. The compiler's log:\n{result.Log.TrimEnd()}");
        }

        _cache?.Store(key, $"{kernel.Name} for {_target}", result.Image);
        return new CudaImage(result.Image, key, IsCached: false);
    }
}

/// <summary>What the driver loads for a kernel.</summary>
/// <param name="Bytes">Cubin, or PTX with a zero at its end.</param>
/// <param name="Key">What it was compiled from.</param>
/// <param name="IsCached">Whether it comes from the disk.</param>
internal readonly record struct CudaImage(byte[] Bytes, ProgramKey Key, bool IsCached);
