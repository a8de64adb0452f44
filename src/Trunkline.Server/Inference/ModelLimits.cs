using Trunkline.Core.Limits;
using Trunkline.Models;
using Trunkline.Server.Configuration;
using Trunkline.Server.Effects;

namespace Trunkline.Server.Inference;

/// <summary>What bounds the calls of one model, shared by the revisions that write it alike. Thread-safe.</summary>
internal sealed class ModelLimits : IDisposable
{
    // What a chat endpoint adds around a text: roles and separators, a few tokens a message.
    private const int FrameTokens = 32;

    private readonly PriceConfig _price;
    private readonly int _systemBytes;
    private readonly int _outputTokensMax;
    private readonly bool _tellsTokens;

    /// <param name="config">The model.</param>
    /// <param name="book">Where what budgets have used stands.</param>
    /// <param name="time">The clock.</param>
    public ModelLimits(ModelConfig config, BudgetBook book, TimeProvider time)
    {
        var concurrency = config.Limits.Concurrency ?? (config.Kind is "openai" or "http" ? new ConcurrencySettings() : null);
        Calls = concurrency is null ? null : new CallLimiter(concurrency, BreakerRule.OfCalls, time);
        Budgets = config.Limits.Budgets.Count == 0 ? null : new Budgets(config.Name, config.Limits.Budgets, book, time);
        _price = config.Limits.Price;

        // A step may allow all tools there are, and each is read by the model.
        var tools = config.Tools is { } path && new FileInfo(path) is { Exists: true } file ? (int)Math.Min(file.Length * 2, int.MaxValue / 4) : 0;
        _systemBytes = System.Text.Encoding.UTF8.GetByteCount(config.System ?? "") + tools;
        _outputTokensMax = config.MaxTokens ?? 0;
        _tellsTokens = !config.IsLocal;
    }

    /// <summary>Lets calls run; null for as they come.</summary>
    public CallLimiter? Calls { get; }

    /// <summary>The budgets; null for none.</summary>
    public Budgets? Budgets { get; }

    /// <summary>
    /// The most a call may use. No tokenizer makes more tokens of a text than it has bytes, so the bytes stand for the tokens read.
    /// </summary>
    public Spend Most(int inputBytes)
    {
        var input = _tellsTokens ? inputBytes + _systemBytes + FrameTokens : 0;
        return new Spend(1, input + _outputTokensMax, _price.Of(input, _outputTokensMax));
    }

    /// <summary>What an answered call used; where the other side does not tell, it counts as the most.</summary>
    public Spend Used(ModelAnswer answer, Spend most) => answer is { InputTokens: { } input, OutputTokens: { } output }
        ? new Spend(1, input + output, _price.Of(input, output))
        : most;

    /// <summary>What the recording and the metrics tell of an answer.</summary>
    public EffectUsage Usage(ModelAnswer answer)
    {
        var priced = _price is not { Input: 0, Output: 0, Call: 0 };
        return new EffectUsage(answer.InputTokens, answer.OutputTokens, priced ? _price.Of(answer.InputTokens ?? 0, answer.OutputTokens ?? 0) : null);
    }

    /// <inheritdoc/>
    public void Dispose() => Calls?.Dispose();
}
