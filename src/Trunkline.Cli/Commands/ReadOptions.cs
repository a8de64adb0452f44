using System.CommandLine;
using System.Globalization;
using Trunkline.Client;

namespace Trunkline.Cli.Commands;

/// <summary>What <c>read</c> and <c>tail</c> have in common: which topic, and where to begin.</summary>
internal static class ReadOptions
{
    public static Argument<string> Topic { get; } = new("topic") { Description = "The topic." };

    public static Option<int?> Partition { get; } = new("--partition", "-p") { Description = "Only this partition.", HelpName = "number" };

    public static Option<long?> Offset { get; } = new("--offset", "-o") { Description = "Begin at this offset; needs --partition.", HelpName = "number" };

    public static Option<string?> Time { get; } = new("--time", "-t")
    {
        Description = "Begin at the first message appended at or after this time, such as 2026-01-31T12:00:00Z.",
        HelpName = "time",
    };

    public static Option<bool> Full { get; } = new("--full") { Description = "Show whole payloads; without it a line is cut at 200 characters." };

    public static ReadFrom From(ParseResult parsed, ReadFrom standard)
    {
        var partition = parsed.GetValue(Partition);
        var offset = parsed.GetValue(Offset);
        var time = parsed.GetValue(Time);
        if (offset is not null && (partition is null || time is not null))
        {
            throw CliException.Usage("--offset needs --partition and excludes --time.", "Offsets count within a partition; --time works over all of them.");
        }

        if (time is not null)
        {
            return DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
                ? ReadFrom.Time(at, partition)
                : throw CliException.Usage($"'{time}' is not a time.", "Write it as 2026-01-31T12:00:00Z.");
        }

        return (partition, offset) switch
        {
            ({ } number, { } start) => ReadFrom.Offset(number, start),
            ({ } number, null) => ReadFrom.Partition(number),
            _ => standard,
        };
    }
}
