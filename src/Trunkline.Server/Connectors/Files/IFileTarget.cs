using Trunkline.Server.Configuration;

namespace Trunkline.Server.Connectors.Files;

/// <summary>Where messages are written to. One user at a time.</summary>
internal interface IFileTarget
{
    /// <summary>Writes messages, in order, at most <see cref="SentJournal.BatchMax"/>. Those it answers nothing to are written when it returns.</summary>
    /// <exception cref="Exception">Whether they are written is not known.</exception>
    void Write(IReadOnlyList<FileItem> items);

    /// <summary>Lets go of what is open. The next write looks at what is there.</summary>
    void Close();
}

/// <summary>A message on its way into a file, and whoever waits for it.</summary>
/// <param name="sink">How it is to be written.</param>
/// <param name="id">What it is known by: see <see cref="SentEntry.IdOf"/>.</param>
/// <param name="content">What is written.</param>
/// <param name="name">In a folder: the path of its file below the folder.</param>
internal sealed class FileItem(FileSinkConfig sink, UInt128 id, ReadOnlyMemory<byte> content, string name)
{
    private readonly TaskCompletionSource<SinkAnswer> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FileSinkConfig Sink => sink;

    public UInt128 Id => id;

    public ReadOnlyMemory<byte> Content => content;

    public string Name => name;

    public Task<SinkAnswer> Answered => _answer.Task;

    public void Answer(SinkAnswer answer) => _answer.TrySetResult(answer);
}
