using System.Text.Json;
using Trunkline.Server.Expressions;

namespace Trunkline.Server.Steps;

/// <summary><c>split</c>: each element of a list goes on as a message of its own. The pipeline runs the steps that follow for each.</summary>
/// <param name="name">The step.</param>
/// <param name="list">The list.</param>
/// <param name="max">The most elements.</param>
internal sealed class SplitStep(string name, PreparedExpression list, int max) : Step(name)
{
    /// <summary>The most parts a message may become over all its splits.</summary>
    public const int PartsMax = 10_000;

    /// <summary>The elements, JSON each.</summary>
    /// <exception cref="StepException">It is no list, or too long.</exception>
    public IReadOnlyList<ReadOnlyMemory<byte>> PartsOf(MessageRun run)
    {
        var json = run.Body.Write(list);
        var reader = new Utf8JsonReader(json);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw Fault("The expression gives no list.");
        }

        var parts = new List<ReadOnlyMemory<byte>>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            parts.Add(json.AsMemory(start, (int)reader.BytesConsumed - start));
            if (parts.Count > max)
            {
                throw Fault(FormattableString.Invariant($"The list has more than {max} elements."));
            }
        }

        return parts;
    }

    /// <inheritdoc/>
    public override ValueTask<bool> RunAsync(MessageRun run, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("the pipeline runs what follows a split");

    private StepException Fault(string detail) => new(new StepFault("step.split-failed", Name, detail, FaultClass.Terminal));
}
