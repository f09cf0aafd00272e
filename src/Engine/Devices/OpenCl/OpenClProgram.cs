namespace Engine;

/// <summary>A kernel compiled and loaded: what a launch needs.</summary>
/// <param name="Handle">The driver's kernel object.</param>
/// <param name="Lanes">Lanes of a block, fixed in the program.</param>
/// <param name="Checks">What to check before a launch.</param>
internal sealed record OpenClProgram(nint Handle, int Lanes, LaunchChecks Checks);
