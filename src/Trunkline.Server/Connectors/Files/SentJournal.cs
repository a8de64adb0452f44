using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Trunkline.Messaging.Records;

namespace Trunkline.Server.Connectors.Files;

/// <summary>
/// What a sink put into a file, kept beside it so that a message sent again after a crash is recognised. A message is entered before it is
/// written: after a crash only the last batch may lack something, and whoever opens the journal looks. Its format is in
/// docs/formats/sent-journal.md. While it is open no other process can open it. One user at a time.
/// </summary>
internal sealed class SentJournal : IDisposable
{
    /// <summary>How many messages are remembered: many times what a sink has in hand, so that what comes again is among them.</summary>
    public const int RememberedMax = 8 * 1024;

    /// <summary>The most messages entered at once.</summary>
    public const int BatchMax = 256;

    private const int WrittenMax = 4 * RememberedMax;
    private const int HeaderBytes = 24;
    private const byte Version = 1;

    private readonly string _path;
    private readonly Queue<UInt128> _order = new();
    private readonly HashSet<UInt128> _known = [];
    private SafeFileHandle _file;
    private long _end;
    private int _written;
    private uint _batch;

    private SentJournal(string path, SafeFileHandle file) => (_path, _file) = (path, file);

    /// <summary>When the file was begun.</summary>
    public DateTimeOffset Began { get; private set; }

    /// <summary>What was entered last and may not be whole.</summary>
    public IReadOnlyList<SentEntry> LastBatch { get; private set; } = [];

    /// <summary>Opens the journal, or begins it. To be settled before anything is entered.</summary>
    /// <exception cref="ConnectorException">It is damaged, of a newer version, or in use.</exception>
    public static SentJournal Open(string path, DateTimeOffset now)
    {
        SentJournal journal;
        try
        {
            journal = new SentJournal(path, File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None)) { Began = now };
        }
        catch (IOException inUse) when (File.Exists(path))
        {
            throw new ConnectorException($"'{path}' cannot be opened: another process may be writing to the same place", inUse);
        }

        try
        {
            journal.Load();
            return journal;
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    /// <summary>True if the message was sent before.</summary>
    public bool Holds(UInt128 id) => _known.Contains(id);

    /// <summary>Writes the journal anew: all it knows is whole but for these, which it forgets.</summary>
    public void Settle(IReadOnlyCollection<UInt128> unfinished, DateTimeOffset began, bool sync)
    {
        foreach (var id in unfinished)
        {
            _known.Remove(id);
        }

        var kept = _order.Where(_known.Contains).Distinct().TakeLast(RememberedMax).ToList();
        var bytes = new byte[HeaderBytes + (kept.Count * SentEntry.Bytes)];
        WriteHeader(bytes, began);
        for (var i = 0; i < kept.Count; i++)
        {
            new SentEntry(kept[i], 0, 0, 0, 0).Write(bytes.AsSpan(HeaderBytes + (i * SentEntry.Bytes)));
        }

        Replace(bytes, sync);
        _order.Clear();
        _known.Clear();
        kept.ForEach(Remember);
        (Began, LastBatch, _end, _written, _batch) = (began, [], bytes.Length, kept.Count, 0);
    }

    /// <summary>Enters messages before they are written; those entered before are whole.</summary>
    public void Enter(IReadOnlyList<SentEntry> entries, bool sync)
    {
        if (_written > WrittenMax)
        {
            Settle([], Began, sync);
        }

        _batch++;
        var bytes = new byte[entries.Count * SentEntry.Bytes];
        for (var i = 0; i < entries.Count; i++)
        {
            (entries[i] with { Batch = _batch }).Write(bytes.AsSpan(i * SentEntry.Bytes));
        }

        RandomAccess.Write(_file, bytes, _end);
        if (sync)
        {
            RandomAccess.FlushToDisk(_file);
        }

        (_end, _written) = (_end + bytes.Length, _written + entries.Count);
        foreach (var entry in entries)
        {
            Remember(entry.Id);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void Load()
    {
        var bytes = new byte[RandomAccess.GetLength(_file)];
        var read = RandomAccess.Read(_file, bytes, 0);
        if (read == 0)
        {
            return;
        }

        Began = ReadHeader(bytes.AsSpan(0, read));
        var last = new List<SentEntry>();
        for (var at = HeaderBytes; at < read; at += SentEntry.Bytes)
        {
            if (SentEntry.Read(bytes.AsSpan(at, Math.Min(SentEntry.Bytes, read - at))) is not { } entry)
            {
                // The process or the machine ended while it was entered, so that nothing was written of that batch.
                if (read - at > BatchMax * SentEntry.Bytes)
                {
                    throw Unusable("is damaged");
                }

                break;
            }

            if (last.Count > 0 && last[^1].Batch != entry.Batch)
            {
                last.Clear();
            }

            if (entry.Batch != 0)
            {
                last.Add(entry);
            }

            Remember(entry.Id);
        }

        LastBatch = last;
    }

    private DateTimeOffset ReadHeader(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderBytes || !bytes.StartsWith("TLSENT"u8) || BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]) != Checksum.Crc32C(bytes[..16]))
        {
            throw Unusable("is damaged");
        }

        return bytes[6] == Version
            ? new DateTimeOffset(BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]), TimeSpan.Zero)
            : throw Unusable("was written by a newer version of Trunkline");
    }

    private static void WriteHeader(Span<byte> bytes, DateTimeOffset began)
    {
        "TLSENT"u8.CopyTo(bytes);
        bytes[6] = Version;
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], began.UtcTicks);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[16..], Checksum.Crc32C(bytes[..16]));
    }

    private ConnectorException Unusable(string why) =>
        new($"'{_path}' {why}: what was sent is not known. Move it away to go on; the last messages may then come twice");

    // Under another name first: at every moment there is one whole journal, and it stays locked.
    private void Replace(byte[] bytes, bool sync)
    {
        var next = _path + ".new";
        var file = File.OpenHandle(next, FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        try
        {
            RandomAccess.Write(file, bytes, 0);
            if (sync)
            {
                RandomAccess.FlushToDisk(file);
            }

            File.Move(next, _path, overwrite: true);
            if (sync)
            {
                FileSystemCalls.SyncFolder(Path.GetDirectoryName(_path)!);
            }
        }
        catch
        {
            file.Dispose();
            throw;
        }

        _file.Dispose();
        _file = file;
    }

    private void Remember(UInt128 id)
    {
        _order.Enqueue(id);
        _known.Add(id);
        while (_order.Count > RememberedMax)
        {
            _known.Remove(_order.Dequeue());
        }
    }
}
