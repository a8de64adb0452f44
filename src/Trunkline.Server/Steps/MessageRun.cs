using Jint.Native;
using Trunkline.Server.Effects;
using Trunkline.Server.Expressions;

namespace Trunkline.Server.Steps;

/// <summary>One message on its way through the steps: its body, read at most once, and what happened so far. One lane, one thread at a time.</summary>
internal sealed class MessageRun(PipelineInput input, ExpressionEngine engine, EffectPort effects)
{
    private readonly List<RecordedEffect> _recorded = [];
    private readonly List<string> _models = [];
    private JsValue? _body;
    private JsValue? _meta;

    /// <summary>What came in.</summary>
    public PipelineInput Input { get; } = input;

    /// <summary>The lane's sandbox, in which the body lives.</summary>
    public ExpressionEngine Engine { get; } = engine;

    /// <summary>Effects answered so far.</summary>
    public IReadOnlyList<RecordedEffect> Recorded => _recorded;

    /// <summary>Models that took part: <c>name=version</c>, in order.</summary>
    public IReadOnlyList<string> Models => _models;

    /// <summary>True once a step has replaced the body, so that it must be written anew.</summary>
    public bool Changed { get; private set; }

    /// <summary>The body. Without a <c>parse</c> step it is the payload read as JSON.</summary>
    /// <exception cref="ExpressionException">The payload is not JSON.</exception>
    public JsValue Body
    {
        get => _body ??= Engine.ReadJson(Input.Stored.Message.Payload.Span);
        set
        {
            _body = value;
            Changed = true;
        }
    }

    /// <summary>Evaluates over the body.</summary>
    /// <exception cref="ExpressionException">It threw or passed a limit.</exception>
    public JsValue Evaluate(PreparedExpression expression) =>
        Engine.Evaluate(expression, Body, expression.UsesMeta ? _meta ??= Engine.Meta(Input.Stored.Message, Input.Attempt) : JsValue.Undefined);

    /// <summary>Runs an effect and keeps its answer for the recording.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> InvokeAsync(EffectCall call, EffectHandler effect, CancellationToken cancellationToken)
    {
        var answer = await effects.InvokeAsync(call, effect, cancellationToken).ConfigureAwait(false);
        _recorded.Add(new RecordedEffect(call.Kind, call.Name, call.IdempotencyKey, answer));
        return answer;
    }

    /// <summary>Notes a model that took part.</summary>
    public void NoteModel(string name, string version)
    {
        var entry = $"{name}={version}";
        if (!_models.Contains(entry))
        {
            _models.Add(entry);
        }
    }

    /// <summary>The stable key of this message's effect at a step: over retries, restarts and replays the same.</summary>
    public string IdempotencyKey(string step) => StableId.Of(Input.Stored.Message.Source, Input.Stored.Message.Id.Value, step);
}
