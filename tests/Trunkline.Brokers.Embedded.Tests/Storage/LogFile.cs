using Trunkline.Brokers.Embedded.Storage;

namespace Trunkline.Brokers.Embedded.Tests.Storage;

/// <summary>The file of a store's commit log that is written: the newest. Those before it are there for their large batches.</summary>
internal static class LogFile
{
    public const string Pattern = "commits-*.log";

    public static FileInfo Of(StoreFolder folder) => folder.Files(Pattern).MaxBy(file => file.Name)!;

    /// <summary>Where each record ends; behind the last one are zeros.</summary>
    public static List<long> Ends(string path)
    {
        using var segment = CommitSegment.Open(path);
        var head = new byte[CommitRecord.HeaderSize];
        var ends = new List<long>();
        for (long at = 0; segment.Read(head, at) == head.Length && CommitRecord.Head(head) is { } record;)
        {
            ends.Add(at += record.Size);
        }

        return ends;
    }

    /// <summary>How much of the file is written.</summary>
    public static long Used(FileInfo file) => Ends(file.FullName) is [.., var last] ? last : file.Length;
}
