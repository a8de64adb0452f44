using Trunkline.Core.Telemetry;

namespace Trunkline.Server.Steps;

/// <summary>A step of a flow, shared by its lanes; thread-safe. Failures are <see cref="StepException"/> or an expression's.</summary>
internal abstract class Step(string name)
{
    /// <summary>Unique in the flow.</summary>
    public string Name { get; } = name;

    /// <summary>Name of its spans.</summary>
    public string SpanName { get; } = $"{SpanNames.Step} {name}";

    /// <summary>Does its work on the message.</summary>
    /// <returns>False if the message ends here, filtered.</returns>
    public abstract ValueTask<bool> RunAsync(MessageRun run, CancellationToken cancellationToken);
}
