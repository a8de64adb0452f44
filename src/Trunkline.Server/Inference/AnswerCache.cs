using System.Security.Cryptography;
using Trunkline.Server.Effects;

namespace Trunkline.Server.Inference;

/// <summary>
/// Answers kept for exactly equal questions of one conversation of one tenant to one version of a model; never across any of these. A
/// message without a key belongs to no conversation, and is not looked up. Thread-safe.
/// </summary>
/// <param name="keep">How long an answer is kept.</param>
/// <param name="time">The clock.</param>
internal sealed class AnswerCache(TimeSpan keep, TimeProvider time)
{
    /// <summary>Answers held; past it the oldest go.</summary>
    public const int EntriesMax = 10_000;

    /// <summary>Their bytes; past it the oldest go.</summary>
    public const long BytesMax = 32L * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<Question, Entry> _entries = [];
    private readonly Queue<(Question Question, DateTimeOffset Until)> _order = new();
    private long _bytes;

    /// <summary>What an answer is kept under; null if it is not.</summary>
    public static Question? QuestionOf(EffectCall call, ModelTurn turn) => turn.Conversation is { } conversation
        ? new Question(turn.Share.Tenant, conversation, call.Name, string.Join(' ', turn.Tools), Convert.ToHexString(SHA256.HashData(call.Input.Span)))
        : null;

    /// <summary>The answer kept; null if there is none.</summary>
    public ReadOnlyMemory<byte>? Find(Question question)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(question, out var entry) && entry.Until > time.GetUtcNow())
            {
                return entry.Answer;
            }

            return null;
        }
    }

    /// <summary>Keeps an answer.</summary>
    public void Keep(Question question, ReadOnlyMemory<byte> answer)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            Drop(question);
            _entries[question] = new Entry(answer, now + keep);
            _order.Enqueue((question, now + keep));
            _bytes += answer.Length;
            while (_order.TryPeek(out var oldest) && (oldest.Until <= now || _entries.Count > EntriesMax || _bytes > BytesMax || _order.Count > 2 * EntriesMax))
            {
                _order.Dequeue();
                if (_entries.TryGetValue(oldest.Question, out var entry) && entry.Until == oldest.Until)
                {
                    Drop(oldest.Question);
                }
            }
        }
    }

    private void Drop(Question question)
    {
        if (_entries.Remove(question, out var old))
        {
            _bytes -= old.Answer.Length;
        }
    }

    /// <summary>What an answer is kept under.</summary>
    internal readonly record struct Question(string Tenant, string Conversation, string Model, string Tools, string InputHash);

    private readonly record struct Entry(ReadOnlyMemory<byte> Answer, DateTimeOffset Until);
}
