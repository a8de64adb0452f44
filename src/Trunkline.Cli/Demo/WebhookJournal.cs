using System.Text;

namespace Trunkline.Cli.Demo;

/// <summary>
/// The webhooks a receiver got, one id a line, in a file: a demo that is resumed goes on counting where it stopped. Thread-safe.
/// </summary>
internal sealed class WebhookJournal : IDisposable
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _distinct = new(StringComparer.Ordinal);
    private readonly FileStream _file;
    private int _attempts;

    private WebhookJournal(FileStream file) => _file = file;

    /// <summary>All requests, repeats included.</summary>
    public int Attempts
    {
        get
        {
            lock (_gate)
            {
                return _attempts;
            }
        }
    }

    /// <summary>Different webhook ids.</summary>
    public int Distinct
    {
        get
        {
            lock (_gate)
            {
                return _distinct.Count;
            }
        }
    }

    /// <summary>Opens the journal and counts what is in it; a line that a crash cut short does not count.</summary>
    public static WebhookJournal Open(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var known = File.Exists(path) ? File.ReadAllText(path) : "";
        var whole = known[..(known.LastIndexOf('\n') + 1)];
        var journal = new WebhookJournal(new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read));
        journal._file.SetLength(Encoding.UTF8.GetByteCount(whole));
        journal._file.Seek(0, SeekOrigin.End);
        foreach (var id in whole.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            journal.Count(id);
        }

        return journal;
    }

    /// <summary>Counts a webhook and writes it down before it is acknowledged to the sender.</summary>
    public void Add(string id)
    {
        lock (_gate)
        {
            _file.Write(Encoding.UTF8.GetBytes(id + "\n"));
            _file.Flush();
            Count(id);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void Count(string id)
    {
        _attempts++;
        _distinct.Add(id);
    }
}
