using Engine.Pretraining.Chat;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Pretraining.Tests.Chat;

/// <summary>The language of templates: values as Python's, white space as transformers', bounds, and places in messages.</summary>
public sealed class JinjaTests
{
    // As jinja2 3.1.6 prints them.
    [Theory]
    [InlineData("s[::-1] ~ s[1:3] ~ s[-2:] ~ s[0]", "😀 olleHel 😀H")]
    [InlineData("s|length", "7")]
    [InlineData("l", "[3, 1, 'x', None, True, 2.5]")]
    [InlineData("l[1:] | first, l | last, l[-4]", "[1, 2.5, 'x']")]
    [InlineData("m.a ~ m['items'] ~ m.items()|list|length ~ m.nope", "132")]
    [InlineData("{'a': 1, 'b': [1.0, none, {}]} | tojson", "{\"a\": 1, \"b\": [1.0, null, {}]}")]
    [InlineData("{'a': [1, 'é\"\\n']} | tojson(indent=2)", "{\n  \"a\": [\n    1,\n    \"é\\\"\\n\"\n  ]\n}")]
    [InlineData("7 // 2, -7 // 2, -7 % 3, 7 / 2, 2 ** 10, 7.5 // 2", "[3, -4, 2, 3.5, 1024, 3.0]")]
    [InlineData("1e16, -1.25e16, 1e100, 1e15, 1.5e-7, 0.0001, 1/3", "[1e+16, -1.25e+16, 1e+100, 1000000000000000.0, 1.5e-07, 0.0001, 0.3333333333333333]")]
    [InlineData("(2 + 3 * 4) ~ 'x' ~ 2 ** 3 ** 2, -2 ** 2, -3 | abs", "['14x64', 4, 3]")]
    [InlineData("not n > 3 or 3 < n <= 7 and n != 8", "True")]
    [InlineData("'b' in m, 'He' in s, 1 in l, 'q' not in l, true == 1", "[False, True, True, True, True]")]
    [InlineData("nope is defined, n is number, s is string, z is none, m is mapping, l is not iterable, 4 is even, 6 is divisibleby 3", "[False, True, True, True, True, False, True, True]")]
    [InlineData("nope | default('d') ~ '' | default('e', true) ~ z | default('f')", "deNone")]
    [InlineData("'a' if nope else 'b' if n else 'c'", "b")]
    [InlineData("' a b  c '.split(), 'a,b,c'.split(',', 1), ' x '.strip() | upper, 'xx'.startswith(('y', 'x'))", "[['a', 'b', 'c'], ['a', 'b,c'], 'X', True]")]
    [InlineData("'hello'.replace('l', 'L', 1) ~ 'a b'.title() ~ 'ab'.find('b') ~ ['a', 1] | join('-')", "heLloA B1a-1")]
    [InlineData("[{'k': 1}, {'k': 2}, {}] | selectattr('k', 'defined') | map(attribute='k') | join(',')", "1,2")]
    [InlineData("range(5, 0, -2) | list, [1, 2] + [3], [0] * 2, 'ab' * 2", "[[5, 3, 1], [1, 2, 3], [0, 0], 'abab']")]
    [InlineData("[\"it's\", 'a\"b', 'x\\ny\\u00e9']", "[\"it's\", 'a\"b', 'x\\nyé']")]
    [InlineData("'5' | int + '2.5' | float, 'x' | int(3), 'a\\nb' | indent(2), 'x' | trim", "[7.5, 3, 'a\\n  b', 'x']")]
    public void Expressions_have_the_values_that_Python_gives_them(string expression, string expected) => Assert.Equal(expected, Render("{{ " + expression + " }}"));

    [Theory]
    [InlineData("a\n{% if n %}\nb\n{% endif %}\nc\n", "a\nb\nc")]
    [InlineData("  {% if n %}x{% endif %}  \n  y", "x  \n  y")]
    [InlineData("a {%- if n -%} b {%- endif -%} c", "abc")]
    [InlineData("a\n   {%+ if n %}b\n{% endif +%}\nc", "a\n   b\n\nc")]
    [InlineData("{# c #}\nx {# d -#}  y", "x y")]
    [InlineData("{{ 'a' -}}   b {{- 'c' }}\n d", "abc\n d")]
    [InlineData("x\r\ny\rz\n\n", "x\ny\nz\n")]
    [InlineData("{{-1}}{{ '%}' }}{{ {'a': {}}['a'] }}", "1%}{}")]
    public void White_space_goes_as_transformers_sets_it(string template, string expected) => Assert.Equal(expected, Render(template));

    [Theory]
    [InlineData("{% for x in l if x is number %}{{ loop.index }}{{ loop.index0 }}{{ loop.first }}{{ loop.last }}{{ x }};{% else %}none{% endfor %}", "10TrueFalse3;21FalseFalse1;32FalseFalseTrue;43FalseTrue2.5;")]
    [InlineData("{% for x in [] %}x{% else %}none{% endfor %}", "none")]
    [InlineData("{% for k, v in m.items() %}{{ k }}={{ v }} {% endfor %}", "a=1 items=3 ")]
    [InlineData("{% for i in range(9) %}{% if i == 2 %}{% continue %}{% elif i == 4 %}{% break %}{% endif %}{{ i }}{% endfor %}", "013")]
    [InlineData("{% set x = 1 %}{% for i in l %}{% set x = 2 %}{% endfor %}{% if x %}{% set y = x %}{% endif %}{{ x }}{{ y }}", "11")]
    [InlineData("{% set ns = namespace(x=1) %}{% for i in range(3) %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }}", "4")]
    [InlineData("{% set a, b = 1, [2] %}{% set c %}[{{ a }}]\n{% endset %}{{ c ~ b }}", "[1]\n[2]")]
    public void Blocks_do_what_they_say(string template, string expected) => Assert.Equal(expected, Render(template));

    [Theory]
    [InlineData("a\n {% foo %}", "t, line 2, column 5: the block 'foo' is not known here; if, for, set, generation, break and continue are.")]
    [InlineData("{% if n %}", "t, line 1, column 4: 'if' has no endif.")]
    [InlineData("{% for x in l %}\n{% endif %}", "t, line 1, column 4: 'for' meets 'endif' in line 2 before its endfor.")]
    [InlineData("{% endif %}", "t, line 1, column 4: 'endif' stands alone.")]
    [InlineData("{{ 'a }}", "t, line 1, column 4: a string has no end.")]
    [InlineData("{{ n", "t, line 1, column 1: '{{' has no end '}}'.")]
    [InlineData("{# n", "t, line 1, column 1: a comment has no end '#}'.")]
    [InlineData("{{ n n }}", "t, line 1, column 6: 'n' is unexpected; expected '}}'.")]
    [InlineData("{{ n ) }}", "t, line 1, column 6: ')' closes nothing.")]
    [InlineData("{{ n ? }}", "t, line 1, column 6: unexpected character '?'.")]
    [InlineData("{{ n is odder }}", "t, line 1, column 9: the test 'odder' is not known here; ")]
    [InlineData("{{ nope.x }}", "t, line 1, column 8: 'nope' is not defined, so it has no x.")]
    [InlineData("{{ 'a' + 1 }}", "t, line 1, column 8: a string + a number has no value.")]
    [InlineData("{{ 1 // 0 }}", "t, line 1, column 6: a division by 0.")]
    [InlineData("{{ 9223372036854775807 + 1 }}", "t, line 1, column 24: a number grows beyond 64 bits.")]
    [InlineData("{% set m.x = 1 %}", "t, line 1, column 8: 'm' is not a namespace, whose members alone can be set.")]
    [InlineData("{% break %}", "t, line 1, column 4: 'break' stands outside of a loop.")]
    public void Mistakes_name_line_and_column(string template, string expected) =>
        Assert.StartsWith(expected, Assert.Throws<EngineException>(() => Render(template)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}", "does not come to an end")]
    [InlineData("{{ range(9000000000) }}", "does not come to an end")]
    [InlineData("{{ 'abc' * 9000000000000 }}", "does not come to an end")]
    [InlineData("{{ [1] * 9000000000000 }}", "does not come to an end")]
    [InlineData("{% set ns = namespace(s='ab') %}{% for i in range(100) %}{% set ns.s = ns.s + ns.s %}{% endfor %}", "does not come to an end")]
    [InlineData("{% set ns = namespace(s='ab' * 100000) %}{% for i in range(100000) %}{{ ns.s | length }}{% endfor %}", "does not come to an end")]
    [InlineData("{% set ns = namespace(s=['ab' * 1000]) %}{% for i in range(100) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s == ns.s }}", "")]
    [InlineData("{% set ns = namespace(s=1) %}{% for i in range(100000) %}{% set ns.s = [ns.s] %}{% endfor %}{{ ns.s }}", "deep")]
    [InlineData("{% set ns = namespace(s=1) %}{% for i in range(100000) %}{% set ns.s = [ns.s] %}{% endfor %}{{ ns.s | tojson }}", "deep")]
    [InlineData("{% set ns = namespace(s=1) %}{% for i in range(100000) %}{% set ns.s = {'a': ns.s} %}{% endfor %}{{ ns.s == [] or ns.s }}", "deep")]
    public void Whatever_a_template_does_is_bounded(string template, string expected) =>
        Assert.Contains(expected, Assert.Throws<EngineException>(() => Render(template)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("{{ ", "(", "1", ")", " }}")]
    [InlineData("{{ ", "-", "1", "", " }}")]
    [InlineData("{{ ", "not ", "1", "", " }}")]
    [InlineData("{{ ", "1 + ", "1", "", " }}")]
    [InlineData("{{ ", "(1 + (", "1", "))", " }}")]
    [InlineData("{{ 1", "", "", "|string", " }}")]
    [InlineData("{{ m", "", "", ".a", " }}")]
    [InlineData("{{ ", "1 if 0 else ", "1", "", " }}")]
    [InlineData("", "{% if n %}", "", "{% endif %}", "")]
    public void Nesting_is_bounded(string before, string open, string inside, string close, string after)
    {
        string Nested(int depth) => before + string.Concat(Enumerable.Repeat(open, depth)) + inside + string.Concat(Enumerable.Repeat(close, depth)) + after;
        ChatTemplate.Parse("t", Nested(20));
        Assert.Contains("lie in each other more than", Assert.Throws<EngineException>(() => ChatTemplate.Parse("t", Nested(20000))).Message, StringComparison.Ordinal);
    }

    // Templates with pieces of others put in, taken out and doubled: a text, or a sentence with line and column.
    [Fact]
    public void No_template_makes_it_fail_or_hang()
    {
        string[] sources = [.. Templates.All.Values];
        string[] pieces = ["{%", "%}", "{{", "}}", "-%}", "{#", "#}", "'", "(", ")", "[", "]", "{", "}", "|", "~", " is ", " in ", " not ", "if ", "else", "for ", "set ", "endfor", "messages", ".x", "[1:]", "|join", "* 99", "\n", "\\", "😀", ",", ":", "="];
        Gen<string> mutated =
            from source in Gen.Elements(sources)
            from edits in (from at in Gen.Choose(0, 2000) from cut in Gen.Choose(0, 30) from piece in Gen.Elements(pieces) from what in Gen.Choose(0, 2) select (at, cut, piece, what)).ListOf()
            select edits.Take(6).Aggregate(source, (text, e) =>
            {
                int at = e.at % (text.Length + 1);
                int cut = Math.Min(e.cut, text.Length - at);
                return e.what switch { 0 => text.Insert(at, e.piece), 1 => text.Remove(at, cut), _ => text.Insert(at, text.Substring(at, cut)) };
            });
        ChatMessage[] messages = [new("user", "a"), new("assistant", "b"), new("user", "c")];
        int rendered = 0;
        Prop.ForAll(mutated.ToArbitrary(), source =>
        {
            try
            {
                ChatTemplate.Parse("t", source, Templates.Tokens).Render(messages);
                rendered++;
                return true;
            }
            catch (EngineException e)
            {
                return e.Message.StartsWith("t, line ", StringComparison.Ordinal) && e.Message.EndsWith('.');
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
        Assert.InRange(rendered, 100, 2900);
    }

    private static string Render(string template) => ChatTemplate.Parse("t", template).Render(new Dictionary<string, object?>
    {
        ["s"] = "Hello 😀",
        ["n"] = 7L,
        ["z"] = null,
        ["l"] = new List<object?> { 3L, 1L, "x", null, true, 2.5 },
        ["m"] = new OrderedDictionary<string, object?> { ["a"] = 1L, ["items"] = 3L },
    }).Text;
}
