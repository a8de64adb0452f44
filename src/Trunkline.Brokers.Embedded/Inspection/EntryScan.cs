using RocksDbSharp;
using Trunkline.Brokers.Embedded.Storage;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Inspection;

/// <summary>Visits all readable entries of a family: from its start up to damage, then from its end back to it.</summary>
internal static class EntryScan
{
    public delegate void Visitor(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value);

    /// <returns>What could not be read; null if all could.</returns>
    public static string? Visit(Store store, ColumnFamilyHandle family, string what, Visitor visit)
    {
        byte[] last = [];
        using (var forward = store.Iterate(family))
        {
            for (forward.SeekToFirst(); forward.Valid(); forward.Next())
            {
                visit(forward.GetKeySpan(), forward.GetValueSpan());
                last = forward.GetKeySpan().ToArray();
            }

            if (Fault(forward, what) is not { } fault)
            {
                return null;
            }

            using var backward = store.Iterate(family);
            for (backward.SeekToLast(); backward.Valid() && backward.GetKeySpan().SequenceCompareTo(last) > 0; backward.Prev())
            {
                visit(backward.GetKeySpan(), backward.GetValueSpan());
            }

            return fault;
        }
    }

    public static string? Fault(Iterator iterator, string what)
    {
        try
        {
            StoreErrors.Check(iterator, $"reading {what}");
            return null;
        }
        catch (BrokerException damage)
        {
            return damage.Message;
        }
    }
}
