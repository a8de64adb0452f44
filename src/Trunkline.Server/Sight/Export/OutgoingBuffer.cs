using System.Globalization;
using System.Text;

namespace Trunkline.Server.Sight.Export;

/// <summary>A request that a collector did not take.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Type">Its content type.</param>
/// <param name="Body">Its body.</param>
internal sealed record OutgoingRequest(string Path, string Type, byte[] Body);

/// <summary>
/// Requests to a collector that is away, in files of the data folder, up to a bound of bytes: the oldest are dropped and counted. A file is there whole or
/// not at all, so that they survive the end of the process. Thread-safe.
/// </summary>
/// <param name="folder">The folder; made when it is needed.</param>
/// <param name="bytesMax">Bytes of all files at most.</param>
internal sealed class OutgoingBuffer(string folder, long bytesMax)
{
    private const string Ending = ".otlp";
    private const string Unfinished = ".part";

    private readonly Lock _lock = new();
    private long _last;

    /// <summary>Keeps a request; the oldest go if there is no room.</summary>
    /// <exception cref="IOException">The disk does not take it.</exception>
    public void Add(OutgoingRequest request)
    {
        lock (_lock)
        {
            Directory.CreateDirectory(folder);
            var files = Files();
            _last = Math.Max(_last, files.Count == 0 ? 0 : long.Parse(Path.GetFileNameWithoutExtension(files[^1].Name), CultureInfo.InvariantCulture)) + 1;
            var name = Path.Combine(folder, _last.ToString("D19", CultureInfo.InvariantCulture));
            var head = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{request.Path}\n{request.Type}\n{request.Body.Length}\n"));
            var size = head.Length + request.Body.LongLength;
            for (var held = files.Sum(f => f.Length); files.Count > 0 && held + size > bytesMax; files.RemoveAt(0))
            {
                held -= files[0].Length;
                files[0].Delete();
                ExportMeter.Buffered("dropped");
            }

            using (var file = new FileStream(name + Unfinished, FileMode.Create, FileAccess.Write))
            {
                file.Write(head);
                file.Write(request.Body);
            }

            File.Move(name + Unfinished, name + Ending, overwrite: true);
            ExportMeter.Buffered("kept");
        }
    }

    /// <summary>The oldest request and its file; null if there is none. Files that are none are dropped and counted.</summary>
    public (OutgoingRequest Request, string File)? Oldest()
    {
        lock (_lock)
        {
            foreach (var file in Directory.Exists(folder) ? Files() : [])
            {
                if (Read(file.FullName) is { } request)
                {
                    return (request, file.FullName);
                }

                Drop(file.FullName);
            }

            return null;
        }
    }

    /// <summary>The collector has it.</summary>
    public void Sent(string file) => Remove(file, "sent");

    /// <summary>The collector will never take it.</summary>
    public void Drop(string file) => Remove(file, "dropped");

    private void Remove(string file, string outcome)
    {
        lock (_lock)
        {
            if (File.Exists(file))
            {
                File.Delete(file);
                ExportMeter.Buffered(outcome);
            }
        }
    }

    private List<FileInfo> Files() => [.. new DirectoryInfo(folder).EnumerateFiles("*" + Ending).Where(f => Path.GetFileNameWithoutExtension(f.Name).All(char.IsAsciiDigit)).OrderBy(f => f.Name, StringComparer.Ordinal)];

    private static OutgoingRequest? Read(string file)
    {
        ReadOnlySpan<byte> bytes = File.ReadAllBytes(file);
        return Line(ref bytes) is { } path && Line(ref bytes) is { } type && int.TryParse(Line(ref bytes), NumberStyles.None, CultureInfo.InvariantCulture, out var length) && bytes.Length == length
            ? new OutgoingRequest(path, type, bytes.ToArray())
            : null;
    }

    private static string? Line(ref ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf((byte)'\n');
        if (end < 0)
        {
            return null;
        }

        var line = Encoding.UTF8.GetString(bytes[..end]);
        bytes = bytes[(end + 1)..];
        return line;
    }
}
