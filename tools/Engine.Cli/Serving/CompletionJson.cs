using System.Text.Encodings.Web;
using System.Text.Json;
using Engine.Pretraining.Generation;

namespace Engine.Cli.Serving;

/// <summary>Answers as OpenAI's completions and chat completions have them, whole or in pieces.</summary>
internal sealed class CompletionJson(string model, long serial, bool chat, bool stream)
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly long _created = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    /// <summary>One text, or a piece of it.</summary>
    /// <param name="Index">Which of the texts asked for.</param>
    /// <param name="Text">The text.</param>
    /// <param name="Reason">Why it ended, if it has.</param>
    internal readonly record struct Choice(int Index, string Text, string? Reason);

    /// <summary>The name of a reason.</summary>
    public static string Name(FinishReason reason, bool stopString) => !stopString && reason == FinishReason.Length ? "length" : "stop";

    /// <summary>The whole answer.</summary>
    public byte[] Answer(IReadOnlyList<Choice> choices, int promptTokens, int completionTokens) => Write(w =>
    {
        Head(w, choices);
        w.WriteStartObject("usage");
        w.WriteNumber("prompt_tokens", promptTokens);
        w.WriteNumber("completion_tokens", completionTokens);
        w.WriteNumber("total_tokens", promptTokens + completionTokens);
        w.WriteEndObject();
    });

    /// <summary>A piece of a streamed answer.</summary>
    public byte[] Piece(Choice choice) => Write(w => Head(w, [choice]));

    /// <summary>A mistake.</summary>
    public static byte[] Error(string message, string type) => Write(w =>
    {
        w.WriteStartObject("error");
        w.WriteString("message", message);
        w.WriteString("type", type);
        w.WriteEndObject();
    });

    /// <summary>An object.</summary>
    public static byte[] Write(Action<Utf8JsonWriter> properties)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter writer = new(buffer, s_options))
        {
            writer.WriteStartObject();
            properties(writer);
            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private void Head(Utf8JsonWriter w, IReadOnlyList<Choice> choices)
    {
        w.WriteString("id", $"{(chat ? "chatcmpl" : "cmpl")}-{_created}-{serial}");
        w.WriteString("object", chat ? stream ? "chat.completion.chunk" : "chat.completion" : "text_completion");
        w.WriteNumber("created", _created);
        w.WriteString("model", model);
        w.WriteStartArray("choices");
        foreach (Choice choice in choices)
        {
            w.WriteStartObject();
            w.WriteNumber("index", choice.Index);
            if (chat)
            {
                w.WriteStartObject(stream ? "delta" : "message");
                w.WriteString("role", "assistant");
                w.WriteString("content", choice.Text);
                w.WriteEndObject();
            }
            else
            {
                w.WriteString("text", choice.Text);
            }

            w.WriteNull("logprobs");
            w.WriteString("finish_reason", choice.Reason);
            w.WriteEndObject();
        }

        w.WriteEndArray();
    }
}
