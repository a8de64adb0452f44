using Jint.Native;
using Trunkline.Server.Expressions;

namespace Trunkline.Server.Steps;

/// <summary>One message on its way through the steps of the project file: its body, read at most once. One lane, one thread at a time.</summary>
internal sealed class MessageRun(MessageEffects effects, ExpressionEngine engine)
{
    private JsValue? _body;
    private JsValue? _meta;

    /// <summary>What came in.</summary>
    public PipelineInput Input => Effects.Input;

    /// <summary>The way outside.</summary>
    public MessageEffects Effects { get; } = effects;

    /// <summary>The lane's sandbox, in which the body lives.</summary>
    public ExpressionEngine Engine { get; } = engine;

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
}
