using System.CommandLine;
using System.CommandLine.Help;
using Engine.Cli.Output;
using Engine.KernelLanguage;
using Engine.Pretraining.Configuration;

namespace Engine.Cli.Commands;

/// <summary><c>engine kernels</c>: the kernels, their translations, and the cache of compiled programs.</summary>
internal static class KernelsCommand
{
    private const int PlainWidth = 200;

    public static Command Create(Host host)
    {
        Command command = new("kernels", "List the kernels, show what they become on devices; `engine bench` times them.");
        command.Subcommands.Add(List(host));
        command.Subcommands.Add(Show(host));
        command.Subcommands.Add(Cache(host));
        command.SetAction(result => new HelpAction().Invoke(result));
        return command;
    }

    /// <summary>The kernel that the user means: by its whole name, or by its name without type arguments.</summary>
    /// <exception cref="EngineException">There is no such kernel.</exception>
    internal static KernelDescriptor Find(string name) =>
        KernelCatalog.All.FirstOrDefault(k => string.Equals(k.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? KernelCatalog.All.FirstOrDefault(k => string.Equals(k.Source!.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new EngineException(
            $"there is no kernel {name}.{Nearest.Suggest(name, KernelCatalog.All.Select(k => k.Source!.Name))} `engine kernels list` lists them.");

    private static Command List(Host host)
    {
        Command command = new("list", "List every kernel with its arguments.");
        command.SetAction(_ =>
        {
            foreach (KernelDescriptor kernel in KernelCatalog.All)
            {
                host.Out.WriteLine($"{kernel.Name,-28} {kernel.Source!.File,-28} {string.Join(", ", kernel.Source.Parameters.Select(p => $"{p.Type} {p.Name}"))}");
            }

            return 0;
        });
        return command;
    }

    private static Command Show(Host host)
    {
        Command command = new("show", "Print a kernel's C# source, or the source beside its translation.");
        Argument<string> name = new("name") { Description = "a kernel of `engine kernels list`" };
        Option<string> target = new("--target") { Description = "cuda, opencl, or csharp for the source alone", DefaultValueFactory = _ => "csharp" };
        command.Arguments.Add(name);
        command.Options.Add(target);
        command.SetAction(result =>
        {
            KernelDescriptor kernel = Find(result.GetValue(name)!);
            string source = KernelText.Of(kernel);
            string wanted = result.GetValue(target)!;
            if (wanted == "csharp")
            {
                host.Out.Write(source);
                return 0;
            }

            Dialect dialect = wanted switch
            {
                "cuda" => Dialect.Cuda,
                "opencl" => Dialect.OpenCl,
                _ => throw new EngineException($"--target {wanted}: the targets are cuda, opencl and csharp."),
            };
            SideBySide.Write(host.Out, source, kernel.Source!.Print(dialect, lines: false), host.Live ? Console.WindowWidth - 1 : PlainWidth);
            return 0;
        });
        return command;
    }

    private static Command Cache(Host host)
    {
        Command command = new("cache", "Show or clear the compiled programs kept on disk.");
        Command show = new("show", "List the programs.");
        show.SetAction(_ =>
        {
            ProgramCache cache = new(ProgramCache.DefaultFolder);
            IReadOnlyList<CachedProgram> programs = cache.List();
            foreach (CachedProgram program in programs)
            {
                host.Out.WriteLine($"{program.Written:yyyy-MM-dd HH:mm}  {Bytes.Format(program.Bytes),10}  {program.Label ?? "(damaged, will be compiled again)"}");
            }

            host.Out.WriteLine($"{programs.Count} programs, {Bytes.Format(programs.Sum(p => p.Bytes))} in {cache.Folder}");
            return 0;
        });
        Command clear = new("clear", "Delete the programs; they are compiled again when they are needed.");
        clear.SetAction(_ =>
        {
            ProgramCache cache = new(ProgramCache.DefaultFolder);
            host.Out.WriteLine($"{Bytes.Format(cache.Clear())} freed in {cache.Folder}");
            return 0;
        });
        command.Subcommands.Add(show);
        command.Subcommands.Add(clear);
        command.SetAction(result => new HelpAction().Invoke(result));
        return command;
    }
}
