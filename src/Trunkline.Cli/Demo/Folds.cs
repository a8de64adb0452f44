using System.Security.Cryptography;
using System.Text;

namespace Trunkline.Cli.Demo;

/// <summary>
/// Parts a corpus into five so that no conversation and no text stands on both sides: mails that share an id of a thread or their
/// letters, directly or through others, fall together. Which part a group is in follows from the hash of its first mail's name,
/// so that training and demo agree without a list.
/// </summary>
internal static class Folds
{
    /// <summary>Number of parts.</summary>
    public const int Count = 5;

    /// <summary>The part no model is trained on; the figures are of this one.</summary>
    public const int HeldOut = 4;

    /// <summary>The part of each mail, 0 to 4, in the order given.</summary>
    public static int[] Assign(IReadOnlyList<CorpusText> mails)
    {
        var parent = Enumerable.Range(0, mails.Count).ToArray();
        var firstWith = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < mails.Count; i++)
        {
            foreach (var tie in mails[i].Ties)
            {
                if (!firstWith.TryAdd(tie, i))
                {
                    Unite(parent, i, firstWith[tie]);
                }
            }
        }

        return [.. mails.Select((_, i) => SHA256.HashData(Encoding.UTF8.GetBytes(mails[Root(parent, i)].Mail.Name))[0] % Count)];
    }

    /// <summary>The smaller index leads, so that a group is known by its first mail.</summary>
    private static void Unite(int[] parent, int one, int other)
    {
        var (first, second) = (Root(parent, one), Root(parent, other));
        parent[Math.Max(first, second)] = Math.Min(first, second);
    }

    private static int Root(int[] parent, int index)
    {
        while (parent[index] != index)
        {
            index = parent[index] = parent[parent[index]];
        }

        return index;
    }
}
