using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Trunkline.Brokers.Embedded.Storage;

/// <summary>One file of the commit log, and how far it is written in this turn: what stands behind is of an earlier one. Its bookkeeping is under the lock of <see cref="LogFiles"/>.</summary>
internal sealed class CommitSegment : IDisposable
{
    private const string Prefix = "commits-";
    private const string Extension = ".log";

    /// <summary>How far a file is made larger at once for small records, which otherwise would each change its length, and wait for the file system's journal.</summary>
    private const int AheadBytes = 256 * 1024;
    private static readonly byte[] Zeros = new byte[AheadBytes];
    private readonly SafeFileHandle _file;
    private readonly bool _isNew;
    private ulong _freeSince = ulong.MaxValue;
    private bool _holdsBatches;
    private bool _isKept;

    private CommitSegment(string path, FileMode mode, FileAccess access)
    {
        Path = path;
        File = NumberOf(path);
        _isNew = mode == FileMode.CreateNew;
        _holdsBatches = !_isNew;
        _file = System.IO.File.OpenHandle(path, mode, access, FileShare.ReadWrite | FileShare.Delete);
        Length = RandomAccess.GetLength(_file);
    }

    public string Path { get; }

    /// <summary>The number in its name.</summary>
    public int File { get; }

    /// <summary>Bytes of the file.</summary>
    public long Length { get; private set; }

    /// <summary>Where the next record goes.</summary>
    public long End { get; private set; }

    /// <summary>The number of the first record in it; 0 for a file of an earlier run.</summary>
    public ulong First { get; private set; }

    /// <summary>The number of the last record in it; 0 for a file of an earlier run, all of which is in RocksDB's files.</summary>
    public ulong Last { get; private set; }

    /// <summary>How many read in it.</summary>
    public int Readers { get; set; }

    /// <summary>False for files of earlier runs and of backups, which keep what they have.</summary>
    public bool MayBeWritten => _isNew && !_isKept;

    /// <summary>A new file, of a name that no other has.</summary>
    public static CommitSegment Create(string directory)
    {
        var last = Paths(directory).Select(NumberOf).DefaultIfEmpty(-1).Max();
        return new CommitSegment(System.IO.Path.Combine(directory, NameOf(last + 1)), FileMode.CreateNew, FileAccess.ReadWrite);
    }

    public static CommitSegment Open(string path) => new(path, FileMode.Open, FileAccess.Read);

    /// <summary>The files of the log in a folder.</summary>
    public static string[] Paths(string directory) => [.. Directory.GetFiles(directory, $"{Prefix}*{Extension}").Where(path => NumberOf(path) >= 0).Order(StringComparer.Ordinal)];

    /// <summary>Begins at the start, over what is there, with the record of a number.</summary>
    public void Begin(ulong number) => (End, First, Last, _freeSince, _holdsBatches) = (0, number, 0, ulong.MaxValue, false);

    /// <summary>Leaves it as it is from now on: others have links to it.</summary>
    public void Keep() => _isKept = true;

    /// <summary>Says that no batch is needed that was in it before a change, once RocksDB has that change in its files. A file that was begun since holds others.</summary>
    public void Free(ulong since)
    {
        if (First < since)
        {
            _freeSince = Math.Min(_freeSince, since);
        }
    }

    /// <summary>True if nothing in it is needed, and nobody reads in it.</summary>
    /// <param name="flushed">The number of the newest change that RocksDB has in its files.</param>
    public bool IsFree(ulong flushed) => Readers == 0 && Last <= flushed && (!_holdsBatches || _freeSince <= flushed);

    public void Append(IReadOnlyList<ReadOnlyMemory<byte>> pieces, in CommitRecord record)
    {
        RandomAccess.Write(_file, pieces, End);
        (End, Last) = (End + record.Size, record.Number);
        _holdsBatches |= record.BatchBytes > 0;
        if (End > Length)
        {
            var ahead = (int)Math.Max(0, AheadBytes - record.Size);
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

    public static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{number:D4}{Extension}");

    /// <summary>The number in a file's name; -1 if it is no file of the log.</summary>
    public static int NumberOf(string path) =>
        System.IO.Path.GetFileNameWithoutExtension(path) is var name && name.StartsWith(Prefix, StringComparison.Ordinal)
        && int.TryParse(name.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
}
