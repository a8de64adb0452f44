using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Trunkline.Messaging.Checking;

/// <summary>Reads and writes journals (format: <see cref="JournalEntry"/>).</summary>
public static class Journal
{
    /// <summary>The longest line, in characters.</summary>
    public const int LineLengthMax = 64 * 1024;

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        AllowOutOfOrderMetadataProperties = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
        NumberHandling = JsonNumberHandling.Strict,
        MaxDepth = 4,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <summary>An entry as a line, without the line's end.</summary>
    public static string ToLine(JournalEntry entry) => JsonSerializer.Serialize(entry, Format);

    /// <summary>
    /// All entries. A last line without an end, cut off by a crash of whoever wrote it, is dropped; any other line
    /// that is not an entry throws <see cref="JournalException"/>.
    /// </summary>
    public static async IAsyncEnumerable<JournalEntry> ReadAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(stream, new UTF8Encoding(false, throwOnInvalidBytes: false), leaveOpen: true);
        var buffer = new char[LineLengthMax];
        var (start, end, line) = (0, 0, 1);
        while (true)
        {
            var length = Array.IndexOf(buffer, '\n', start, end - start) - start;
            if (length >= 0)
            {
                if (Parse(buffer.AsSpan(start, length), line++) is { } entry)
                {
                    yield return entry;
                }

                start += length + 1;
                continue;
            }

            Array.Copy(buffer, start, buffer, 0, end - start);
            (start, end) = (0, end - start);
            if (end == buffer.Length)
            {
                throw new JournalException(line, $"is longer than {LineLengthMax} characters");
            }

            var read = await reader.ReadAsync(buffer.AsMemory(end), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                break;
            }

            end += read;
        }

        if (ParseLast(buffer.AsSpan(0, end), line) is { } last)
        {
            yield return last;
        }
    }

    private static JournalEntry? Parse(ReadOnlySpan<char> text, int line)
    {
        try
        {
            return text.IsWhiteSpace() ? null : JsonSerializer.Deserialize<JournalEntry>(text, Format);
        }
        catch (Exception broken) when (broken is JsonException or NotSupportedException)
        {
            throw new JournalException(line, "is no journal entry: it must be a JSON object with a known \"t\" and all its fields", broken);
        }
    }

    private static JournalEntry? ParseLast(ReadOnlySpan<char> text, int line)
    {
        try
        {
            return Parse(text, line);
        }
        catch (JournalException)
        {
            // Without its end the line was still being written: what it would have said is not known, which is safe to leave out.
            return null;
        }
    }
}

/// <summary>A journal that cannot be read.</summary>
public sealed class JournalException(int line, string what, Exception? inner = null) : Exception($"Line {line} of the journal {what}.", inner)
{
    /// <summary>The line, from 1.</summary>
    public int Line { get; } = line;
}
