using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.Json.Serialization;
using Trunkline.Core.Telemetry;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Topics;

namespace Trunkline.Server.Traffic;

/// <summary>
/// Alarms about drift: the compacted topic <c>trunkline.drift</c>, to be read like any, and a view of it. One alarm for each field, producer and kind of change until it is
/// closed, over restarts too. Thread-safe.
/// </summary>
internal sealed class DriftBook
{
    /// <summary>The topic.</summary>
    public const string TopicName = "trunkline.drift";

    /// <summary>Open alarms of one topic; what comes beyond is counted only.</summary>
    public const int AlarmsMax = 200;

    private static readonly Meter Meter = new(TelemetryNames.Source);
    private static readonly Counter<long> Raised = Meter.CreateCounter<long>(TelemetryNames.DriftAlarms, "{alarm}", "Changes of the shape of messages that were told");

    private readonly IBroker _broker;
    private readonly InternalTopic _topic;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, DriftAlarm> _alarms = new(StringComparer.Ordinal);

    private DriftBook(IBroker broker, TimeProvider time) => (_broker, _topic, _time) = (broker, new InternalTopic(broker, TopicName, compacted: true), time);

    /// <summary>Opens the book and rebuilds its view.</summary>
    public static async Task<DriftBook> OpenAsync(IBroker broker, TimeProvider time, CancellationToken cancellationToken)
    {
        var book = new DriftBook(broker, time);
        await book._topic.EnsureAsync(cancellationToken);
        await foreach (var message in book._topic.ReadAsync(0, cancellationToken))
        {
            var alarm = book._topic.Value(message, DriftJson.Default.DriftAlarm);
            book._alarms[alarm.Key()] = alarm;
        }

        return book;
    }

    /// <summary>The alarms of a topic, newest first; of all topics for null.</summary>
    public IReadOnlyList<DriftAlarm> Of(string? topic) =>
        [.. _alarms.Values.Where(alarm => topic is null || alarm.Topic == topic).OrderByDescending(alarm => alarm.At).ThenBy(alarm => alarm.Field, StringComparer.Ordinal)];

    /// <summary>Raises an alarm; false if it stands already, or too many do.</summary>
    public async Task<bool> RaiseAsync(DriftAlarm alarm, CancellationToken cancellationToken)
    {
        var key = alarm.Key();
        if (_alarms.TryGetValue(key, out var known) && known.ClosedAt is null)
        {
            return false;
        }

        Raised.Add(1, KeyValuePair.Create(TelemetryNames.Topic, (object?)alarm.Topic), KeyValuePair.Create(TelemetryNames.Kind, (object?)alarm.Kind));
        if (_alarms.Values.Count(one => one.Topic == alarm.Topic && one.ClosedAt is null) >= AlarmsMax)
        {
            return false;
        }

        await WriteAsync(alarm with { At = _time.GetUtcNow() }, cancellationToken);
        return true;
    }

    /// <summary>Closes the alarms of a topic: what is now is what is usual. Gives how many.</summary>
    public async Task<int> CloseAsync(string topic, CancellationToken cancellationToken)
    {
        var open = Of(topic).Where(alarm => alarm.ClosedAt is null).ToList();
        foreach (var alarm in open)
        {
            await WriteAsync(alarm with { ClosedAt = _time.GetUtcNow() }, cancellationToken);
        }

        return open.Count;
    }

    private async Task WriteAsync(DriftAlarm alarm, CancellationToken cancellationToken)
    {
        await _broker.AppendAsync(_topic.Append(alarm.Key(), alarm, DriftJson.Default.DriftAlarm), cancellationToken);
        _alarms[alarm.Key()] = alarm;
    }
}

/// <summary>An alarm, as the topic holds it. No payload, no value.</summary>
internal sealed record DriftAlarm
{
    public required string Topic { get; init; }

    public required string Producer { get; init; }

    public required string Field { get; init; }

    public required string Kind { get; init; }

    public required string Was { get; init; }

    public required string Now { get; init; }

    /// <summary>A value of now, masked.</summary>
    public required string Example { get; init; }

    /// <summary>Who answers for the producer, or the topic.</summary>
    public string? Owner { get; init; }

    public DateTimeOffset At { get; init; }

    public DateTimeOffset? ClosedAt { get; init; }

    /// <summary>What there is one alarm of.</summary>
    public string Key() => $"{Topic}/{Kind}/{Producer}/{Field}";
}

/// <summary>How it is stored.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DriftAlarm))]
internal sealed partial class DriftJson : JsonSerializerContext;
