using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>Copies between tensors of one shape and dtype with any strides. Not an op: it has no gradient of its own.</summary>
internal static class StridedCopy
{
    /// <summary>target = source.</summary>
    public static void Launch(Device device, Tensor source, Tensor target)
    {
        Int8Matrix.Refuse("Copy", source);
        long n = source.Count;
        Layout from = Layouts.Of(source);
        Layout to = Layouts.Of(target);
        if (source.DType.Size() == 4)
        {
            device.Launch(new CopyStrided<int>(source.Raw<int>(), target.Raw<int>(), from, to, n), Block.Cover(n));
        }
        else
        {
            device.Launch(new CopyStrided<ushort>(source.Raw<ushort>(), target.Raw<ushort>(), from, to, n), Block.Cover(n));
        }
    }
}
