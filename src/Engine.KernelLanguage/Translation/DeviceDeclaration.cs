namespace Engine.KernelLanguage;

/// <summary>
/// One C declaration of a device program: a struct or a function. Programs that need it twice, say a kernel and a
/// function table that share a helper, contain it once: declarations of one name are the same declaration.
/// </summary>
/// <param name="Name">The name in the program, unique by construction: containing type and member.</param>
/// <param name="Text">The text, in the form that <see cref="DeviceText"/> resolves.</param>
public sealed record DeviceDeclaration(string Name, string Text);
