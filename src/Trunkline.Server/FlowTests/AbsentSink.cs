using Trunkline.Server.Connectors;

namespace Trunkline.Server.FlowTests;

/// <summary>Stands for a sink of the host's own code, which is not here: the test answers in its place.</summary>
internal sealed class AbsentSink(string name) : ISinkConnector
{
    /// <inheritdoc/>
    public ValueTask<SinkAnswer> SendAsync(SinkMessage message, CancellationToken cancellationToken) =>
        ValueTask.FromResult<SinkAnswer>(new SinkAnswer.Refused($"Sink '{name}' is the host's own and not in this program."));
}
