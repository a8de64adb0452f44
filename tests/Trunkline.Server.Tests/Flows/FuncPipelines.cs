using System.Collections.Concurrent;
using Trunkline.Core.Config;
using Trunkline.Messaging;
using Trunkline.Server.Configuration;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Tests.Flows;

internal delegate ValueTask<PipelineResult> Step(PipelineInput input, CancellationToken cancellationToken);

/// <summary>Pipelines made of one function; counts how many are alive and checks that each works on one message at a time.</summary>
internal sealed class FuncPipelines(Step step, params string[] topics) : IPipelineFactory
{
    private int _alive;

    public int Alive => Volatile.Read(ref _alive);

    public ConcurrentBag<string> Misuse { get; } = [];

    public IReadOnlyList<SinkConfig> Sinks { get; } = [.. topics.Select(t => new TopicSinkConfig(t, t, null, default(SourceLocation)))];

    public IPipeline Create()
    {
        Interlocked.Increment(ref _alive);
        return new Pipeline(this, step);
    }

    public static ValueTask<PipelineResult> To(PipelineInput input, int sink = 0, string? payload = null) => new(Delivered(input, sink, payload));

    public static PipelineResult Delivered(PipelineInput input, int sink = 0, string? payload = null)
    {
        var message = input.Stored.Message;
        var output = new Message
        {
            Id = new MessageId(message.Id.Value + "/" + sink),
            Key = message.Key,
            Payload = payload is null ? message.Payload : System.Text.Encoding.UTF8.GetBytes(payload),
        };
        return new PipelineResult.Delivered(0, [new SinkOutput(sink, output)]);
    }

    public static PipelineResult Failed(FaultClass kind = FaultClass.Retryable, TimeSpan? after = null) =>
        new PipelineResult.Failed(new StepFault("step.expression-failed", "map-1", "it failed", kind, after));

    private sealed class Pipeline(FuncPipelines owner, Step step) : IPipeline
    {
        private int _busy;

        public async ValueTask<PipelineResult> RunAsync(PipelineInput input, CancellationToken cancellationToken)
        {
            if (Interlocked.Exchange(ref _busy, 1) != 0)
            {
                owner.Misuse.Add("two messages at once on one pipeline");
            }

            try
            {
                return await step(input, cancellationToken);
            }
            finally
            {
                Volatile.Write(ref _busy, 0);
            }
        }

        public void Dispose() => Interlocked.Decrement(ref owner._alive);
    }
}
