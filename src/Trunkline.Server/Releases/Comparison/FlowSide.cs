using Trunkline.Server.Effects;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Releases.Comparison;

/// <summary>Time one part of a flow took for one message.</summary>
/// <param name="Time">How long, all its calls together.</param>
/// <param name="Measured">True if measured now; false if recorded when the answer was given.</param>
/// <param name="Version">A model's name with its version; null for steps.</param>
internal readonly record struct PartTime(TimeSpan Time, bool Measured, string? Version);

/// <summary>What one side made of one message.</summary>
/// <param name="Result">What became of it.</param>
/// <param name="Times">Times by kind and name of the part.</param>
internal sealed record SideRun(PipelineResult Result, IReadOnlyDictionary<(string Kind, string Name), PartTime> Times);

/// <summary>
/// One side of a comparison: a flow's pipeline with its own door outside, taking times. Answers from the recording count with the time
/// they took when they were recorded. One message at a time.
/// </summary>
internal sealed class FlowSide : IStepWatch, IAsyncDisposable
{
    private readonly EffectReplayer _answers;
    private readonly TimeProvider _time;
    private readonly IPipeline _pipeline;
    private readonly TransientStates _states;
    private Dictionary<(string Kind, string Name), PartTime> _times = [];
    private TimeSpan _inEffects;
    private long _mark;

    /// <param name="answers">Answers its effects.</param>
    /// <param name="time">The clock.</param>
    /// <param name="pipelines">Makes its pipelines with this door outside and this watch.</param>
    public FlowSide(EffectReplayer answers, TimeProvider time, Func<EffectPort, IStepWatch, IPipelineFactory> pipelines)
    {
        (_answers, _time, _states) = (answers, time, new TransientStates(time));
        _pipeline = pipelines(new EffectPort(InterceptAsync) { Time = time }, this).Create();
    }

    /// <summary>Runs a message.</summary>
    public async ValueTask<SideRun> RunAsync(PipelineInput input, CancellationToken cancellationToken)
    {
        (_times, _inEffects, _mark) = ([], default, _time.GetTimestamp());
        var result = await _pipeline.RunAsync(input with { States = _states.States }, cancellationToken).ConfigureAwait(false);
        await _states.KeepAsync(result, cancellationToken).ConfigureAwait(false);
        return new SideRun(result, _times);
    }

    /// <inheritdoc/>
    public void Began(in PipelineInput input) => _mark = _time.GetTimestamp();

    /// <inheritdoc/>
    public void Passed(MessageRun run, string step, bool goesOn)
    {
        // A step's own work: what it waited for outside is told by the model or call it waited for.
        Add("step", step, new PartTime(_time.GetElapsedTime(_mark) - _inEffects, true, null));
        (_inEffects, _mark) = (default, _time.GetTimestamp());
    }

    /// <inheritdoc/>
    public void Ended(in PipelineInput input, PipelineResult result)
    {
        // Answers of the recording beside answers of now make a sum that is neither.
        var answers = _times.Where(part => part.Key.Kind != "step").Select(part => part.Value.Measured).Distinct().ToArray();
        if (answers.Length <= 1)
        {
            Add("flow", "all", new PartTime(_times.Values.Aggregate(TimeSpan.Zero, (all, part) => all + part.Time), answers is not [false], null));
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _pipeline.Dispose();
        return _states.DisposeAsync();
    }

    private async ValueTask<ReadOnlyMemory<byte>> InterceptAsync(EffectCall call, EffectHandler next, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        try
        {
            var kind = call.Kind == EffectKind.Model ? "model" : "call";
            if (_answers.Find(call) is { } found)
            {
                if (found.Took is { } took)
                {
                    Add(kind, call.Subject, new PartTime(took, false, call.Name));
                }

                return found.Answer;
            }

            var answer = await next(call, cancellationToken).ConfigureAwait(false);
            Add(kind, call.Subject, new PartTime(_time.GetElapsedTime(started), true, call.Name));
            return answer;
        }
        finally
        {
            _inEffects += _time.GetElapsedTime(started);
        }
    }

    private void Add(string kind, string name, PartTime part)
    {
        var sum = _times.TryGetValue((kind, name), out var known) ? known.Time + part.Time : part.Time;
        _times[(kind, name)] = part with { Time = sum };
    }
}
