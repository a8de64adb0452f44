using Microsoft.Win32.SafeHandles;
using Trunkline.Messaging.Records;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.Connectors.Files;

/// <summary>
/// A file lines are appended to. Each line is entered into the journal first; when the file is opened, what the last batch left half written is cut
/// off, so that readers see whole lines but for the moment of a crash. A file that others put aside or empty (logrotate) is noticed.
/// </summary>
internal sealed class LineFile(string path, TimeProvider time) : IFileTarget
{
    private SafeFileHandle? _file;
    private SentJournal? _journal;
    private FileIdentity _identity;
    private bool _lacksEnd;
    private bool _distrusted;

    public void Write(IReadOnlyList<FileItem> items)
    {
        var sink = items[^1].Sink;
        var (file, journal) = Opened(sink.Syncs);
        var entered = new HashSet<UInt128>();
        var fresh = items.Where(item => !journal.Holds(item.Id) && entered.Add(item.Id)).ToList();
        if (fresh.Count == 0)
        {
            return;
        }

        if (IsDue(file, journal, sink.Rotate))
        {
            PutAside(sink);
            (file, journal) = Opened(sink.Syncs);
        }

        var lines = new List<ReadOnlyMemory<byte>>();
        var (start, at) = (RandomAccess.GetLength(file), RandomAccess.GetLength(file));
        if (_lacksEnd)
        {
            lines.Add("\n"u8.ToArray());
            at++;
        }

        var entries = new List<SentEntry>();
        foreach (var item in fresh)
        {
            lines.Add(item.Content);
            entries.Add(new SentEntry(item.Id, at, item.Content.Length, Checksum.Crc32C(item.Content.Span), 0));
            at += item.Content.Length;
        }

        journal.Enter(entries, sink.Syncs);
        RandomAccess.Write(file, lines, start);
        _lacksEnd = false;
        Flush(file, sink.Syncs);
    }

    public void Close()
    {
        _file?.Dispose();
        _journal?.Dispose();
        (_file, _journal) = (null, null);
    }

    /// <summary>After a sync that failed the system may show what the disk does not have: such a batch is written again.</summary>
    private void Flush(SafeFileHandle file, bool sync)
    {
        if (!sync)
        {
            return;
        }

        try
        {
            RandomAccess.FlushToDisk(file);
        }
        catch
        {
            _distrusted = true;
            throw;
        }
    }

    private (SafeFileHandle File, SentJournal Journal) Opened(bool sync)
    {
        if (_file is { } file && _journal is { } journal)
        {
            if (FileSystemCalls.IdentityAt(path) == _identity)
            {
                return (file, journal);
            }

            // Somebody put the file aside. All that was entered is in it.
            journal.Settle([], time.GetUtcNow(), sync);
            Close();
        }

        return Open(sync);
    }

    private (SafeFileHandle File, SentJournal Journal) Open(bool sync)
    {
        var (folder, now) = (Path.GetDirectoryName(path)!, time.GetUtcNow());
        Directory.CreateDirectory(folder);
        var journal = _journal = SentJournal.Open(Path.Combine(folder, $".{Path.GetFileName(path)}.sent"), now);
        var isNew = !File.Exists(path);
        var file = _file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        _identity = FileSystemCalls.IdentityOf(file, path);
        var unfinished = journal.LastBatch.Where(entry => _distrusted || !IsWhole(file, entry)).ToList();
        if (unfinished.Count > 0 && RandomAccess.GetLength(file) > unfinished[0].Start)
        {
            RandomAccess.SetLength(file, unfinished[0].Start);
            Flush(file, sync);
        }

        if (isNew && sync)
        {
            FileSystemCalls.SyncFolder(folder);
        }

        journal.Settle([.. unfinished.Select(entry => entry.Id)], isNew ? now : journal.Began, sync);
        _distrusted = false;
        _lacksEnd = LacksEnd(file);
        return (file, journal);
    }

    private static bool IsWhole(SafeFileHandle file, SentEntry entry)
    {
        var line = new byte[entry.Length];
        return RandomAccess.GetLength(file) >= entry.Start + entry.Length
            && RandomAccess.Read(file, line, entry.Start) == line.Length
            && Checksum.Crc32C(line) == entry.Checksum;
    }

    private static bool LacksEnd(SafeFileHandle file)
    {
        Span<byte> last = stackalloc byte[1];
        return RandomAccess.GetLength(file) is > 0 and var length && RandomAccess.Read(file, last, length - 1) == 1 && last[0] != (byte)'\n';
    }

    private bool IsDue(SafeFileHandle file, SentJournal journal, RotationConfig? rotate) =>
        rotate is not null && RandomAccess.GetLength(file) is > 0 and var length
        && (length >= rotate.Bytes || time.GetUtcNow() - journal.Began >= rotate.Age);

    /// <summary>The journal is settled first: after a crash in between, nothing it knows is looked for in the new file.</summary>
    private void PutAside(FileSinkConfig sink)
    {
        _journal!.Settle([], time.GetUtcNow(), sink.Syncs);
        Close();
        RotatedFiles.Add(path, time.GetUtcNow());
        if (sink.Rotate!.Keep is { } keep)
        {
            RotatedFiles.Thin(path, keep);
        }
    }
}
