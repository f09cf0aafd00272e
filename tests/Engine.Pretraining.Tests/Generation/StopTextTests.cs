using Engine.Pretraining.Generation;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Pretraining.Tests.Generation;

public sealed class StopTextTests
{
    [Fact]
    public void However_a_text_is_cut_it_ends_before_the_stop_string_that_is_complete_first()
    {
        Gen<string> text = Gen.Elements('a', 'b', '\n').ArrayOf().Select(c => new string(c));
        Gen<string> some = Gen.Elements('a', 'b', '\n').NonEmptyListOf().Select(c => new string([.. c.Take(3)]));
        Prop.ForAll(text.ToArbitrary(), some.ArrayOf().ToArbitrary(), Gen.Choose(1, 4).ToArbitrary(), (whole, stop, size) =>
        {
            StopText end = new(stop);
            string shown = string.Concat(whole.Chunk(size).Select(c => end.Push(new string(c)))) + end.Flush();
            (int End, int Start)[] places =
                [.. stop.Select(s => (Length: s.Length, At: whole.IndexOf(s, StringComparison.Ordinal))).Where(p => p.At >= 0).Select(p => (p.At + p.Length, p.At))];
            return end.Ended == (places.Length > 0) && shown == whole[..(places.Length > 0 ? places.Min().Start : whole.Length)];
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Only_what_may_begin_a_stop_string_waits()
    {
        StopText text = new(["###", "\n\n"]);
        Assert.Equal("ab", text.Push("ab#"));
        Assert.Equal("#c", text.Push("c"));
        Assert.Equal(string.Empty, text.Push("\n"));
        Assert.Equal("\nd", text.Push("d"));
        Assert.Equal("e", text.Push("e###f"));
        Assert.True(text.Ended);
        Assert.Equal(string.Empty, text.Push("g") + text.Flush());
    }
}
