using Trunkline.Cli.Terminal;

namespace Trunkline.Cli.Tests.Terminal;

public sealed class AmountTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1000, "1 KB")]
    [InlineData(1_540_000, "1.5 MB")]
    [InlineData(99_960_000, "100 MB")]
    [InlineData(999_600_000, "1 GB")]
    [InlineData(long.MaxValue, "9223 PB")]
    public void Sizes_are_decimal_and_short(long bytes, string text) => Assert.Equal(text, Amount.Bytes(bytes));

    [Theory]
    [InlineData(250, "250ms")]
    [InlineData(90_000, "90s")]
    [InlineData(7 * 86_400_000L, "7d")]
    public void Durations_read_as_the_project_file_writes_them(long milliseconds, string text) =>
        Assert.Equal(text, Amount.Duration(TimeSpan.FromMilliseconds(milliseconds)));
}
