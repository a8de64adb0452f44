using System.Diagnostics.Metrics;
using Trunkline.Core.Telemetry;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Api;

/// <summary>The instruments of the API. Counted once per request, not per message. Thread-safe.</summary>
internal static class ApiMeter
{
    private static readonly Meter Meter = new(TelemetryNames.Source);

    private static readonly Counter<long> PublishedMessages = Meter.CreateCounter<long>(
        TelemetryNames.PublishedMessages, "{message}", "Messages published over the API");

    private static readonly Counter<long> PublishedBytes = Meter.CreateCounter<long>(
        TelemetryNames.PublishedBytes, "By", "Payload bytes published over the API");

    private static readonly Histogram<double> PublishDuration = Meter.CreateHistogram<double>(
        TelemetryNames.PublishDuration, "s", "Durable append of one publish request");

    private static readonly Counter<long> Problems = Meter.CreateCounter<long>(
        TelemetryNames.Problems, "{problem}", "Requests answered with a problem");

    public static void Published(string topic, List<Message> messages, IReadOnlyList<Appended> appended, TimeSpan spent)
    {
        var duplicates = 0;
        long bytes = 0;
        for (var i = 0; i < appended.Count; i++)
        {
            duplicates += appended[i].Duplicate ? 1 : 0;
            bytes += messages[i].Payload.Length;
        }

        var label = KeyValuePair.Create(TelemetryNames.Topic, (object?)topic);
        PublishDuration.Record(spent.TotalSeconds);
        PublishedBytes.Add(bytes, label);
        if (appended.Count > duplicates)
        {
            PublishedMessages.Add(appended.Count - duplicates, label, KeyValuePair.Create(TelemetryNames.Outcome, (object?)"stored"));
        }

        if (duplicates > 0)
        {
            PublishedMessages.Add(duplicates, label, KeyValuePair.Create(TelemetryNames.Outcome, (object?)"duplicate"));
        }
    }

    public static void Refused(string code) => Problems.Add(1, KeyValuePair.Create(TelemetryNames.Cause, (object?)code));
}
