using System.Text;
using Microsoft.Extensions.Logging;
using Trunkline.Core.Security;
using Trunkline.Core.Telemetry;
using Trunkline.Server.Sight.Traces;

namespace Trunkline.Server.Sight.Logs;

/// <summary>A log record of another service as it is read, with its bounds: what is more is left out and counted. Not thread-safe.</summary>
internal sealed class LogDraft
{
    /// <summary>Attributes of a record at most.</summary>
    public const int AttributesMax = 32;

    // Names by which services say what their record is about: the message's id, and its key.
    private static readonly string[] MessageNames = [SpanNames.MessageId, "cloudevents.event_id"];
    private static readonly string[] KeyNames = ["messaging.kafka.message.key", "trunkline.key"];

    private readonly List<KeyValuePair<string, string>> _attributes = [];
    private string? _message;
    private string? _keyMark;
    private string? _flow;
    private string? _owner;

    public ulong Time { get; set; }

    public ulong ObservedTime { get; set; }

    public ulong Severity { get; set; }

    public string? Body { get; set; }

    public string Trace { get; set; } = "";

    /// <summary>Attributes left out.</summary>
    public int LeftOut { get; private set; }

    /// <summary>Takes an attribute. Of a key only its mark is kept, as of the keys of the node's own messages.</summary>
    public void Attribute(string name, string? value)
    {
        if (value is null || SpanText.IsContent(name))
        {
            return;
        }

        if (MessageNames.Contains(name))
        {
            _message = SpanText.Clean(value, SpanText.ValueMax);
        }
        else if (KeyNames.Contains(name))
        {
            _keyMark = KeyMark.Of(value);
        }
        else if (name == SpanNames.Flow)
        {
            _flow = SpanText.Clean(value, SpanText.NameMax);
        }
        else if (name == OtlpResource.OwnerName)
        {
            _owner = SpanText.Clean(value, SpanText.NameMax);
        }
        else if (_attributes.Count == AttributesMax)
        {
            LeftOut++;
        }
        else
        {
            _attributes.Add(new(SpanText.Clean(name, SpanText.NameMax), SpanText.Clean(value, SpanText.ValueMax)));
        }
    }

    /// <summary>The line.</summary>
    /// <param name="from">Who sends it.</param>
    /// <param name="scope">What in the service says it.</param>
    /// <param name="now">The time; no line is of a later one, so that what was appended before a time is of before it.</param>
    /// <param name="isCut">Whether its text was longer.</param>
    public LogLine Make(OtlpResource from, string scope, DateTimeOffset now, out bool isCut)
    {
        var text = new StringBuilder(OneLine(Body ?? ""));
        foreach (var (name, value) in _attributes)
        {
            text.Append(text.Length > 0 ? " " : "").Append(name).Append('=').Append(OneLine(value));
        }

        isCut = text.Length > LogLine.TextMax;
        return new LogLine(TimeOf(Time != 0 ? Time : ObservedTime, now), LevelOf(Severity), SpanText.Clean(scope, SpanText.NameMax), SpanText.Clean(text.ToString(), LogLine.TextMax))
        {
            Flow = _flow,
            Message = _message,
            KeyMark = _keyMark,
            Trace = SpanDraft.IsId(Trace, 32) ? Trace : null,
            Service = from.Service,
            Owner = _owner ?? from.Owner,
        };
    }

    // What is older than lines are kept is of the time it came; as is what has no time.
    private static DateTimeOffset TimeOf(ulong told, DateTimeOffset now)
    {
        var at = told <= long.MaxValue ? DateTimeOffset.UnixEpoch.AddTicks((long)told / 100) : DateTimeOffset.MaxValue;
        return at > now || at < now - LogStore.KeptFor ? now : at;
    }

    // OTLP has four numbers for each of six levels; the least has no word of its own here.
    private static LogLevel LevelOf(ulong severity) => severity switch
    {
        0 => LogLevel.Information,
        < 9 => LogLevel.Debug,
        < 13 => LogLevel.Information,
        < 17 => LogLevel.Warning,
        < 21 => LogLevel.Error,
        _ => LogLevel.Critical,
    };

    private static string OneLine(string text) => text.ReplaceLineEndings(" ↵ ").Replace('\t', ' ');
}
