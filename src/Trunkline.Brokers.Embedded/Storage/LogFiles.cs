namespace Trunkline.Brokers.Embedded.Storage;

/// <summary>
/// The files of the commit log: which one is written next, which can go, and reads of batches in them. Any thread, but for what the log itself
/// asks for.
/// </summary>
internal sealed class LogFiles : IDisposable
{
    /// <summary>A file is a part of what the log may hold before RocksDB is asked to write its tables.</summary>
    private const int Parts = 8;

    private readonly string _directory;
    private readonly Func<ulong> _flushed;
    private readonly Action _flush;
    private readonly Lock _gate = new();
    private readonly Dictionary<int, CommitSegment> _files;
    private CommitSegment? _current;

    /// <param name="directory">Where they are.</param>
    /// <param name="bytes">What the log may hold, about, before RocksDB is asked to write its tables.</param>
    /// <param name="found">Files of earlier runs that hold batches: they are read, never written again.</param>
    /// <param name="flushed">The number of the newest change that RocksDB has in its files.</param>
    /// <param name="flush">Asks RocksDB to write its files.</param>
    public LogFiles(string directory, long bytes, IEnumerable<CommitSegment> found, Func<ulong> flushed, Action flush) =>
        (_directory, Bytes, _flushed, _flush, _files) = (directory, bytes, flushed, flush, found.ToDictionary(file => file.File));

    /// <summary>What the log may hold, about, before RocksDB is asked to write its tables.</summary>
    public long Bytes { get; }

    /// <summary>How long a file becomes, about.</summary>
    public long FileBytes => Bytes / Parts;

    /// <summary>The file to go on in: one that nothing needs any more, or a new one. Log's thread only.</summary>
    /// <param name="number">The number its first record will have.</param>
    public CommitSegment Next(ulong number)
    {
        var flushed = _flushed();
        CommitSegment? next;
        long waiting;
        lock (_gate)
        {
            next = _files.Values.FirstOrDefault(file => file != _current && file.MayBeWritten && file.IsFree(flushed));
            next?.Begin(number);
            waiting = _files.Values.Where(file => file.Last > flushed).Sum(file => file.End);
        }

        if (waiting > Bytes - FileBytes)
        {
            _flush();
        }

        return next is null ? Create(number) : _current = next;
    }

    /// <summary>A new file to go on in. Log's thread only.</summary>
    public CommitSegment Create(ulong number)
    {
        var file = CommitSegment.Create(_directory);
        file.Begin(number);
        lock (_gate)
        {
            _files.Add(file.File, file);
            _current = file;
        }

        DurableFiles.SyncFolder(_directory);
        return file;
    }

    /// <summary>The batch at a place; null if its file is gone, too short or written again since: then the batch is elsewhere by now, or removed, or the store is damaged.</summary>
    public byte[]? Read(in LogPlace place, int length)
    {
        CommitSegment? file;
        lock (_gate)
        {
            if (!_files.TryGetValue(place.File, out file) || file.First > place.Number)
            {
                return null;
            }

            file.Readers++;
        }

        try
        {
            var bytes = GC.AllocateUninitializedArray<byte>(length);
            return file.Read(bytes, place.At) == length ? bytes : null;
        }
        finally
        {
            lock (_gate)
            {
                file.Readers--;
                DisposeUnread(file);
            }
        }
    }

    /// <summary>The files that are written no more: of them it can be said what in them is needed.</summary>
    public IReadOnlyList<CommitSegment> Closed()
    {
        lock (_gate)
        {
            return [.. _files.Values.Where(file => file != _current)];
        }
    }

    /// <summary>Says that no batch in some files is needed any more, once RocksDB has a change in its files. What is free and need not be kept is deleted.</summary>
    public void Free(IEnumerable<CommitSegment> files, ulong since)
    {
        var flushed = _flushed();
        lock (_gate)
        {
            foreach (var file in files)
            {
                file.Free(since);
            }

            // As many are kept to be written again as a log without batches would be made of.
            var free = _files.Values.Where(file => file != _current && file.IsFree(flushed)).ToLookup(file => file.MayBeWritten);
            Delete([.. free[false], .. free[true].Skip(Parts)]);
        }
    }

    /// <summary>Deletes the files that end at or before a change, which hold nothing that is needed, and with them every byte that was ever in them.</summary>
    public void Delete(ulong last)
    {
        lock (_gate)
        {
            Delete([.. _files.Values.Where(file => file != _current && file.Last <= last)]);
        }
    }

    /// <summary>Adds the closed files to a folder, by links where the volume is the same; from now on they are written no more.</summary>
    public void LinkInto(string folder)
    {
        foreach (var file in Closed())
        {
            file.Keep();
            DurableFiles.Link(file.Path, Path.Combine(folder, Path.GetFileName(file.Path)));
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var file in _files.Values)
            {
                file.Dispose();
            }
        }
    }

    private void Delete(CommitSegment[] files)
    {
        foreach (var file in files)
        {
            File.Delete(file.Path);
            _files.Remove(file.File);
            DisposeUnread(file);
        }
    }

    /// <summary>Who still reads in a file that was deleted ends it.</summary>
    private void DisposeUnread(CommitSegment file)
    {
        if (file.Readers == 0 && !_files.ContainsKey(file.File))
        {
            file.Dispose();
        }
    }
}
