using System.Globalization;
using Trunkline.Messaging.Records;

namespace Trunkline.Server.Connectors.Files;

/// <summary>
/// A folder each message becomes a file in. The file is written under a hidden name, entered into the journal, and only then gets its own: so it
/// appears whole, and after a crash the hidden name tells whether it had, even if somebody has taken the file away since.
/// </summary>
internal sealed class FileFolder(string root, TimeProvider time) : IFileTarget
{
    private const string PartPrefix = ".trunkline-";
    private const string PartSuffix = ".part";

    private SentJournal? _journal;

    public void Write(IReadOnlyList<FileItem> items)
    {
        var journal = _journal ??= Open(items[^1].Sink.Syncs);
        var entered = new HashSet<UInt128>();
        var left = items.Where(item => !journal.Holds(item.Id) && entered.Add(item.Id)).ToList();
        while (left.Count > 0)
        {
            // Two messages of one name: the second has to see the first one's file.
            var names = new HashSet<string>(StringComparer.Ordinal);
            var next = left.ToLookup(item => names.Add(item.Name));
            WriteFiles(journal, [.. next[true]]);
            left = [.. next[false]];
        }
    }

    public void Close()
    {
        _journal?.Dispose();
        _journal = null;
    }

    private SentJournal Open(bool sync)
    {
        Directory.CreateDirectory(root);
        var now = time.GetUtcNow();
        var journal = SentJournal.Open(Path.Combine(root, ".trunkline.sent"), now);
        try
        {
            journal.Settle([.. journal.LastBatch.Select(entry => entry.Id).Where(id => File.Exists(PartOf(id)))], now, sync);
            foreach (var part in Directory.EnumerateFiles(root, PartPrefix + "*" + PartSuffix))
            {
                File.Delete(part);
            }
        }
        catch
        {
            journal.Dispose();
            throw;
        }

        return journal;
    }

    private void WriteFiles(SentJournal journal, List<FileItem> items)
    {
        var writing = new List<(FileItem Item, string Path)>();
        foreach (var item in items)
        {
            var path = Path.Combine(root, item.Name);
            if (IsFree(item, path))
            {
                WritePart(item);
                writing.Add((item, path));
            }
        }

        if (writing.Count == 0)
        {
            return;
        }

        var sync = items[^1].Sink.Syncs;
        journal.Enter([.. writing.Select(w => new SentEntry(w.Item.Id, 0, w.Item.Content.Length, Checksum.Crc32C(w.Item.Content.Span), 0))], sync);
        foreach (var (item, path) in writing)
        {
            File.Move(PartOf(item.Id), path, overwrite: item.Sink.Replaces);
        }

        foreach (var folder in sync ? writing.Select(w => Path.GetDirectoryName(w.Path)!).Append(root).Distinct(StringComparer.Ordinal) : [])
        {
            FileSystemCalls.SyncFolder(folder);
        }
    }

    /// <summary>True if the file is to be written; else the message is answered, or its file is there already.</summary>
    private bool IsFree(FileItem item, string path)
    {
        if (Directory.Exists(path) || FileAmongFolders(item.Name))
        {
            item.Answer(Taken("a folder, or is one below a file"));
            return false;
        }

        if (item.Sink.Replaces || !File.Exists(path))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            return true;
        }

        if (new FileInfo(path).Length != item.Content.Length || !File.ReadAllBytes(path).AsSpan().SequenceEqual(item.Content.Span))
        {
            item.Answer(Taken("another file"));
        }

        return false;
    }

    private bool FileAmongFolders(string name)
    {
        for (var slash = name.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = name.IndexOf('/', slash + 1))
        {
            if (File.Exists(Path.Combine(root, name[..slash])))
            {
                return true;
            }
        }

        return false;
    }

    private void WritePart(FileItem item)
    {
        using var part = File.OpenHandle(PartOf(item.Id), FileMode.Create, FileAccess.Write, FileShare.None);
        RandomAccess.Write(part, item.Content.Span, 0);
        if (item.Sink.Syncs)
        {
            RandomAccess.FlushToDisk(part);
        }
    }

    private string PartOf(UInt128 id) => Path.Combine(root, PartPrefix + id.ToString("x32", CultureInfo.InvariantCulture) + PartSuffix);

    private static SinkAnswer.Refused Taken(string what) => new($"the name its template made is that of {what}") { Code = "sink.name-taken" };
}
