using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors;
using Trunkline.Server.Connectors.Files;
using Trunkline.Testing.Conformance.Connectors;

namespace Trunkline.Server.Tests.Connectors.Files;

public sealed class LineFileConformanceTests : SinkConformance
{
    private readonly FileTargets _files = new(TimeProvider.System);

    protected override bool RecognisesRepeats => true;

    private string Target => Path.Combine(Folder, "out", "lines.jsonl");

    public override ValueTask DisposeAsync()
    {
        _files.Dispose();
        return base.DisposeAsync();
    }

    protected override ValueTask<ISinkConnector> OpenAsync()
    {
        var sink = new FileSinkConfig("file-1", Target, false, default);
        return new(new FileSink("f", sink, _files.Of(sink)));
    }

    protected override ValueTask<IReadOnlyList<string>> ReceivedAsync() => new(File.Exists(Target) ? File.ReadAllLines(Target) : []);

    protected override ValueTask<bool> SetDownAsync(bool down) => new(FileSinkFault.Set(Path.Combine(Folder, "out"), down));
}

public sealed class FileFolderConformanceTests : SinkConformance
{
    private readonly FileTargets _files = new(TimeProvider.System);

    protected override bool RecognisesRepeats => true;

    private string Target => Path.Combine(Folder, "out");

    public override ValueTask DisposeAsync()
    {
        _files.Dispose();
        return base.DisposeAsync();
    }

    protected override ValueTask<ISinkConnector> OpenAsync()
    {
        var sink = new FileSinkConfig("file-1", Target, true, default);
        return new(new FileSink("f", sink, _files.Of(sink)));
    }

    // In the order they appeared: by the journal's, as the clock of a file system is too coarse.
    protected override ValueTask<IReadOnlyList<string>> ReceivedAsync() => new(Directory.Exists(Target)
        ? [.. new DirectoryInfo(Target).EnumerateFiles().Where(file => file.Name[0] != '.').OrderBy(file => file.LastWriteTimeUtc).Select(file => File.ReadAllText(file.FullName))]
        : []);

    protected override ValueTask<bool> SetDownAsync(bool down) => new(FileSinkFault.Set(Target, down));
}

/// <summary>Takes a folder away from a sink, for whoever has no rights it could lose (root).</summary>
internal static class FileSinkFault
{
    public static bool Set(string folder, bool down)
    {
        var aside = folder + ".aside";
        if (down && !Directory.Exists(aside))
        {
            // A file in the folder's place: nothing can be written below it.
            Directory.Move(folder, aside);
            File.WriteAllText(folder, "");
        }
        else if (!down)
        {
            File.Delete(folder);
            Directory.Move(aside, folder);
        }

        return true;
    }
}
