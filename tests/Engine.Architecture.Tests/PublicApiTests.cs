using Xunit;

namespace Engine.Architecture.Tests;

/// <summary>
/// What the packages show to others is in a file beside each project, so that a change of it is a change that is looked at.
/// <c>ENGINE_REWRITE_API=1</c> rewrites the files; a line that goes away or changes breaks somebody's program.
/// </summary>
public sealed class PublicApiTests
{
    private const string Variable = "ENGINE_REWRITE_API";

    public static TheoryData<string> Packed => [.. Projects.Shipped.Select(p => p.Name).Where(n => n != "Engine.Cli")];

    [Theory]
    [MemberData(nameof(Packed))]
    public void The_public_surface_is_what_its_file_says(string name)
    {
        ShippedProject project = Projects.Of(name);
        string path = Path.Combine(Path.GetDirectoryName(project.File)!, "PublicApi.txt");
        string surface = PublicSurface.Of(project.Assembly);
        if (Environment.GetEnvironmentVariable(Variable) == "1")
        {
            File.WriteAllText(path, surface);
        }

        string[] reviewed = File.Exists(path) ? File.ReadAllLines(path) : [];
        string[] now = surface.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] changes = [.. Changes(reviewed, now, "- "), .. Changes(now, reviewed, "+ ")];
        Assert.True(
            changes.Length == 0 && reviewed.SequenceEqual(now),
            $"The public surface of {name} is not that of {Path.GetRelativePath(Projects.Root, path)}. If that is meant, run these tests with {Variable}=1 and commit the file.\n{string.Join('\n', changes.Take(40))}");
    }

    // A line says what it says of the type above it.
    private static IEnumerable<string> Changes(string[] from, string[] to, string sign) =>
        Qualified(from).Except(Qualified(to)).Select(line => sign + line);

    private static IEnumerable<string> Qualified(string[] lines)
    {
        string type = string.Empty;
        foreach (string line in lines)
        {
            bool member = line.StartsWith(' ');
            type = member ? type : line;
            yield return member ? $"{line.Trim()} in {type}" : line;
        }
    }
}
