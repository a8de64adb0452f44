using Trunkline.Server.Expressions;

namespace Trunkline.Server.Steps;

/// <summary><c>state</c>: what the expression gives is remembered for the message's key; null forgets.</summary>
internal sealed class StateStep(string name, PreparedExpression update, string? output, TimeSpan? expire) : Step(name)
{
    private static readonly byte[] Null = "null"u8.ToArray();

    /// <inheritdoc/>
    public override ValueTask<bool> RunAsync(MessageRun run, CancellationToken cancellationToken)
    {
        var value = run.Body.WriteUnlessNull(update);
        if (value is null)
        {
            run.State.Clear();
        }
        else
        {
            run.State.Set(value, expire, Name);
        }

        run.Body.SetState(value);
        if (output is not null)
        {
            run.Body.Set(output, value ?? Null);
        }

        return ValueTask.FromResult(true);
    }
}
