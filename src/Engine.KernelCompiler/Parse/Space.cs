namespace Engine.KernelCompiler;

/// <summary>The kind of memory a pointer points to.</summary>
internal enum Space
{
    /// <summary>The lane's own.</summary>
    Private,

    /// <summary>The block's, shared by its lanes.</summary>
    Shared,

    /// <summary>The device's.</summary>
    Global,
}
