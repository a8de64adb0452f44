using System.Diagnostics;
using System.Globalization;
using OpenTelemetry;
using Trunkline.Core.Telemetry;

namespace Trunkline.Server.Sight.Traces;

/// <summary>Hands the node's own spans on to be kept: those of the share, and those recorded for another reason. Thread-safe.</summary>
/// <param name="queue">Where they wait.</param>
internal sealed class KeptSpans(TraceQueue queue) : BaseProcessor<Activity>
{
    /// <summary>What the node itself is called.</summary>
    public const string Service = "trunkline";

    private static readonly DateTime Epoch = DateTime.UnixEpoch;

    /// <inheritdoc/>
    public override void OnEnd(Activity data)
    {
        if ((!data.Recorded && data.GetTagItem(SpanNames.Share) is null) || data.GetCustomProperty(MessageSpan.KeptElsewhere) is not null)
        {
            return;
        }

        Count(queue.TryAdd(data), 1);
    }

    /// <summary>Who keeps the tries of the share, and the times of all.</summary>
    public SpanKeeper Keeper(TraceShare share, Action<TryTimes> note) => new(
        share.Of,
        tried =>
        {
            share.Count(tried.Count);
            Count(queue.TryAdd(tried), tried.Count);
        })
    {
        Note = note,
    };

    /// <summary>The spans of a try.</summary>
    public static IEnumerable<TraceSpan> Of(MessageSpan tried)
    {
        var trace = tried.Link.TraceId.ToHexString();
        return tried.Records().Select((span, i) => new TraceSpan
        {
            Trace = trace,
            Id = span.Id.ToHexString(),
            Parent = span.Parent == default ? null : span.Parent.ToHexString(),
            Name = span.Name,
            Role = RoleOf(span.Kind),
            Start = TraceTime.Of(span.Start),
            End = Math.Max(TraceTime.Of(span.Start), TraceTime.Of(span.End)),
            Failed = span.Failed,
            Service = Service,
            Attributes = [.. span.Tags.Select(Text)],
            Links = i == 0 && tried.Link.SpanId != default ? [new SpanRef(trace, tried.Link.SpanId.ToHexString())] : [],
        });
    }

    /// <summary>The span of an activity.</summary>
    public static TraceSpan Of(Activity data)
    {
        var start = (data.StartTimeUtc - Epoch).Ticks * 100;
        return new TraceSpan
        {
            Trace = data.TraceId.ToHexString(),
            Id = data.SpanId.ToHexString(),
            Parent = data.ParentSpanId == default ? null : data.ParentSpanId.ToHexString(),
            Name = data.DisplayName,
            Role = RoleOf(data.Kind),
            Start = start,
            End = start + (data.Duration.Ticks * 100),
            Failed = data.Status == ActivityStatusCode.Error,
            Service = Service,
            Attributes = [.. data.TagObjects.Where(t => t.Value is not null).Select(Text)],
            Links = [.. data.Links.Select(l => new SpanRef(l.Context.TraceId.ToHexString(), l.Context.SpanId.ToHexString()))],
        };
    }

    private static SpanRole RoleOf(ActivityKind kind) => kind switch
    {
        ActivityKind.Server => SpanRole.Server,
        ActivityKind.Client => SpanRole.Client,
        ActivityKind.Producer => SpanRole.Producer,
        ActivityKind.Consumer => SpanRole.Consumer,
        _ => SpanRole.Internal,
    };

    private static KeyValuePair<string, string> Text(KeyValuePair<string, object?> tag) => new(tag.Key, Convert.ToString(tag.Value, CultureInfo.InvariantCulture) ?? "");

    private static void Count(bool isTaken, int spans)
    {
        if (isTaken)
        {
            TraceMeter.Taken(spans);
        }
        else
        {
            TraceMeter.Dropped(spans);
        }
    }
}
