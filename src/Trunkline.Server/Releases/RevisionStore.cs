using System.Globalization;
using System.Security.Cryptography;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Topics;

namespace Trunkline.Server.Releases;

/// <summary>
/// The revisions over the compacted topic <c>trunkline.revisions</c>: one message per revision (key <c>revision/n</c>, never
/// overwritten), the pointer to the one in force (key <c>current</c>) and the salt of secret hashes (key <c>salt</c>). The view
/// is rebuilt from the topic at start; files are read when asked for. One writer at a time; reading is thread-safe.
/// </summary>
internal sealed class RevisionStore
{
    /// <summary>The topic.</summary>
    public const string TopicName = "trunkline.revisions";

    private const string RevisionPrefix = "revision/";
    private const string CurrentKey = "current";
    private const string SaltKey = "salt";

    private readonly IBroker _broker;
    private readonly InternalTopic _topic;
    private volatile IReadOnlyList<RevisionEntry> _revisions = [];
    private volatile RevisionPointer _current = new(0, null);

    private RevisionStore(IBroker broker) => (_broker, _topic) = (broker, new InternalTopic(broker, TopicName, compacted: true));

    /// <summary>Keys the hashes of secrets; made once for a broker.</summary>
    public byte[] Salt { get; private set; } = [];

    /// <summary>The pointer; number 0 before the first revision.</summary>
    public RevisionPointer Current => _current;

    /// <summary>All revisions, by number.</summary>
    public IReadOnlyList<RevisionEntry> Revisions => _revisions;

    /// <summary>The number the next revision gets: also one that never came into force keeps its own.</summary>
    public int NextNumber => _revisions.Count == 0 ? 1 : _revisions[^1].Number + 1;

    /// <summary>Opens the store and rebuilds its view.</summary>
    public static async Task<RevisionStore> OpenAsync(IBroker broker, CancellationToken cancellationToken)
    {
        var store = new RevisionStore(broker);
        await store._topic.EnsureAsync(cancellationToken);
        await store.RebuildAsync(cancellationToken);
        if (store.Salt.Length == 0)
        {
            store.Salt = RandomNumberGenerator.GetBytes(32);
            await broker.AppendAsync(store._topic.Append(SaltKey, new RevisionSalt(store.Salt), ReleaseJson.Default.RevisionSalt), cancellationToken);
        }

        return store;
    }

    /// <summary>A revision, or null if there is none of that number.</summary>
    public RevisionEntry? Find(int number) => _revisions.FirstOrDefault(r => r.Number == number);

    /// <summary>A revision with its files.</summary>
    public async Task<RevisionRecord> ReadAsync(RevisionEntry entry, CancellationToken cancellationToken)
    {
        var read = await _broker.ReadAsync(new ReadRequest(TopicName, 0, entry.Offset, 1), cancellationToken);
        return read.Count == 1 && read[0].Position.Offset == entry.Offset
            ? _topic.Value(read[0], ReleaseJson.Default.RevisionRecord)
            : throw new BrokerException(BrokerErrorCode.StoreDamaged, FormattableString.Invariant($"Revision {entry.Number} is missing from '{TopicName}'."));
    }

    /// <summary>Keeps a revision; it is not in force by that.</summary>
    public async Task<RevisionEntry> AddAsync(RevisionRecord record, CancellationToken cancellationToken)
    {
        var key = RevisionPrefix + record.Number.ToString(CultureInfo.InvariantCulture);
        var appended = await _broker.AppendAsync(_topic.Append(key, record, ReleaseJson.Default.RevisionRecord), cancellationToken);
        var entry = new RevisionEntry(record.Number, record.Hash, record.AppliedAt, record.AppliedBy, appended[0].Position.Offset);
        _revisions = [.. _revisions, entry];
        return entry;
    }

    /// <summary>Moves the pointer and writes the change, as one unit.</summary>
    public async Task PointAsync(RevisionPointer pointer, TopicAppend? change, CancellationToken cancellationToken)
    {
        var append = _topic.Append(CurrentKey, pointer, ReleaseJson.Default.RevisionPointer);
        await _broker.CommitAsync(new CommitUnit { Appends = change is null ? [append] : [append, change] }, cancellationToken);
        _current = pointer;
    }

    private async Task RebuildAsync(CancellationToken cancellationToken)
    {
        var revisions = new SortedDictionary<int, RevisionEntry>();
        await foreach (var message in _topic.ReadAsync(0, cancellationToken))
        {
            var key = message.Message.Key?.ToString() ?? "";
            if (key == CurrentKey)
            {
                _current = _topic.Value(message, ReleaseJson.Default.RevisionPointer);
            }
            else if (key == SaltKey)
            {
                Salt = _topic.Value(message, ReleaseJson.Default.RevisionSalt).Salt;
            }
            else if (key.StartsWith(RevisionPrefix, StringComparison.Ordinal))
            {
                var record = _topic.Value(message, ReleaseJson.Default.RevisionRecord);
                revisions[record.Number] = new RevisionEntry(record.Number, record.Hash, record.AppliedAt, record.AppliedBy, message.Position.Offset);
            }
        }

        _revisions = [.. revisions.Values];
    }
}
