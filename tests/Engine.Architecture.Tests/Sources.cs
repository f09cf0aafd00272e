namespace Engine.Architecture.Tests;

/// <summary>The files of the repository that people write.</summary>
internal static class Sources
{
    private static readonly string[] Folders = ["src", "kernels", "tools", "tests", "benchmarks", "samples", ".ci"];
    private static readonly string[] Built = [".git", "bin", "obj", "artifacts", "publish", "runs", "TestResults", "BenchmarkDotNet.Artifacts"];

    /// <summary>Files by pattern, relative to the root with forward slashes; build output is left out.</summary>
    public static IEnumerable<string> Files(string pattern) => Folders
        .Select(folder => Path.Combine(Projects.Root, folder)).Where(Directory.Exists)
        .SelectMany(folder => Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories))
        .Concat(Directory.EnumerateFiles(Projects.Root, pattern))
        .Select(file => Path.GetRelativePath(Projects.Root, file).Replace('\\', '/'))
        .Where(file => !file.Split('/').Intersect(Built).Any())
        .Order(StringComparer.Ordinal);

    public static string[] Lines(string file) => File.ReadAllLines(Path.Combine(Projects.Root, file));

    /// <summary>Lines that hold code: neither empty nor a comment alone.</summary>
    public static int CodeLines(string file) =>
        Lines(file).Select(line => line.Trim()).Count(line => line.Length > 0 && !line.StartsWith("//", StringComparison.Ordinal));
}
