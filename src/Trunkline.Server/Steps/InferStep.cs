using Jint.Native;
using Trunkline.Server.Expressions;

namespace Trunkline.Server.Steps;

/// <summary><c>infer</c>: asks a model and puts its answer into the body.</summary>
internal sealed class InferStep(string name, PreparedExpression input, string output, ModelCall model) : Step(name)
{
    /// <inheritdoc/>
    public override async ValueTask<bool> RunAsync(MessageRun run, CancellationToken cancellationToken)
    {
        var question = run.Engine.WriteJson(run.Evaluate(input));
        var answer = await model.AskAsync(run.Effects, Name, question, cancellationToken).ConfigureAwait(false);
        run.Body = run.Engine.With(run.Body, output, Read(run, answer));
        return true;
    }

    private JsValue Read(MessageRun run, ReadOnlyMemory<byte> answer)
    {
        try
        {
            return run.Engine.ReadJson(answer.Span);
        }
        catch (ExpressionException)
        {
            throw model.NotJson();
        }
    }
}
