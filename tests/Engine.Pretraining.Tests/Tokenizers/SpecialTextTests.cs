using System.Text.Json.Nodes;
using Engine.Pretraining.Tokenizers;
using Xunit;

namespace Engine.Pretraining.Tests.Tokenizers;

/// <summary>Special tokens that a text spells, found as the flags of added_tokens say.</summary>
public sealed class SpecialTextTests
{
    [Theory]
    [InlineData("", "a <mask> b", "a,Ġ,<mask>,Ġ,b")]
    [InlineData("lstrip", "a \t<mask> b", "a,<mask>,Ġ,b")]
    [InlineData("rstrip", "a <mask> \n b", "a,Ġ,<mask>,b")]
    [InlineData("lstrip rstrip", " <mask>  <mask> ", "<mask>,<mask>")]
    [InlineData("single_word", "a<mask> <mask>b _<mask> <mask>", "a,<,m,a,s,k,>,Ġ,<,m,a,s,k,>,b,Ġ,_,<,m,a,s,k,>,Ġ,<mask>")]
    [InlineData("single_word", "(<mask>).<mask>", "(,<mask>,),.,<mask>")]
    [InlineData("single_word lstrip", "é<mask> <mask>", "Ã,©,<,m,a,s,k,>,<mask>")]
    [InlineData("", "<mask><mask>", "<mask>,<mask>")]
    [InlineData("lstrip", "   ", "Ġ,Ġ,Ġ")]
    [InlineData("lstrip", "", "")]
    public void Flags_are_honoured(string flags, string text, string pieces)
    {
        JsonNode json = JsonNode.Parse(TokenizerFile.ToJson(BytePairTokenizer.Train("x", 261, extraIds: 0)))!;
        JsonNode mask = json["added_tokens"]!.AsArray().Single(t => (string)t!["content"]! == "<mask>")!;
        foreach (string flag in flags.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            mask[flag] = true;
        }

        ITokenizer tokenizer = TokenizerFile.Parse(json.ToJsonString(), "t.json");
        Assert.Equal(pieces.Split(',', StringSplitOptions.RemoveEmptyEntries), SpecialText.Encode(tokenizer, text).Select(tokenizer.Spell));

        // What a file says is written again.
        ITokenizer again = TokenizerFile.Parse(TokenizerFile.ToJson(tokenizer), "t.json");
        Assert.Equal(SpecialText.Encode(tokenizer, text), SpecialText.Encode(again, text));
    }
}
