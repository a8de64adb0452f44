namespace Trunkline.Cli.Demo;

/// <summary>Where a demo keeps all it has. A temporary one goes with the demo; a named one stays and can be gone on with.</summary>
internal sealed class DemoFolder : IDisposable
{
    private readonly bool _temporary;

    private DemoFolder(string root, bool temporary) => (Root, _temporary) = (root, temporary);

    /// <summary>The folder itself.</summary>
    public string Root { get; }

    /// <summary>The mails, one file each.</summary>
    public string Mails => In("mails");

    /// <summary>The project the node runs.</summary>
    public string Project => In("project");

    /// <summary>The project that might follow.</summary>
    public string Candidate => In("candidate");

    /// <summary>The node's data.</summary>
    public string Data => In("data");

    /// <summary>What the node says.</summary>
    public string Log => In("log.txt");

    /// <summary>The webhooks that came.</summary>
    public string Webhooks => In("webhooks.txt");

    /// <summary>What a resumed demo must do alike.</summary>
    public string Settings => In("demo.json");

    /// <summary>Opens it; null for a temporary one.</summary>
    public static DemoFolder Open(string? path) => path is null
        ? new DemoFolder(Directory.CreateTempSubdirectory("trunkline-demo-").FullName, true)
        : new DemoFolder(Directory.CreateDirectory(Path.GetFullPath(path)).FullName, false);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_temporary)
        {
            Directory.Delete(Root, recursive: true);
        }
    }

    private string In(string name) => Path.Combine(Root, name);
}
