namespace Trunkline.Cli.Demo;

/// <summary>What the node says, in a file, and its last lines for when it fails. Thread-safe.</summary>
internal sealed class NodeLog(string path) : IDisposable
{
    private const int LinesKept = 20;

    private readonly Lock _gate = new();
    private readonly Queue<string> _last = new();
    private readonly StreamWriter _file = new(path, append: true) { AutoFlush = true };

    /// <summary>The last lines.</summary>
    public string Last
    {
        get
        {
            lock (_gate)
            {
                return string.Join(Environment.NewLine, _last);
            }
        }
    }

    /// <summary>Adds a line.</summary>
    public void Add(string line)
    {
        lock (_gate)
        {
            _file.WriteLine(line);
            _last.Enqueue(line);
            if (_last.Count > LinesKept)
            {
                _last.Dequeue();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _file.Dispose();
        }
    }
}
