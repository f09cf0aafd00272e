namespace Engine.KernelLanguage;

/// <summary>
/// Promises that no other view of the same launch overlaps this one, so that device compilers may keep its elements in
/// registers (<c>restrict</c>). A launch that breaks the promise is refused.
/// </summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class UnaliasedAttribute : Attribute;
