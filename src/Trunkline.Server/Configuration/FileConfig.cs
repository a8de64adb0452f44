using Trunkline.Core.Config;

namespace Trunkline.Server.Configuration;

/// <summary><c>{ file: { path | folder, … } }</c>: appends lines to a file, or writes a file for each message.</summary>
/// <param name="Name">See <see cref="SinkConfig"/>.</param>
/// <param name="Path">The file, or the folder; resolved.</param>
/// <param name="IsFolder">Whether each message becomes a file of its own.</param>
/// <param name="Where">See <see cref="SinkConfig"/>.</param>
public sealed record FileSinkConfig(string Name, string Path, bool IsFolder, SourceLocation Where) : OutboxSinkConfig(Name, Where)
{
    /// <summary>The name of a message's file unless the sink says otherwise.</summary>
    public const string FileNameDefault = "{{ meta.id }}";

    /// <summary>What is written, a template; null for the body.</summary>
    public string? Text { get; init; }

    /// <summary>In a folder: the name of a message's file, a template whose slashes make folders.</summary>
    public string FileName { get; init; } = FileNameDefault;

    /// <summary>In a folder: whether a message replaces the file of its name; else it is refused. Default false.</summary>
    public bool Replaces { get; init; }

    /// <summary>When a file of lines is put aside; null for never.</summary>
    public RotationConfig? Rotate { get; init; }

    /// <summary>Whether what is written survives a power cut once it counts as sent. Default true.</summary>
    public bool Syncs { get; init; } = true;

    internal override string Kind => "file";

    internal override string Shown => Path;
}

/// <summary>When a file is put aside under another name and a new one begun; looked at with each write.</summary>
/// <param name="Bytes">Once it has so many bytes; null for any size.</param>
/// <param name="Age">Once it was begun so long ago; null for any age.</param>
/// <param name="Keep">How many put aside are kept, the oldest removed first; null for all.</param>
public sealed record RotationConfig(long? Bytes, TimeSpan? Age, int? Keep);

/// <summary><c>from: { file: { path, … } }</c>: a message for each line of the files a pattern matches.</summary>
/// <param name="Pattern">An absolute path, with wildcards.</param>
/// <param name="Where">Where it is written.</param>
public sealed record FileSourceConfig(string Pattern, SourceLocation Where) : SourceConfig(Where)
{
    /// <summary>What the files are written in; messages are UTF-8.</summary>
    public FileEncoding Encoding { get; init; }

    /// <summary>The longest line, in bytes of the file; a longer one comes in pieces. Default 1 MiB.</summary>
    public int LineBytesMax { get; init; } = 1024 * 1024;

    /// <summary>Whether each line is JSON.</summary>
    public bool IsJson { get; init; }

    internal override string Shown => "file:" + Pattern;

    internal override string Origin(string flow) => "file:" + flow;

    internal override bool IsSame(SourceConfig other) => other is FileSourceConfig file && file with { Where = Where } == this;
}

/// <summary>What a text file is written in.</summary>
public enum FileEncoding
{
    /// <summary>UTF-8, and ASCII. The default.</summary>
    Utf8,

    /// <summary>UTF-16, the lower byte first.</summary>
    Utf16Le,

    /// <summary>UTF-16, the higher byte first.</summary>
    Utf16Be,

    /// <summary>ISO 8859-1.</summary>
    Latin1,

    /// <summary>Windows code page 1252.</summary>
    Windows1252,
}
