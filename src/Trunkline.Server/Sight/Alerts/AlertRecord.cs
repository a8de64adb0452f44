using System.Text.Json.Serialization;
using Trunkline.Server.Releases;

namespace Trunkline.Server.Sight.Alerts;

/// <summary>Something that is wrong now.</summary>
/// <param name="Key">What is wrong where: the same each time.</param>
/// <param name="Rule">The rule that says so.</param>
/// <param name="IsPage">Whether somebody has to be woken.</param>
/// <param name="Subject">The flow, or the model.</param>
/// <param name="Hop">The sink, the SLO, or <c>in</c>.</param>
/// <param name="Summary">What, in one line.</param>
internal sealed record AlertCondition(string Key, string Rule, bool IsPage, string Subject, string Hop, string Summary)
{
    public string Detail { get; init; } = "";

    public string? Owner { get; init; }

    /// <summary>Since when; null for since it is noticed.</summary>
    public DateTimeOffset? Since { get; init; }
}

/// <summary>An alert from when it was noticed to when it was over, as it is kept.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Number">Counts alerts of the node, from 1.</param>
/// <param name="Condition">What is wrong, as it was seen last.</param>
/// <param name="Since">Since when.</param>
/// <param name="DetectedAt">When it was noticed.</param>
internal sealed record AlertRecord(string Id, long Number, AlertCondition Condition, DateTimeOffset Since, DateTimeOffset DetectedAt)
{
    public DateTimeOffset SeenAt { get; init; } = DetectedAt;

    public DateTimeOffset? AcknowledgedAt { get; init; }

    public string? AcknowledgedBy { get; init; }

    public DateTimeOffset? ResolvedAt { get; init; }

    /// <summary>The last change before it began; null for none.</summary>
    public Change? Change { get; init; }

    /// <summary>Who was told what, and when, by receiver.</summary>
    public IReadOnlyDictionary<string, AlertTold> Told { get; init; } = new Dictionary<string, AlertTold>();

    /// <summary>Where it stands, whoever was told.</summary>
    [JsonIgnore]
    public AlertStatus Status => ResolvedAt is not null ? AlertStatus.Resolved : AcknowledgedAt is not null ? AlertStatus.Acknowledged : AlertStatus.Firing;
}

/// <summary>Where an alert stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AlertStatus>))]
internal enum AlertStatus
{
    /// <summary>It is on, and nobody has taken it on.</summary>
    Firing,

    /// <summary>Somebody has.</summary>
    Acknowledged,

    /// <summary>It is over.</summary>
    Resolved,
}

/// <summary>What a receiver was told last.</summary>
/// <param name="Status">What.</param>
/// <param name="At">When.</param>
internal sealed record AlertTold(AlertStatus Status, DateTimeOffset At);

/// <summary>Nobody is told of what fits, until it ends.</summary>
internal sealed record Silence(string Id, string? Rule, string? Subject, string? Owner, DateTimeOffset Until, string By, string Comment)
{
    public bool Covers(AlertCondition condition) =>
        (Rule is null || Rule == condition.Rule) && (Subject is null || Subject == condition.Subject) && (Owner is null || Owner == condition.Owner);
}

/// <summary>All silences, as they are kept.</summary>
internal sealed record SilenceBook(IReadOnlyList<Silence> Silences);

/// <summary>JSON of what is kept.</summary>
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AlertRecord))]
[JsonSerializable(typeof(SilenceBook))]
internal sealed partial class AlertJson : JsonSerializerContext;
