using Trunkline.Core.Config.Grammar;

namespace Trunkline.Server.Configuration.Grammar;

/// <summary>The sink <c>file</c>.</summary>
internal static class FileGrammar
{
    public static readonly GrammarKey<string> Path = new("path", Values.FilePath, "A file messages are appended to, a line each.");
    public static readonly GrammarKey<string> Folder = new("folder", Values.FilePath, "A folder each message becomes a file in, which appears whole.");

    public static readonly GrammarKey<ObjectValues> Text = new("text", ChatGrammar.TextType, "What is written instead of the body.")
    {
        Default = "the body; with `path` as one line of JSON, a text as a JSON string",
    };

    public static readonly GrammarKey<string> FileName = new(
        "name",
        Values.Template,
        "With `folder`: the file's name, a template; its slashes make folders. What a message says is percent-encoded but for letters, digits, `-`, `_` and `.`.")
    { Default = $"`{FileSinkConfig.FileNameDefault}`" };

    public static readonly GrammarKey<bool> Replace = new(
        "replace", Scalars.Boolean, "With `folder`: a message replaces the file of its name. Else one whose name another message has taken is a dead letter.")
    { Default = "`false`" };

    public static readonly GrammarKey<long> RotateSize = new("size", Scalars.Size(1024, 1L << 50), "Once it has so many bytes.");

    public static readonly GrammarKey<TimeSpan> RotateAge = new("age", Scalars.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(366)), "Once it was begun so long ago.");

    public static readonly GrammarKey<int> RotateKeep = new("keep", Scalars.WholeNumber(1, 10_000), "How many that were put aside are kept; the oldest are removed.") { Default = "all" };

    public static readonly ObjectType RotateType = new(
        "rotate",
        "When the file is put aside, as `name.20260131T120000Z.ext`, and a new one begun. Looked at with each write.",
        RotateSize,
        RotateAge,
        RotateKeep);

    public static readonly GrammarKey<ObjectValues> Rotate = new("rotate", RotateType, "With `path`: when the file is put aside and a new one begun.") { Default = "never" };

    public static readonly GrammarKey<bool> Durability = new(
        "durability",
        new ChoiceType<bool>(("sync", true), ("none", false)),
        "`sync`: what counts as sent survives a power cut. `none`: it survives the end of the process only.")
    { Default = "`sync`" };

    public static readonly ObjectType Type = new(
        "file-sink",
        "Appends messages to a file, or writes a file for each; each once, also over a crash.",
        Path,
        Folder,
        Text,
        FileName,
        Replace,
        Rotate,
        Durability,
        SinkGrammar.Timeout,
        SinkGrammar.Breaker)
    { Shorthand = Path, OneOf = [Path, Folder] };

    public static readonly GrammarKey<ObjectValues> File = new("file", Type, "A file of lines, or a folder of files.");
}
