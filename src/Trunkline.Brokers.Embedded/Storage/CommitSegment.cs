using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Trunkline.Brokers.Embedded.Storage;

/// <summary>One file of the commit log, and how far it is written in this turn: what stands behind is of an earlier one.</summary>
internal sealed class CommitSegment : IDisposable
{
    private const string Prefix = "commits-";
    private const string Extension = ".log";

    /// <summary>How far a file is made larger at once for small records, which otherwise would each change its length, and wait for the file system's journal.</summary>
    private const int AheadBytes = 256 * 1024;
    private static readonly byte[] Zeros = new byte[AheadBytes];
    private readonly SafeFileHandle _file;

    private CommitSegment(string path, FileMode mode, FileAccess access)
    {
        Path = path;
        _file = File.OpenHandle(path, mode, access, FileShare.ReadWrite | FileShare.Delete);
        Length = RandomAccess.GetLength(_file);
    }

    public string Path { get; }

    /// <summary>Bytes of the file.</summary>
    public long Length { get; private set; }

    /// <summary>Where the next record goes.</summary>
    public long End { get; private set; }

    /// <summary>The number of the last record in it.</summary>
    public ulong Last { get; private set; }

    /// <summary>A new file, of a name that no other has.</summary>
    public static CommitSegment Create(string directory)
    {
        var last = Paths(directory).Select(Number).DefaultIfEmpty(-1).Max();
        return new CommitSegment(System.IO.Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{last + 1:D4}{Extension}")), FileMode.CreateNew, FileAccess.ReadWrite);
    }

    public static CommitSegment Open(string path) => new(path, FileMode.Open, FileAccess.Read);

    /// <summary>The files of the log in a folder.</summary>
    public static string[] Paths(string directory) => [.. Directory.GetFiles(directory, $"{Prefix}*{Extension}").Where(path => Number(path) >= 0).Order(StringComparer.Ordinal)];

    /// <summary>Leaves a folder without a log.</summary>
    public static void DeleteAll(string directory)
    {
        var paths = Paths(directory);
        Array.ForEach(paths, File.Delete);
        if (paths.Length > 0)
        {
            DurableFiles.SyncFolder(directory);
        }
    }

    /// <summary>Begins anew at the start, over what is there.</summary>
    public void Rewind() => End = 0;

    public void Append(ReadOnlySpan<byte> record, ulong number)
    {
        RandomAccess.Write(_file, record, End);
        (End, Last) = (End + record.Length, number);
        if (End > Length)
        {
            var ahead = Math.Max(0, AheadBytes - record.Length);
            RandomAccess.Write(_file, Zeros.AsSpan(0, ahead), End);
            Length = End + ahead;
        }
    }

    public void Sync() => DurableFiles.SyncData(_file);

    /// <summary>Reads up to a span's length; what is behind the file's end stays as it is.</summary>
    public int Read(Span<byte> into, long at)
    {
        var read = 0;
        while (read < into.Length && RandomAccess.Read(_file, into[read..], at + read) is > 0 and var more)
        {
            read += more;
        }

        return read;
    }

    public void Dispose() => _file.Dispose();

    private static int Number(string path) =>
        int.TryParse(System.IO.Path.GetFileNameWithoutExtension(path).AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
}
