using Trunkline.Server.Expressions;

namespace Trunkline.Server.Steps;

/// <summary><c>infer</c>: asks a model and puts its answer into the body.</summary>
internal sealed class InferStep(string name, PreparedExpression input, string output, ModelCall model) : Step(name)
{
    /// <inheritdoc/>
    public override async ValueTask<bool> RunAsync(MessageRun run, CancellationToken cancellationToken)
    {
        var question = run.Body.Write(input);
        var answer = await model.AskAsync(run.Effects, Name, question, cancellationToken).ConfigureAwait(false);
        Put(run, answer);
        return true;
    }

    private void Put(MessageRun run, ReadOnlyMemory<byte> answer)
    {
        try
        {
            run.Body.Set(output, answer);
        }
        catch (ExpressionException exception) when (exception.Code == ExpressionException.JsonInvalid)
        {
            throw model.NotJson();
        }
    }
}
