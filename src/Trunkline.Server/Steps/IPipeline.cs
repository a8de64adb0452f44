using Trunkline.Core.Telemetry;
using Trunkline.Messaging;
using Trunkline.Server.State;

namespace Trunkline.Server.Steps;

/// <summary>
/// The steps and branches of one flow in one revision, for one lane: not thread-safe, one message at a time. Two real kinds:
/// from the project file, and from a flow class of the host.
/// </summary>
internal interface IPipeline : IDisposable
{
    /// <summary>Runs a message through. Failures are values; only cancellation and broken invariants throw.</summary>
    ValueTask<PipelineResult> RunAsync(PipelineInput input, CancellationToken cancellationToken);
}

/// <summary>A message on its way in.</summary>
/// <param name="Topic">The topic it came from, or the source's name.</param>
/// <param name="Stored">The message and where it stands.</param>
/// <param name="Attempt">1 for the first try.</param>
internal readonly record struct PipelineInput(string Topic, StoredMessage Stored, int Attempt)
{
    /// <summary>The states of its partition's keys; null where the broker, or the run, keeps none.</summary>
    public KeyStates? States { get; init; }

    /// <summary>The span of this try; null unless somebody listens.</summary>
    public MessageSpan? Span { get; init; }

    /// <summary>Set if no message of the source came but something is due for its key.</summary>
    public StateVisit? Visit { get; init; }
}

/// <summary>Makes the pipelines of one flow in one revision; thread-safe.</summary>
internal interface IPipelineFactory
{
    /// <summary>The sinks over all branches, in the order <see cref="SinkOutput.Sink"/> counts.</summary>
    IReadOnlyList<Configuration.SinkConfig> Sinks { get; }

    /// <summary>A pipeline for one lane.</summary>
    IPipeline Create();
}
