using Engine.Pretraining.Chat;
using Engine.Pretraining.Tokenizers;
using Xunit;

namespace Engine.Pretraining.Tests.Chat;

/// <summary>Conversations in the forms of known models, and where templates and their tokens come from.</summary>
public sealed class ChatTemplateTests : IDisposable
{
    private static readonly ChatMessage[] s_messages = [new("system", "Be brief."), new("user", " Hi! "), new("assistant", "Hello\n"), new("user", "Bye")];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("chatml", "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n Hi! <|im_end|>\n<|im_start|>assistant\nHello<|im_end|>\n<|im_start|>user\nBye<|im_end|>\n<|im_start|>assistant\n")]
    [InlineData("llama2", "<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\n Hi! [/INST] Hello </s><s>[INST] Bye [/INST]")]
    [InlineData("llama3", "<s><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nHi!<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nHello<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nBye<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n")]
    [InlineData("mistral", "<s>[INST]  Hi! [/INST] Hello\n</s>[INST] Be brief.\n\nBye[/INST]")]
    [InlineData("zephyr", "<|system|>\nBe brief.</s>\n<|user|>\n Hi! </s>\n<|assistant|>\nHello\n</s>\n<|user|>\nBye</s>\n<|assistant|>\n")]
    public void A_conversation_has_its_models_form(string style, string expected) =>
        Assert.Equal(expected, ChatTemplate.Parse(style, Templates.All[style], Templates.Tokens).Render(s_messages).Text);

    [Fact]
    public void Without_a_prompt_for_the_answer_and_without_a_system()
    {
        ChatTemplate gemma = ChatTemplate.Parse("gemma", Templates.Gemma, Templates.Tokens);
        Assert.Equal("<s><start_of_turn>user\nHi!<end_of_turn>\n<start_of_turn>model\nHello<end_of_turn>\n", gemma.Render(s_messages[1..3], addGenerationPrompt: false).Text);
        Assert.StartsWith("<|im_start|>system\nYou help.<|im_end|>\n<|im_start|>user\n Hi! <|im_end|>\n", ChatTemplate.Parse("chatml", Templates.ChatMl).Render(s_messages[1..]).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_template_refuses_with_its_own_words()
    {
        Assert.Equal(
            "gemma, line 1, column 74: the template refuses this conversation: System role not supported.",
            Assert.Throws<EngineException>(() => ChatTemplate.Parse("gemma", Templates.Gemma, Templates.Tokens).Render(s_messages)).Message);
        Assert.Contains("Roles must alternate", Assert.Throws<EngineException>(() => ChatTemplate.Parse("llama2", Templates.Llama2, Templates.Tokens).Render(s_messages[2..])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_assistants_words_are_marked()
    {
        ChatText text = ChatTemplate.Parse("chatml", Templates.ChatMl).Render([.. s_messages, new("assistant", "See you")], addGenerationPrompt: false);
        Assert.Equal(["Hello<|im_end|>", "See you<|im_end|>"], text.Assistant.Select(span => text.Text[span.Start..span.End]));
        Assert.Empty(ChatTemplate.Parse("zephyr", Templates.Zephyr, Templates.Tokens).Render(s_messages).Assistant);
    }

    [Theory]
    [InlineData("plain", "system: Be brief.\nuser:  Hi! \nassistant: Hello\n\nuser: Bye\nassistant:")]
    [InlineData("chatml", "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n Hi! <|im_end|>\n<|im_start|>assistant\nHello\n<|im_end|>\n<|im_start|>user\nBye<|im_end|>\n<|im_start|>assistant\n")]
    [InlineData("llama2", "[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\n Hi!  [/INST] Hello\n [INST] Bye [/INST]")]
    [InlineData("zephyr", "<|system|>\nBe brief.</s>\n<|user|>\n Hi! </s>\n<|assistant|>\nHello\n</s>\n<|user|>\nBye</s>\n<|assistant|>\n")]
    public void Some_are_known_by_name(string name, string expected) => Assert.Equal(expected, ChatTemplate.Open(name).Render(s_messages).Text);

    [Fact]
    public void A_folder_has_its_own()
    {
        string config = Path.Combine(_folder.Path, "tokenizer_config.json");
        Assert.Null(ChatTemplate.Find(_folder.Path));
        File.WriteAllText(config, """{"bos_token": {"content": "<b>", "lstrip": false}, "eos_token": "<e>", "pad_token": null, "add_bos_token": true}""");
        Assert.Null(ChatTemplate.Find(_folder.Path));
        Assert.Contains("has neither chat_template.jinja nor", Assert.Throws<EngineException>(() => ChatTemplate.Open(_folder.Path)).Message, StringComparison.Ordinal);
        File.WriteAllText(config, """{"bos_token": {"content": "<b>"}, "eos_token": "<e>", "chat_template": "{{ bos_token }}{{ messages|length }}{{ eos_token }}{{ pad_token }}"}""");
        Assert.Equal("<b>4<e>", ChatTemplate.Find(_folder.Path)!.Render(s_messages).Text);
        File.WriteAllText(config, """{"chat_template": [{"name": "tool_use", "template": "no"}, {"name": "default", "template": "{{ messages[-1].content }}"}]}""");
        Assert.Equal("Bye", ChatTemplate.Open(_folder.Path).Render(s_messages).Text);
        File.WriteAllText(config, """{"chat_template": "a\n{{ nope() }}"}""");
        Assert.Equal($"{config}: chat_template, line 2, column 8: 'nope', which is not defined, cannot be called.", Assert.Throws<EngineException>(() => ChatTemplate.Open(_folder.Path).Render(s_messages)).Message);
        File.WriteAllText(config, """{"chat_template": [{"name": "rag"}]}""");
        Assert.Contains("neither a text nor a list", Assert.Throws<EngineException>(() => ChatTemplate.Find(_folder.Path)).Message, StringComparison.Ordinal);
        File.WriteAllText(config, "{\"chat_template\": \"\\ud800\"}");
        Assert.Contains("has a string that is not text", Assert.Throws<EngineException>(() => ChatTemplate.Find(_folder.Path)).Message, StringComparison.Ordinal);
        string own = Path.Combine(_folder.Path, "chat_template.jinja");
        File.WriteAllText(own, "{{ messages[0].role }}\n");
        Assert.Equal("system", ChatTemplate.Find(_folder.Path)!.Render(s_messages).Text);
        Assert.Equal("system", ChatTemplate.Open(own).Render(s_messages).Text);
    }

    [Fact]
    public void Special_tokens_are_found_in_the_text_and_a_beginning_is_written_once()
    {
        ITokenizer tokenizer = new Marked(CharTokenizer.FromText("abc <|>/s"));
        int[] Encode(string text) => ChatTemplate.Encode(tokenizer, text, [100]);
        Assert.Equal([100, .. tokenizer.Encode("a b")], Encode("a b"));
        Assert.Equal([100, 101, .. tokenizer.Encode("ab"), 102, 101], Encode("<|a|>ab<|a|>x<|a|>"));
        Assert.Equal([100, .. tokenizer.Encode("<s"), 100, .. tokenizer.Encode(">")], Encode("<s><s<s>>"));
        Assert.Equal([100], Encode(string.Empty));
    }

    /// <summary>Characters, and three tokens that stand for no text.</summary>
    private sealed class Marked(CharTokenizer characters) : ITokenizer
    {
        public string Kind => characters.Kind;

        public int VocabSize => 103;

        public SpecialTokens SpecialTokens { get; } = new() { Named = new Dictionary<string, int> { ["<s>"] = 100, ["<|a|>"] = 101, ["<|a|>x"] = 102 } };

        public int[] Encode(ReadOnlySpan<char> text) => characters.Encode(text);

        public string Decode(ReadOnlySpan<int> tokens) => characters.Decode(tokens);

        public void WriteProperties(System.Text.Json.Utf8JsonWriter writer) => characters.WriteProperties(writer);
    }
}
