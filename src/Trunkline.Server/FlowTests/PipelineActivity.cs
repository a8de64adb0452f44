using System.Collections.Concurrent;
using Trunkline.Messaging;
using Trunkline.Server.Steps;

namespace Trunkline.Server.FlowTests;

/// <summary>What the pipelines of a test are at, and what each message came to last. Thread-safe.</summary>
internal sealed class PipelineActivity
{
    private readonly ConcurrentDictionary<string, PipelineResult> _last = new(StringComparer.Ordinal);
    private int _running;

    /// <summary>Messages in a pipeline at the moment.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>The last result by message id.</summary>
    public IReadOnlyDictionary<string, PipelineResult> Last => _last;

    public void Begin() => Interlocked.Increment(ref _running);

    public void End() => Interlocked.Decrement(ref _running);

    public void Note(Message message, PipelineResult result) => _last[message.Id.Value] = result;
}
