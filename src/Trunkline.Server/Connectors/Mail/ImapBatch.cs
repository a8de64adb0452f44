namespace Trunkline.Server.Connectors.Mail;

/// <summary>The mails of one reading.</summary>
/// <param name="Uids">Which, rising.</param>
/// <param name="Bytes">Their sizes in all, as the server told.</param>
/// <param name="Gone">Those the server told no size of.</param>
/// <param name="Large">Those larger than is taken, with their sizes.</param>
internal sealed record ImapBatch(IReadOnlyList<uint> Uids, long Bytes, IReadOnlyList<uint> Gone, IReadOnlyList<(uint Uid, long Bytes)> Large)
{
    // A bound on what is read ahead of the flow's own bounds.
    private const long BytesMax = 4L * 1024 * 1024;

    /// <summary>How many of the wanted it deals with: those up to the first that does not fit any more.</summary>
    public int Count => Uids.Count + Gone.Count + Large.Count;

    /// <summary>As many of the wanted, in order, as fit.</summary>
    public static ImapBatch Of(IReadOnlyList<uint> wanted, IReadOnlyDictionary<uint, long> sizes, int mailBytesMax)
    {
        var (uids, gone, large, bytes) = (new List<uint>(), new List<uint>(), new List<(uint, long)>(), 0L);
        foreach (var uid in wanted)
        {
            if (!sizes.TryGetValue(uid, out var size))
            {
                gone.Add(uid);
            }
            else if (size > mailBytesMax)
            {
                large.Add((uid, size));
            }
            else if (uids.Count > 0 && bytes + size > BytesMax)
            {
                break;
            }
            else
            {
                uids.Add(uid);
                bytes += size;
            }
        }

        return new ImapBatch(uids, bytes, gone, large);
    }
}
