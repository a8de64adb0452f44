using Trunkline.Core.Config.Grammar;

namespace Trunkline.Server.Configuration.Grammar;

/// <summary>The source <c>file</c>.</summary>
internal static class FileSourceGrammar
{
    public static readonly GrammarKey<string> Pattern = new(
        "path", Values.FilePath, "A file, or a pattern: `*` and `?` within a name, `**` for any folders. Links are not followed.")
    { Required = true };

    public static readonly GrammarKey<FileEncoding> Encoding = new(
        "encoding",
        new ChoiceType<FileEncoding>(
            ("utf-8", FileEncoding.Utf8), ("utf-16le", FileEncoding.Utf16Le), ("utf-16be", FileEncoding.Utf16Be), ("latin1", FileEncoding.Latin1), ("windows-1252", FileEncoding.Windows1252)),
        "What the files are written in; messages are UTF-8.")
    { Default = "`utf-8`" };

    public static readonly GrammarKey<bool> Format = new(
        "format", new ChoiceType<bool>(("text", false), ("json", true)), "What a line is: the content type of its message, `text/plain` or `application/json`.")
    { Default = "`text`" };

    public static readonly GrammarKey<long> MaxLine = new(
        "maxLine", Scalars.Size(1024, 16 * 1024 * 1024), "The longest line; a longer one comes in pieces, all but the last with the header `filemore`.")
    { Default = "1MiB" };

    public static readonly ObjectType Type = new(
        "file-source",
        "Follows files, a message for each line that has its end. Its key is the file's name; headers `filename` and `fileoffset` tell where it stood.",
        Pattern,
        Encoding,
        Format,
        MaxLine)
    { Shorthand = Pattern };

    public static readonly GrammarKey<ObjectValues> File = new("file", Type, "The lines of files, as they are written.");
}
