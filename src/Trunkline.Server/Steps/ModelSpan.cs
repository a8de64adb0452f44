using System.Diagnostics;
using Trunkline.Core.Telemetry;
using Trunkline.Server.Inference;

namespace Trunkline.Server.Steps;

/// <summary>The span of one question to a model, in the names of the gen_ai conventions.</summary>
internal static class ModelSpan
{
    /// <summary>Begins it; null unless somebody listens.</summary>
    public static SpanPart? Begin(MessageEffects effects, ModelHandle model, string name)
    {
        var operation = model.Kind == "openai" ? SpanNames.Chat : SpanNames.Infer;
        if (effects.Input.Span?.Begin($"{operation} {name}", ActivityKind.Client) is not { } part)
        {
            return null;
        }

        part.Tag(SpanNames.GenAiOperation, operation);
        part.Tag(SpanNames.GenAiProvider, model.Kind);
        part.Tag(SpanNames.GenAiModel, name);
        return part;
    }

    /// <summary>The model has answered.</summary>
    public static void Answered(SpanPart? part, ModelTurn turn)
    {
        part?.Tag(SpanNames.GenAiInputTokens, turn.Usage?.InputTokens);
        part?.Tag(SpanNames.GenAiOutputTokens, turn.Usage?.OutputTokens);
        part?.Tag(SpanNames.ModelWait, turn.Waited.TotalSeconds);
        part?.Done();
    }
}
