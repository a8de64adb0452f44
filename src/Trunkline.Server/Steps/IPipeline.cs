using Trunkline.Messaging;

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
internal readonly record struct PipelineInput(string Topic, StoredMessage Stored, int Attempt);

/// <summary>Makes the pipelines of one flow in one revision; thread-safe.</summary>
internal interface IPipelineFactory
{
    /// <summary>The sinks over all branches, in the order <see cref="SinkOutput.Sink"/> counts.</summary>
    IReadOnlyList<Configuration.SinkConfig> Sinks { get; }

    /// <summary>A pipeline for one lane.</summary>
    IPipeline Create();
}
