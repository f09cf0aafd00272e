using System.Text;

namespace Engine.Cli.Serving;

/// <summary>One turn of a conversation.</summary>
/// <param name="Role">system, user or assistant.</param>
/// <param name="Content">What was said.</param>
internal sealed record ChatMessage(string Role, string Content);

/// <summary>How a conversation becomes a prompt. A model answers well only in the form that it was trained in.</summary>
internal static class ChatTemplate
{
    /// <summary>The names of all forms.</summary>
    public static IReadOnlyList<string> Names { get; } = ["plain", "chatml", "llama2", "zephyr"];

    /// <summary>The prompt that ends where the assistant's answer begins.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="messages">The conversation so far.</param>
    public static string Render(string name, IReadOnlyList<ChatMessage> messages)
    {
        StringBuilder text = new();
        switch (name)
        {
            case "chatml":
                foreach (ChatMessage m in messages)
                {
                    text.Append($"<|im_start|>{m.Role}\n{m.Content}<|im_end|>\n");
                }

                return text.Append("<|im_start|>assistant\n").ToString();
            case "zephyr":
                foreach (ChatMessage m in messages)
                {
                    text.Append($"<|{m.Role}|>\n{m.Content}</s>\n");
                }

                return text.Append("<|assistant|>\n").ToString();
            case "llama2":
                Llama2(messages, text);
                return text.ToString();
            default:
                foreach (ChatMessage m in messages)
                {
                    text.Append($"{m.Role}: {m.Content}\n");
                }

                return text.Append("assistant:").ToString();
        }
    }

    /// <summary>The strings that end an answer in this form.</summary>
    public static IReadOnlyList<string> Stop(string name) => name switch
    {
        "chatml" => ["<|im_end|>"],
        "zephyr" => ["</s>", "<|user|>"],
        "llama2" => ["[INST]"],
        _ => ["\nuser:", "\nsystem:"],
    };

    // The system's words stand inside the first instruction (Touvron et al., Llama 2, 2023, appendix).
    private static void Llama2(IReadOnlyList<ChatMessage> messages, StringBuilder text)
    {
        string system = string.Empty;
        foreach (ChatMessage m in messages)
        {
            switch (m.Role)
            {
                case "system":
                    system = $"<<SYS>>\n{m.Content}\n<</SYS>>\n\n";
                    break;
                case "assistant":
                    text.Append($" {m.Content} ");
                    break;
                default:
                    text.Append($"[INST] {system}{m.Content} [/INST]");
                    system = string.Empty;
                    break;
            }
        }
    }
}
