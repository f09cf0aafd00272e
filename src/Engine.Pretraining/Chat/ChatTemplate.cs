using System.Buffers;
using System.Text.Json;
using Engine.Pretraining.Chat.Jinja;
using Engine.Pretraining.Hub;
using Engine.Pretraining.Tokenizers;

namespace Engine.Pretraining.Chat;

/// <summary>
/// How a conversation becomes the text that a model was trained to answer: a template in the language of Jinja, as Hugging Face's folders
/// have it (<c>chat_template</c> in tokenizer_config.json, or chat_template.jinja). A template sees <c>messages</c>,
/// <c>add_generation_prompt</c>, the special tokens (<c>bos_token</c> …), and <c>tools</c> and <c>documents</c>, which are None. It
/// reads and changes nothing else, and what it does is bounded.
/// </summary>
public sealed class ChatTemplate
{
    private const long MostBytes = 1 << 20;
    private readonly string _name;
    private readonly Body _body;
    private readonly IReadOnlyDictionary<string, string> _tokens;

    private ChatTemplate(string name, string source, IReadOnlyDictionary<string, string> tokens)
    {
        (_name, _tokens, _body) = (name, tokens, source.Length <= MostBytes
            ? JinjaParser.Parse(name, source)
            : throw new EngineException($"{name}: a chat template of {source.Length} characters; expected at most {MostBytes}."));
    }

    /// <summary>The names of the templates that are known without a file.</summary>
    public static IReadOnlyList<string> Names { get; } = ["plain", "chatml", "llama2", "zephyr"];

    /// <summary>Strings that end an answer, besides the model's own end tokens.</summary>
    public IReadOnlyList<string> Stop { get; private init; } = [];

    /// <summary>A template from its text.</summary>
    /// <param name="name">For messages: the file.</param>
    /// <param name="source">The text.</param>
    /// <param name="tokens">Special tokens by the names under which the template asks for them.</param>
    /// <exception cref="EngineException">It is not understood; names line and column.</exception>
    public static ChatTemplate Parse(string name, string source, IReadOnlyDictionary<string, string>? tokens = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        return new ChatTemplate(name, source, tokens ?? new Dictionary<string, string>());
    }

    /// <summary>One of <see cref="Names"/>, or a file: a folder with a template, or the template itself.</summary>
    /// <exception cref="EngineException">There is no such template, or it is not understood.</exception>
    public static ChatTemplate Open(string nameOrPath)
    {
        string[] stop = nameOrPath switch
        {
            "chatml" => ["<|im_end|>"],
            "zephyr" => ["</s>", "<|user|>"],
            "llama2" => ["[INST]"],
            _ => ["\nuser:", "\nsystem:"],
        };
        return Names.Contains(nameOrPath) ? new ChatTemplate($"template {nameOrPath}", Source(nameOrPath), new Dictionary<string, string>()) { Stop = stop }
            : Directory.Exists(nameOrPath) ? Find(nameOrPath) ?? throw new EngineException($"{nameOrPath}: has neither chat_template.jinja nor a chat_template in tokenizer_config.json.")
            : File.Exists(nameOrPath) ? Parse(nameOrPath, ReadText(nameOrPath))
            : throw new EngineException($"{nameOrPath}: is neither a chat template's file or folder nor one of {string.Join(", ", Names)}.");
    }

    /// <summary>The template of a model's folder; null if it has none.</summary>
    /// <exception cref="EngineException">It is not understood, or there are several and none is called default.</exception>
    public static ChatTemplate? Find(string folder)
    {
        string config = Path.Combine(folder, "tokenizer_config.json");
        try
        {
            return Find(folder, config);
        }
        catch (InvalidOperationException e)
        {
            // A string whose escapes make no text.
            throw new EngineException($"{config}: has a string that is not text.", e);
        }
    }

    private static ChatTemplate? Find(string folder, string config)
    {
        string own = Path.Combine(folder, "chat_template.jinja");
        JsonElement? json = File.Exists(config) ? HubJson.Read(config).Root : null;
        Dictionary<string, string> tokens = json is { } root ? SpecialTokens(root) : [];
        if (File.Exists(own))
        {
            return Parse(own, ReadText(own), tokens);
        }

        if (json is not { } settings || !settings.TryGetProperty("chat_template", out JsonElement template) || template.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        string? source = template.ValueKind == JsonValueKind.String ? template.GetString()
            : template.ValueKind == JsonValueKind.Array ? template.EnumerateArray().Where(t => Text(t, "name") == "default").Select(t => Text(t, "template")).FirstOrDefault()
            : null;
        return Parse($"{config}: chat_template", source ?? throw new EngineException($"{config}: chat_template is neither a text nor a list with one that is called default."), tokens);
    }

    /// <summary>The conversation as text.</summary>
    /// <param name="messages">Its turns.</param>
    /// <param name="addGenerationPrompt">Whether the text ends where the assistant's next answer begins.</param>
    /// <exception cref="EngineException">The template refuses the conversation, or asks for what is not there; names line and column.</exception>
    public ChatText Render(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt = true) => Render(
        new Dictionary<string, object?>
        {
            ["messages"] = messages.Select(m => (object?)new OrderedDictionary<string, object?> { ["role"] = m.Role, ["content"] = m.Content }).ToList(),
            ["add_generation_prompt"] = addGenerationPrompt,
            ["tools"] = null,
            ["documents"] = null,
        });

    /// <summary>The tokens of a conversation's text: special tokens where their names stand, and text between them. A beginning that the template has written itself is not put there again.</summary>
    /// <param name="tokenizer">The model's.</param>
    /// <param name="text">The text.</param>
    /// <param name="begin">What every prompt begins with.</param>
    public static int[] Encode(ITokenizer tokenizer, string text, IReadOnlyList<int> begin)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(text);
        List<int> tokens = [];
        IReadOnlyDictionary<string, int> special = tokenizer.SpecialTokens.Named;
        SearchValues<string> names = SearchValues.Create([.. special.Keys], StringComparison.Ordinal);
        ReadOnlySpan<char> rest = text;
        while (special.Count > 0 && rest.IndexOfAny(names) is var at and >= 0)
        {
            ReadOnlySpan<char> found = rest[at..];
            string name = LongestPrefix(special.Keys, found);
            tokens.AddRange(at > 0 ? tokenizer.Encode(rest[..at]) : []);
            tokens.Add(special[name]);
            rest = found[name.Length..];
        }

        tokens.AddRange(rest.Length > 0 ? tokenizer.Encode(rest) : []);
        return tokens.Take(begin.Count).SequenceEqual(begin) ? [.. tokens] : [.. begin, .. tokens];
    }

    internal ChatText Render(Dictionary<string, object?> variables)
    {
        foreach ((string name, string token) in _tokens)
        {
            variables.TryAdd(name, token);
        }

        JinjaContext context = new(_name, variables);
        _body.Run(context);
        return new ChatText(context.Output.ToString(), context.Generations);
    }

    private static string LongestPrefix(IEnumerable<string> names, ReadOnlySpan<char> text)
    {
        string longest = string.Empty;
        foreach (string name in names)
        {
            longest = name.Length > longest.Length && text.StartsWith(name, StringComparison.Ordinal) ? name : longest;
        }

        return longest;
    }

    // A token is a string, or an object whose content is one.
    private static Dictionary<string, string> SpecialTokens(JsonElement config) => config.EnumerateObject()
        .Where(p => p.Name.EndsWith("_token", StringComparison.Ordinal))
        .Select(p => (p.Name, Text: p.Value.ValueKind == JsonValueKind.String ? p.Value.GetString() : Text(p.Value, "content")))
        .Where(p => p.Text is not null)
        .DistinctBy(p => p.Name)
        .ToDictionary(p => p.Name, p => p.Text!);

    private static string? Text(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out JsonElement text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;

    private static string ReadText(string path)
    {
        try
        {
            return new FileInfo(path).Length <= MostBytes ? File.ReadAllText(path) : throw new EngineException($"{path}: a chat template of more than {MostBytes} bytes.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"{path}: cannot be read: {e.Message}", e);
        }
    }

    // llama2: the system's words stand inside the first instruction (Touvron et al., Llama 2, 2023, appendix).
    private static string Source(string name) => name switch
    {
        "chatml" => "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
        "zephyr" => "{% for m in messages %}{{ '<|' + m.role + '|>\n' + m.content + '</s>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %}",
        "llama2" => """
            {%- set ns = namespace(system='') -%}
            {%- for m in messages -%}
                {%- if m.role == 'system' -%}
                    {%- set ns.system = '<<SYS>>\n' + m.content + '\n<</SYS>>\n\n' -%}
                {%- elif m.role == 'assistant' -%}
                    {{ ' ' + m.content + ' ' }}
                {%- else -%}
                    {{ '[INST] ' + ns.system + m.content + ' [/INST]' }}
                    {%- set ns.system = '' -%}
                {%- endif -%}
            {%- endfor -%}
            """,
        _ => "{% for m in messages %}{{ m.role + ': ' + m.content + '\n' }}{% endfor %}{% if add_generation_prompt %}{{ 'assistant:' }}{% endif %}",
    };
}
