using Trunkline.Core.Limits;
using Trunkline.Server.Configuration;
using Trunkline.Server.Effects;

namespace Trunkline.Server.Inference;

/// <summary>One question's way to a model: whose it is, how long it may wait for room, and when its time counts. For one question.</summary>
/// <param name="share">Whose it is.</param>
/// <param name="policy">What happens while there is no room.</param>
/// <param name="deadline">Cancelled when the time of the call is up.</param>
internal sealed class ModelTurn(WorkShare share, OverloadPolicy policy, CancellationTokenSource deadline)
{
    /// <summary>Whose it is.</summary>
    public WorkShare Share => share;

    /// <summary>The flow that asks; empty for none.</summary>
    public string Flow { get; init; } = "";

    /// <summary>True if it waits for room as long as it takes.</summary>
    public bool Waits => policy == OverloadPolicy.Buffer;

    /// <summary>Ends the wait for room, not the call: the message is late then.</summary>
    public CancellationToken WaitEnd { get; init; }

    /// <summary>Names of the tools the model may ask to call. Default none.</summary>
    public IReadOnlyList<string> Tools { get; init; } = [];

    /// <summary>Told the pieces of the answer as they come; null for nobody.</summary>
    public Action<string>? Piece { get; init; }

    /// <summary>The conversation: the message's key; null for none.</summary>
    public string? Conversation { get; init; }

    /// <summary>What the answers used up; null until there is one that was not recorded.</summary>
    public EffectUsage? Usage { get; private set; }

    /// <summary>How long it waited for room.</summary>
    public TimeSpan Waited { get; set; }

    /// <summary>True once the time of the call is up.</summary>
    public bool IsTimeUp => deadline.IsCancellationRequested;

    /// <summary>With how many waiting it does not wait. Lower priorities give up at shorter queues.</summary>
    public int WaitingMax(ConcurrencySettings settings) => policy switch
    {
        OverloadPolicy.Buffer => int.MaxValue,
        OverloadPolicy.Reroute => 0,
        _ => settings.Queue * (WorkShare.PriorityLowest + 1 - share.Priority) / (WorkShare.PriorityLowest + 1),
    };

    /// <summary>A second try beside this one: it takes room only where there is some at once, and its time is that of the first.</summary>
    public ModelTurn Hedge() => new(share, OverloadPolicy.Reroute, new CancellationTokenSource()) { Flow = Flow, WaitEnd = WaitEnd, Conversation = Conversation, Tools = Tools };

    /// <summary>A call was answered, and used up so much.</summary>
    public void Add(EffectUsage usage) => Usage = Usage is null ? usage : Sum(Usage, usage);

    private static EffectUsage Sum(EffectUsage a, EffectUsage b) => new(
        Sum(a.InputTokens, b.InputTokens), Sum(a.OutputTokens, b.OutputTokens), a.Cost is null && b.Cost is null ? null : (a.Cost ?? 0) + (b.Cost ?? 0));

    private static int? Sum(int? a, int? b) => a is null && b is null ? null : (a ?? 0) + (b ?? 0);

    /// <summary>It waits for room: that does not count against the time of the call.</summary>
    public void StopClock() => deadline.CancelAfter(Timeout.InfiniteTimeSpan);

    /// <summary>The call begins.</summary>
    public void StartClock(TimeSpan timeout) => deadline.CancelAfter(timeout);
}
