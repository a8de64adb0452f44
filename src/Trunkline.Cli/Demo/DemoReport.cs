using System.Text.Json;
using System.Text.Json.Serialization;
using Trunkline.Cli.Demo.Planted;

namespace Trunkline.Cli.Demo;

/// <summary>What <c>trunkline demo --json</c> prints; names and shape are fixed for the outside world.</summary>
internal sealed record DemoReport
{
    private static readonly JsonSerializerOptions s_options = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Mails that went in.</summary>
    public required int In { get; init; }

    /// <summary>Mails by the topic they ended in.</summary>
    public required IReadOnlyDictionary<string, int> Sinks { get; init; }

    /// <summary>Mails a filter or the lack of a branch ended.</summary>
    public required int Filtered { get; init; }

    /// <summary>Dead letters of intake and triage.</summary>
    public required int DeadLetters { get; init; }

    /// <summary>Calls to the outside.</summary>
    public required DemoEffects Effects { get; init; }

    /// <summary>Mails a second, from the first to the last.</summary>
    public required double Throughput { get; init; }

    /// <summary>From the mail's append to its arrival in its topic.</summary>
    public required DemoLatency LatencyMs { get; init; }

    /// <summary>How well spam was told from the rest, on the mails no model was trained on only.</summary>
    public required DemoSpam Spam { get; init; }

    /// <summary>What the candidate would change.</summary>
    public required DemoDiff Diff { get; init; }

    /// <summary><c>spamassassin</c> or <c>bundled</c>.</summary>
    public required string Corpus { get; init; }

    /// <summary>What became of the drift that was planted beside the mails.</summary>
    public required DriftReport Drift { get; init; }

    /// <summary>Whether every mail ended in exactly one place.</summary>
    [JsonIgnore]
    public bool AddsUp => In == Sinks.Values.Sum() + Filtered + DeadLetters && Effects.Webhook.Distinct == Sinks.GetValueOrDefault("mail.urgent");

    /// <summary>The report as one line of JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, s_options);
}

/// <summary>Calls to the outside, by sink.</summary>
internal sealed record DemoEffects(DemoWebhook Webhook);

/// <summary>Requests the receiver got, and different ids among them.</summary>
internal sealed record DemoWebhook(int Attempts, int Distinct);

/// <summary>Latencies in milliseconds.</summary>
internal sealed record DemoLatency(double P50, double P99);

/// <summary>Figures of the spam model.</summary>
internal sealed record DemoSpam(double Precision, double Recall);

/// <summary>Mails the candidate sends elsewhere.</summary>
internal sealed record DemoDiff(int Moved);
