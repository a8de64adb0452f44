using Trunkline.Messaging.Brokers;
using Trunkline.Server.Topics;

namespace Trunkline.Server.Erasure;

/// <summary>The proofs of erasures, in the topic <c>trunkline.erasures</c>: what was searched and how much was erased, nothing of what it was.</summary>
internal sealed class ErasureProofs(IBroker broker)
{
    /// <summary>The topic.</summary>
    public const string TopicName = "trunkline.erasures";

    private readonly InternalTopic _topic = new(broker, TopicName, compacted: false);

    public ValueTask EnsureAsync(CancellationToken cancellationToken) => _topic.EnsureAsync(cancellationToken);

    /// <summary>The append of a proof, for the unit that ends its erasure.</summary>
    public TopicAppend Append(ErasureJob done) => _topic.Append(null, done, ErasureJson.Default.ErasureJob);

    /// <summary>The proof of an erasure; null if there is none.</summary>
    public async Task<ErasureJob?> FindAsync(string id, CancellationToken cancellationToken)
    {
        await foreach (var stored in _topic.ReadAsync(0, cancellationToken))
        {
            if (_topic.Value(stored, ErasureJson.Default.ErasureJob) is var proof && proof.Id == id)
            {
                return proof;
            }
        }

        return null;
    }
}
