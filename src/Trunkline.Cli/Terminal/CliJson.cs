using System.Text.Json;
using System.Text.Json.Serialization;
using Trunkline.Cli.Commands;
using Trunkline.Client.Api;
using Trunkline.Server.FlowTests;
using Trunkline.Server.Readers;

namespace Trunkline.Cli.Terminal;

/// <summary>JSON documents only the command line writes.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(FailureDocument))]
[JsonSerializable(typeof(FaultsDocument))]
[JsonSerializable(typeof(ReadyDocument))]
[JsonSerializable(typeof(VersionDocument))]
[JsonSerializable(typeof(CreatedDocument))]
[JsonSerializable(typeof(JournalVerdictDocument))]
[JsonSerializable(typeof(StoreReportDocument))]
[JsonSerializable(typeof(RestoreDocument))]
[JsonSerializable(typeof(FlowTestReport))]
[JsonSerializable(typeof(StepTrace))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(DiffDocument))]
[JsonSerializable(typeof(SchemaDiffDocument))]
[JsonSerializable(typeof(ContractsReport))]
[JsonSerializable(typeof(DocsDocument))]
[JsonSerializable(typeof(PactVerificationReport))]
internal sealed partial class CliJson : JsonSerializerContext;

/// <summary>What failed.</summary>
internal sealed record FailureDocument(FailureView Error);

/// <summary>A failure, its remedy, and the faults of a project file if it was about one.</summary>
internal sealed record FailureView(string Code, string Message, string Remedy, IReadOnlyList<FaultView>? Faults = null);

/// <summary>What a check found.</summary>
internal sealed record FaultsDocument(IReadOnlyList<FaultView> Faults);

/// <summary>The one line of <c>run --json</c>.</summary>
internal sealed record ReadyDocument(string Event, string Url, string Version);

/// <summary>What this program is.</summary>
internal sealed record VersionDocument(string Version, string Runtime, string Os);

/// <summary>Files that were written.</summary>
internal sealed record CreatedDocument(IReadOnlyList<string> Created);

/// <summary>What a journal shows.</summary>
internal sealed record JournalVerdictDocument(
    bool Sound, int Attempted, int Acknowledged, int Recovered, int Stored,
    IReadOnlyDictionary<string, int> Counts, IReadOnlyList<JournalFindingView> Findings);

/// <summary>One thing a journal shows to have gone wrong.</summary>
internal sealed record JournalFindingView(string Kind, string Where, string Detail);

/// <summary>What a look at a store saw.</summary>
internal sealed record StoreReportDocument(
    bool Clean, string Store, int Topics, long Batches, long Messages, IReadOnlyList<StoreFindingView> Findings, string? RepairedInto);

/// <summary>A backup that was restored; <paramref name="MovedTo"/> is where the store that was there is now.</summary>
internal sealed record RestoreDocument(string Backup, string Store, DateTimeOffset TakenAt, ulong Sequence, int Topics, long Messages, string? MovedTo);

/// <summary>One thing wrong with a store; <paramref name="To"/> is the last offset it is about.</summary>
internal sealed record StoreFindingView(string Kind, string? Topic, int? Partition, long? From, long? To, string Detail);

/// <summary>What a candidate project would do with recorded messages.</summary>
/// <param name="Messages">Messages compared, over all flows.</param>
/// <param name="Moved">Of them, those that would go elsewhere.</param>
/// <param name="Undecided">Messages that could not be compared.</param>
/// <param name="LimitExceeded">Whether a limit is not kept.</param>
/// <param name="Flows">Flow by flow.</param>
internal sealed record DiffDocument(long Messages, long Moved, long Undecided, bool LimitExceeded, IReadOnlyList<ComparisonView> Flows)
{
    /// <summary>Limits that are not kept, in words.</summary>
    public IReadOnlyList<string> Exceeded { get; init; } = [];
}
