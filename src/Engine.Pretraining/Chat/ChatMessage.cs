namespace Engine.Pretraining.Chat;

/// <summary>One turn of a conversation.</summary>
/// <param name="Role">system, user or assistant.</param>
/// <param name="Content">What was said.</param>
public sealed record ChatMessage(string Role, string Content);

/// <summary>A conversation as text.</summary>
/// <param name="Text">What the model reads.</param>
/// <param name="Assistant">The stretches of it that the template marks as the assistant's, which fine-tuning learns; none if it marks none.</param>
public sealed record ChatText(string Text, IReadOnlyList<(int Start, int End)> Assistant);
