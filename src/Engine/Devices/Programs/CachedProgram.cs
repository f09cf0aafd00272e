namespace Engine;

/// <summary>One file of a <see cref="ProgramCache"/>.</summary>
/// <param name="Label">The kernel and the device it was compiled for; null if the file is damaged.</param>
/// <param name="File">The file's path.</param>
/// <param name="Bytes">The file's size.</param>
/// <param name="Written">When it was written, in UTC.</param>
public sealed record CachedProgram(string? Label, string File, long Bytes, DateTime Written);
