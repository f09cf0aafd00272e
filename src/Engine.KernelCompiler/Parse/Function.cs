namespace Engine.KernelCompiler;

/// <summary>A translated helper function.</summary>
/// <param name="Name">Its name in the program.</param>
/// <param name="Text">Its declaration.</param>
/// <param name="Captures">Kernel parameters it reads, which every caller passes on behind the ordinary arguments.</param>
/// <param name="UsesScratch">Whether it contains a collective that needs the block's scratch memory.</param>
/// <param name="ChangesMemory">Whether it writes elements of views or spans.</param>
/// <param name="HasEffects">Whether it changes anything its callers can see: memory, or a variable given by reference.</param>
internal sealed record Function(
    string Name, string Text, IReadOnlyList<string> Captures, bool UsesScratch, bool ChangesMemory, bool HasEffects);
