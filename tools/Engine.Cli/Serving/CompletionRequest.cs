using System.Text.Json;
using Engine.Pretraining.Chat;
using Engine.Pretraining.Generation;

namespace Engine.Cli.Serving;

/// <summary>What a client asks for: the fields of OpenAI's completions and chat completions that a language model can serve.</summary>
internal sealed record CompletionRequest(IReadOnlyList<string> Prompts, SamplingOptions Options, int Copies, bool Stream, bool IsChat)
{
    private const int MostCopies = 128;

    /// <summary>Reads a body.</summary>
    /// <param name="body">JSON.</param>
    /// <param name="chat">Whether it has messages and not a prompt.</param>
    /// <param name="template">How messages become a prompt.</param>
    /// <param name="serial">The number of the request, from which seeds are taken if the client gives none.</param>
    /// <exception cref="EngineException">A field is missing or has a value that it cannot have; names it.</exception>
    public static CompletionRequest Parse(ReadOnlyMemory<byte> body, bool chat, ChatTemplate template, long serial)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            JsonElement root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object
                ? Read(root, chat, template, serial * MostCopies)
                : throw new EngineException("the body is not a JSON object.");
        }
        catch (JsonException e)
        {
            throw new EngineException($"the body is not JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.", e);
        }
        catch (InvalidOperationException e)
        {
            // A string whose escapes make no text.
            throw new EngineException("the body has a string that is not text.", e);
        }
    }

    private static CompletionRequest Read(JsonElement root, bool chat, ChatTemplate template, long seed)
    {
        string[] prompts = chat ? [template.Render(Messages(root)).Text] : Strings(root, "prompt") is { Length: > 0 } given ? given : throw Missing("prompt", "a string or an array of strings");
        string[] stop = Strings(root, "stop") ?? [];
        SamplingOptions options = new SamplingOptions
        {
            Tokens = (int)Number(root, root.TryGetProperty("max_completion_tokens", out _) ? "max_completion_tokens" : "max_tokens", 256, 0, int.MaxValue, whole: true),
            Temperature = (float)Number(root, "temperature", 1, 0, 100),
            TopP = (float)Number(root, "top_p", 1, 1e-6, 1),
            TopK = (int)Number(root, "top_k", 0, 0, int.MaxValue, whole: true),
            MinP = (float)Number(root, "min_p", 0, 0, 1),
            RepetitionPenalty = (float)Number(root, "repetition_penalty", 1, 1e-3, 1000),
            Seed = (ulong)Number(root, "seed", seed, 0, 1L << 53, whole: true),
            Stop = chat ? [.. stop, .. template.Stop] : stop,
        }.Validated();
        return new CompletionRequest(prompts, options, (int)Number(root, "n", 1, 1, MostCopies, whole: true), Flag(root, "stream"), chat);
    }

    private static ChatMessage[] Messages(JsonElement root)
    {
        if (!root.TryGetProperty("messages", out JsonElement messages) || messages.ValueKind != JsonValueKind.Array || messages.GetArrayLength() == 0)
        {
            throw Missing("messages", "an array of {\"role\": …, \"content\": …}");
        }

        return [.. messages.EnumerateArray().Select((m, i) => new ChatMessage(Text(m, i, "role"), Text(m, i, "content")))];

        static string Text(JsonElement message, int i, string name) =>
            message.ValueKind == JsonValueKind.Object && message.TryGetProperty(name, out JsonElement text) && text.ValueKind == JsonValueKind.String
                ? text.GetString()!
                : throw Missing($"messages[{i}].{name}", "a string");
    }

    private static string[]? Strings(JsonElement root, string name)
    {
        if (!root.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind switch
        {
            JsonValueKind.String => [value.GetString()!],
            JsonValueKind.Array when value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.String) => [.. value.EnumerateArray().Select(v => v.GetString()!)],
            _ => throw Missing(name, "a string or an array of strings"),
        };
    }

    private static double Number(JsonElement root, string name, double otherwise, double least, double most, bool whole = false)
    {
        if (!root.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return otherwise;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && number >= least && number <= most && (!whole || double.IsInteger(number))
            ? number
            : throw Missing(name, $"a{(whole ? " whole" : string.Empty)} number from {least:0.######} to {most:0.######}");
    }

    private static bool Flag(JsonElement root, string name) => root.TryGetProperty(name, out JsonElement value) && value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False or JsonValueKind.Null => false,
        _ => throw Missing(name, "true or false"),
    };

    private static EngineException Missing(string name, string expected) => new($"{name}: expected {expected}.");
}
