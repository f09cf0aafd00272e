namespace Engine.KernelLanguage;

/// <summary>The device text of a table of functions: what a generic kernel calls through its type parameter.</summary>
/// <param name="Name">The table's name; its functions are called <c>Name_Member</c> in programs.</param>
/// <param name="Declarations">Its functions and what they call, callees first.</param>
public sealed record DeviceFunctions(string Name, IReadOnlyList<DeviceDeclaration> Declarations);
