using Trunkline.Server.Sight.Traces;

namespace Trunkline.Server.Sight.Logs;

/// <summary>The lines of one request of another service, and what of it was left out. Not thread-safe.</summary>
/// <param name="now">The time.</param>
internal sealed class LogBatch(DateTimeOffset now)
{
    /// <summary>Records of one request at most.</summary>
    public const int LinesMax = 10_000;

    /// <summary>The lines.</summary>
    public List<LogLine> Lines { get; } = [];

    /// <summary>Records that were refused.</summary>
    public long Refused { get; private set; }

    /// <summary>Lines whose text was cut.</summary>
    public long Cut { get; private set; }

    /// <summary>Attributes left out of lines.</summary>
    public long LeftOut { get; private set; }

    /// <summary>Adds a record, or counts that there is no room.</summary>
    public void Add(LogDraft draft, OtlpResource from, string scope)
    {
        if (Lines.Count == LinesMax)
        {
            Refused++;
            return;
        }

        Lines.Add(draft.Make(from, scope, now, out var isCut));
        Cut += isCut ? 1 : 0;
        LeftOut += draft.LeftOut;
    }

    /// <summary>What was refused and left out, in words; null if nothing was.</summary>
    public string? Remark()
    {
        var parts = new[]
        {
            Refused == 0 ? null : $"{Refused} records refused: one request brings {LinesMax} at most",
            Cut == 0 ? null : $"{Cut} texts cut: a line has {LogLine.TextMax} characters at most, with its attributes",
            LeftOut == 0 ? null : $"{LeftOut} attributes left out: a record has {LogDraft.AttributesMax} at most",
        };
        var text = string.Join("; ", parts.OfType<string>());
        return text.Length == 0 ? null : text + ".";
    }
}
