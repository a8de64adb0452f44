using System.Text.Json;
using Trunkline.Core.Config;

namespace Trunkline.Server.Hosting;

/// <summary>
/// What a node started from a terminal or a script says there: with <c>--json</c> standard output carries one document and
/// nothing else; all else goes to standard error.
/// </summary>
internal sealed class Terminal(TextWriter output, TextWriter error, bool json)
{
    /// <summary>The process's own streams.</summary>
    public static Terminal OfProcess(bool json) => new(Console.Out, Console.Error, json);

    /// <summary>The node serves.</summary>
    public void Ready(string url)
    {
        if (json)
        {
            output.WriteLine(Document(w =>
            {
                w.WriteString("event"u8, "ready"u8);
                w.WriteString("url"u8, url);
                w.WriteString("version"u8, Node.Version);
            }));
            output.Flush();
        }
        else
        {
            error.WriteLine($"Trunkline {Node.Version} is ready at {url}");
        }
    }

    /// <summary>The configuration is at fault.</summary>
    public void Faults(IReadOnlyList<Fault> faults)
    {
        foreach (var fault in faults)
        {
            error.WriteLine($"{fault.Where}: {fault.Message} {fault.Remedy} [{fault.Code}]");
        }

        if (json)
        {
            output.WriteLine(Document(w => WriteFaults(w, faults)));
            output.Flush();
        }
    }

    /// <summary>The node could not start or go on.</summary>
    public void Failed(string code, string what, string remedy)
    {
        error.WriteLine($"{what} {remedy} [{code}]");
        if (json)
        {
            output.WriteLine(Document(w =>
            {
                w.WriteString("event"u8, "failed"u8);
                w.WriteString("code"u8, code);
                w.WriteString("message"u8, what);
                w.WriteString("remedy"u8, remedy);
            }));
            output.Flush();
        }
    }

    private static void WriteFaults(Utf8JsonWriter writer, IReadOnlyList<Fault> faults)
    {
        writer.WriteStartArray("faults"u8);
        foreach (var fault in faults)
        {
            writer.WriteStartObject();
            writer.WriteString("file"u8, fault.Where.File);
            writer.WriteNumber("line"u8, fault.Where.Line);
            writer.WriteString("code"u8, fault.Code);
            writer.WriteString("message"u8, fault.Message);
            writer.WriteString("remedy"u8, fault.Remedy);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static string Document(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
