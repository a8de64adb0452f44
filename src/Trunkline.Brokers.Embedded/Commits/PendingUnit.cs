using System.Threading.Tasks.Sources;
using Trunkline.Brokers.Embedded.Reading;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Commits;

/// <summary>
/// A unit on its way to the store, and the promise its caller awaits. What can be refused without looking at the store is refused
/// here, on the caller's thread.
/// </summary>
internal sealed class PendingUnit : WriterItem, IValueTaskSource<CommitResult>, IValueTaskSource<IReadOnlyList<Appended>>
{
    private const int MessageOverheadBytes = 64;
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _cancellation;
    private CommitResult? _result;

    public PendingUnit(CommitUnit unit)
    {
        Unit = unit;
        Appends = unit.Appends;
        LargestMessage = new long[Appends.Count];
        Bytes = Measure() + unit.State.Sum(s => (long)s.Key.Length + (s.Value?.Length ?? 0) + MessageOverheadBytes);
    }

    public PendingUnit(TopicAppend append)
    {
        Appends = [append];
        LargestMessage = new long[1];
        Bytes = Measure();
    }

    /// <summary>The unit; null for a lone append.</summary>
    public CommitUnit? Unit { get; }

    public IReadOnlyList<TopicAppend> Appends { get; }

    /// <summary>Per append, the size of its largest message as a topic's bound counts it.</summary>
    public long[] LargestMessage { get; }

    /// <summary>Where the messages came to stand; set while staging.</summary>
    public Appended[][] Appended { get; set; } = [];

    public ValueTask<CommitResult> Task => new(this, _core.Version);

    public ValueTask<IReadOnlyList<Appended>> AppendTask => new(this, _core.Version);

    /// <summary>Lets the token take the unit back as long as the writer has not begun it.</summary>
    public void CancelWith(CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
        {
            _cancellation = cancellationToken.UnsafeRegister(static (unit, token) => ((PendingUnit)unit!).Cancel(token), this);
        }
    }

    public void Complete()
    {
        _cancellation.Dispose();
        if (Unit is not null)
        {
            _result = new CommitResult(Appended);
        }

        _core.SetResult(true);
    }

    public override void Fail(Exception error)
    {
        _cancellation.Dispose();
        _core.SetException(error);
    }

    CommitResult IValueTaskSource<CommitResult>.GetResult(short token)
    {
        _core.GetResult(token);
        return _result!;
    }

    IReadOnlyList<Appended> IValueTaskSource<IReadOnlyList<Appended>>.GetResult(short token)
    {
        _core.GetResult(token);
        return Appended[0];
    }

    ValueTaskSourceStatus IValueTaskSource<CommitResult>.GetStatus(short token) => _core.GetStatus(token);

    ValueTaskSourceStatus IValueTaskSource<IReadOnlyList<Appended>>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<CommitResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    void IValueTaskSource<IReadOnlyList<Appended>>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void Cancel(CancellationToken token)
    {
        if (TryCancel())
        {
            _core.SetException(new OperationCanceledException(token));
        }
    }

    private long Measure()
    {
        long total = 0;
        for (var i = 0; i < Appends.Count; i++)
        {
            var append = Appends[i];
            ArgumentNullException.ThrowIfNull(append);
            Message? before = null;
            for (var m = 0; m < append.Messages.Count; m++)
            {
                var message = append.Messages[m];
                Check(append.Topic, message, before);
                before = message;
                var size = Sizes.Of(message);
                LargestMessage[i] = Math.Max(LargestMessage[i], size);
                total += size + MessageOverheadBytes;
            }

            if (append.Dedupe == DedupeMode.BySequence && (append.Sequence is null || append.Partition is null))
            {
                throw new ArgumentException($"An append to {append.Topic} by sequence must name its sequence and its partition.");
            }
        }

        return total;
    }

    /// <summary>Texts that cannot be written as UTF-8 would come back as others, and an id that changes is no id.</summary>
    /// <param name="topic">Where the message goes.</param>
    /// <param name="message">The message.</param>
    /// <param name="before">One that was checked: neighbours share texts, which need no second look.</param>
    private static void Check(string topic, Message message, Message? before)
    {
        if (!HasId(message))
        {
            throw new ArgumentException($"A message for topic {topic} has an id that is empty or longer than {MessageId.MaxLength}.");
        }

        var valid = (message.HasIdUtf8 || IsText(message.Id.Value)) && IsText(message.Source, before?.Source) && IsText(message.ContentType, before?.ContentType);
        var headers = message.Headers;
        var known = before?.Headers.Count ?? 0;
        for (var i = 0; valid && i < headers.Count; i++)
        {
            valid = IsText(headers[i].Name, i < known ? before!.Headers[i].Name : null);
        }

        if (!valid)
        {
            throw new ArgumentException($"A message for topic {topic} has an id, source, content type or header name that is not valid UTF-16 (a lone surrogate).");
        }
    }

    // UTF-16 units are never more than bytes of the same text: only a long id has to be looked at as a text.
    private static bool HasId(Message message) =>
        (message.HasIdUtf8 && message.IdUtf8.Length <= MessageId.MaxLength) || message.Id.Value is { Length: > 0 and <= MessageId.MaxLength };

    private static bool IsText(string text, string? known) => ReferenceEquals(text, known) || IsText(text);

    private static bool IsText(string text)
    {
        var at = text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF');
        for (; at >= 0 && at < text.Length; at++)
        {
            if (char.IsSurrogate(text[at]) && (at + 1 == text.Length || !char.IsSurrogatePair(text[at], text[++at])))
            {
                return false;
            }
        }

        return true;
    }
}
