using CsCheck;
using Trunkline.Core.Config;

namespace Trunkline.Core.Tests.Config;

public sealed class ValueTextTests
{
    [Theory]
    [InlineData("200ms", 200)]
    [InlineData("5s", 5_000)]
    [InlineData("1.5s", 1_500)]
    [InlineData("2m", 120_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("7d", 604_800_000)]
    [InlineData("0s", 0)]
    public void Durations_are_a_number_and_a_unit(string text, long milliseconds)
    {
        Assert.True(DurationText.TryParse(text, out var value));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("5 s")]
    [InlineData("5S")]
    [InlineData("-5s")]
    [InlineData("5.s")]
    [InlineData("5sec")]
    [InlineData("1h30m")]
    [InlineData("1e3s")]
    [InlineData("36501d")]
    [InlineData("99999999999999999999d")]
    [InlineData("٥s")]
    public void What_is_no_duration_is_refused(string text) => Assert.False(DurationText.TryParse(text, out _));

    [Theory]
    [InlineData("1KB", 1_000)]
    [InlineData("1KiB", 1_024)]
    [InlineData("64MiB", 67_108_864)]
    [InlineData("1GB", 1_000_000_000)]
    [InlineData("1.5KB", 1_500)]
    [InlineData("2TiB", 2_199_023_255_552)]
    [InlineData("17B", 17)]
    [InlineData("1 GB", 1_000_000_000)]
    public void Sizes_are_decimal_or_binary(string text, long bytes)
    {
        Assert.True(SizeText.TryParse(text, out var value));
        Assert.Equal(bytes, value);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("1gb")]
    [InlineData("1kB")]
    [InlineData("1G")]
    [InlineData("1.0001KB")]
    [InlineData("9999999999TB")]
    [InlineData("-1KB")]
    public void What_is_no_size_is_refused(string text) => Assert.False(SizeText.TryParse(text, out _));

    [Fact]
    public void Durations_written_read_back_the_same() =>
        Gen.Long[0, DurationText.Longest.Ticks / 10_000].Select(ms => TimeSpan.FromMilliseconds(ms))
            .Sample(d => DurationText.TryParse(DurationText.Format(d), out var read) && read == d);

    [Fact]
    public void Sizes_written_read_back_the_same() =>
        Gen.Long[0, 1L << 52].Sample(b => SizeText.TryParse(SizeText.Format(b), out var read) && read == b);

    [Fact]
    public void Ranges_have_the_shorter_first()
    {
        Assert.True(DurationRange.TryParse("200ms..30s", out var range));
        Assert.Equal("200ms..30s", range.ToString());
        Assert.True(DurationRange.TryParse("5s", out var single));
        Assert.Equal(single.Min, single.Max);
        Assert.All(["30s..200ms", "1s...2s", "1s..", "..", "1s-2s", "1s..2s..3s"], text => Assert.False(DurationRange.TryParse(text, out _)));
    }

    [Theory]
    [InlineData("partitons", "partitions")]
    [InlineData("ONFAILURE", "onFailure")]
    [InlineData("ot", "to")]
    [InlineData("completely-different", null)]
    [InlineData("", null)]
    public void The_nearest_word_is_suggested(string word, string? expected) =>
        Assert.Equal(expected, Suggestion.Closest(word, ["partitions", "onFailure", "to", "retention"]));

    [Fact]
    public void Edit_distance_is_a_distance() =>
        Gen.Select(Gen.String[Gen.Char['a', 'd'], 0, 8], Gen.String[Gen.Char['a', 'd'], 0, 8]).Sample((a, b) =>
            Suggestion.Distance(a, b) == Suggestion.Distance(b, a) && (Suggestion.Distance(a, b) == 0) == (a == b)
            && Suggestion.Distance(a, b) <= Math.Max(a.Length, b.Length));
}
