using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Spectre.Console;

namespace Trunkline.Cli.Terminal;

/// <summary>
/// What a command says. With <c>--json</c> stdout carries one JSON document, or NDJSON for streams, and nothing else; all other
/// words go to stderr. Without it stdout carries text made safe for a terminal.
/// </summary>
/// <param name="stdout">Results.</param>
/// <param name="stderr">Errors and progress.</param>
/// <param name="json">Whether results are JSON.</param>
internal sealed class Output(TextWriter stdout, TextWriter stderr, bool json)
{
    private const int RedirectedColumns = 4096;

    /// <summary>Whether results are JSON.</summary>
    public bool Json { get; } = json;

    /// <summary>Writes a result: the document with <c>--json</c>, else what <paramref name="text"/> writes.</summary>
    public void Result<T>(T document, JsonTypeInfo<T> type, Action<Output> text)
    {
        if (Json)
        {
            Document(document, type);
        }
        else
        {
            text(this);
        }
    }

    /// <summary>One JSON document, or one line of NDJSON.</summary>
    public void Document<T>(T document, JsonTypeInfo<T> type)
    {
        stdout.WriteLine(JsonSerializer.Serialize(document, type));
        stdout.Flush();
    }

    /// <summary>A line of text, made safe.</summary>
    public void Line(string line)
    {
        stdout.WriteLine(SafeText.Line(line));
        stdout.Flush();
    }

    /// <summary>Text of this program or of a file it was asked to print: written as it is.</summary>
    public void Verbatim(string text) => stdout.Write(text);

    /// <summary>Bytes of the user's own data, written as they are.</summary>
    public void Flush() => stdout.Flush();

    /// <summary>Something that is not the result: progress, hints.</summary>
    public void Note(string line)
    {
        stderr.WriteLine(SafeText.Line(line));
        stderr.Flush();
    }

    /// <summary>A table; cells are made safe. Without rows, the hint is shown in its place.</summary>
    public void Table(IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows, string emptyHint)
    {
        if (rows.Count == 0)
        {
            Line(emptyHint);
            return;
        }

        var table = new Table().Border(TableBorder.None).ShowHeaders();
        foreach (var column in columns)
        {
            // A leading '#' marks a column of numbers: they are read from the right.
            var number = column.StartsWith('#');
            var header = new Text(number ? column[1..] : column, new Style(decoration: Decoration.Dim));
            table.AddColumn(new TableColumn(header) { Alignment = number ? Justify.Right : Justify.Left, NoWrap = number, Padding = new Padding(0, 0, 2, 0) });
        }

        foreach (var row in rows)
        {
            table.AddRow(row.Select(cell => new Text(SafeText.Line(cell))));
        }

        Console(stdout, System.Console.IsOutputRedirected).Write(table);
        stdout.Flush();
    }

    /// <summary>Formatted text; what comes from outside must have been made safe and, where it is markup, escaped.</summary>
    public void Write(Spectre.Console.Rendering.IRenderable text)
    {
        Console(stdout, System.Console.IsOutputRedirected).Write(text);
        stdout.Flush();
    }

    /// <summary>The document an expected failure leaves on stdout with <c>--json</c>.</summary>
    public void Failure(FailureDocument failure)
    {
        if (Json)
        {
            Document(failure, CliJson.Default.FailureDocument);
        }
    }

    private static IAnsiConsole Console(TextWriter writer, bool redirected)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
        if (redirected)
        {
            // Nobody looks at the width of a pipe: wrapping there would only break what reads it.
            console.Profile.Width = RedirectedColumns;
            console.Profile.Capabilities.Ansi = false;
        }

        return console;
    }
}
