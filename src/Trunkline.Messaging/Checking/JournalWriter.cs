using System.Text;

namespace Trunkline.Messaging.Checking;

/// <summary>Appends entries to a journal file. Thread-safe; entries of one caller keep their order.</summary>
public sealed class JournalWriter : IDisposable
{
    private readonly Lock _gate = new();
    private readonly FileStream _file;

    /// <summary>Opens the file for appending, or creates it.</summary>
    public JournalWriter(string path) => _file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);

    /// <summary>Writes entries; with <paramref name="sync"/> they are on the disk when it returns, as attempts must be before sending.</summary>
    public void Write(bool sync, params IEnumerable<JournalEntry> entries)
    {
        var text = new StringBuilder();
        foreach (var entry in entries)
        {
            text.Append(Journal.ToLine(entry)).Append('\n');
        }

        lock (_gate)
        {
            _file.Write(Encoding.UTF8.GetBytes(text.ToString()));
            _file.Flush(sync);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
