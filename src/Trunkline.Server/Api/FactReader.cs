using System.Globalization;
using System.Text;
using System.Text.Json;
using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Messaging;
using Trunkline.Server.Api.Events;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Outcomes;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Api;

/// <summary>Reads later facts out of a request: one object, an array, or NDJSON. A fault names its place and field, never a value.</summary>
internal static class FactReader
{
    /// <summary>Facts of one request at most.</summary>
    public const int FactsMax = 1000;

    private const int TextLengthMax = 256;
    private static readonly TimeSpan AheadMax = TimeSpan.FromDays(1);

    public static IReadOnlyList<LaterFact> Read(HttpRequest request, ReadOnlyMemory<byte> body, DateTimeOffset now)
    {
        var media = MediaTypes.Parse(request.ContentType)?.Media;
        var bytes = JsonText.Utf8(body);
        var read = media switch
        {
            "application/x-ndjson" or "application/ndjson" or "application/jsonl" => ReadLines(bytes),
            not null when MediaTypes.IsJson(media) => ReadDocument(bytes),
            _ => throw new ProblemException(ErrorCodes.RequestTypeUnsupported, "Facts come as application/json or application/x-ndjson."),
        };
        if (read.Count is 0 or > FactsMax)
        {
            throw Invalid($"A request holds 1 to {FactsMax} facts.");
        }

        return [.. read.Select((fact, i) => Check(fact, i, now))];
    }

    private static IReadOnlyList<OutcomeFactView> ReadDocument(ReadOnlyMemory<byte> bytes)
    {
        var text = bytes.Span.TrimStart(" \t\r\n"u8);
        return text is [(byte)'[', ..]
            ? Parse(bytes.Span, 0, static span => JsonSerializer.Deserialize(span, ApiJson.Default.IReadOnlyListOutcomeFactView))
            : [ReadOne(bytes.Span, 0)];
    }

    private static List<OutcomeFactView> ReadLines(ReadOnlyMemory<byte> bytes)
    {
        var facts = new List<OutcomeFactView>();
        var rest = bytes.Span;
        while (!rest.IsEmpty && facts.Count <= FactsMax)
        {
            var end = rest.IndexOf((byte)'\n');
            var line = (end < 0 ? rest : rest[..end]).Trim(" \t\r"u8);
            rest = end < 0 ? [] : rest[(end + 1)..];
            if (!line.IsEmpty)
            {
                facts.Add(ReadOne(line, facts.Count));
            }
        }

        return facts;
    }

    private static OutcomeFactView ReadOne(ReadOnlySpan<byte> bytes, int number) =>
        Parse(bytes, number, static span => JsonSerializer.Deserialize(span, ApiJson.Default.OutcomeFactView));

    private delegate T? Parser<T>(ReadOnlySpan<byte> bytes);

    private static T Parse<T>(ReadOnlySpan<byte> bytes, int number, Parser<T> parse)
        where T : class
    {
        try
        {
            return parse(bytes) ?? throw Invalid(string.Create(CultureInfo.InvariantCulture, $"Fact {number} is null."));
        }
        catch (JsonException broken)
        {
            // The serializer's own text may quote what was sent: only its place is told.
            throw new ProblemException(
                ErrorCodes.OutcomeFactInvalid,
                string.Create(CultureInfo.InvariantCulture, $"Fact {number} is not an object of the form the API describes: {broken.Path ?? "$"}, byte {broken.BytePositionInLine}."),
                broken);
        }
    }

    private static LaterFact Check(OutcomeFactView? fact, int number, DateTimeOffset now)
    {
        var problem = fact switch
        {
            null => "is null",
            _ when !LaterFacts.Kinds.Contains(fact.Fact) => $"has a fact that is none of {string.Join(", ", LaterFacts.Kinds)}",
            _ when new[] { fact.Id, fact.Receipt, fact.Key }.Count(text => text is not null) != 1 => "names not exactly one of id, receipt and key",
            _ when !Fits(fact.Id, MessageId.MaxLength) || !Fits(fact.Receipt, MessageId.MaxLength) => $"has an id or receipt that is not 1 to {MessageId.MaxLength} characters",
            _ when fact.Key is not null && Encoding.UTF8.GetByteCount(fact.Key) > OutcomeLayout.TextBytesMax => $"has a key of more than {OutcomeLayout.TextBytesMax} bytes",
            _ when !Fits(fact.FactId, TextLengthMax) => $"has a factId that is not 1 to {TextLengthMax} characters",
            _ when !Fits(fact.Label, TextLengthMax) || fact.Label?.Any(char.IsControl) == true => $"has a label that is not 1 to {TextLengthMax} characters without control characters",
            _ when fact.Fact == "rated" && fact.Value is null => "is rated without a value",
            _ when fact.Fact == "label" && fact.Label is null => "is a label without a label",
            _ when fact.Value is { } value && !double.IsFinite(value) => "has a value that is no finite number",
            _ when fact.At > now + AheadMax => "happened more than a day from now",
            _ => null,
        };
        return problem is null ? Fact(fact!, now) : throw Invalid(string.Create(CultureInfo.InvariantCulture, $"Fact {number} {problem}."));
    }

    private static LaterFact Fact(OutcomeFactView fact, DateTimeOffset now) => new(
        fact.FactId ?? StableId.Of(fact.Fact, fact.Id ?? "", fact.Receipt ?? "", fact.Key ?? "", fact.At?.ToString("O", CultureInfo.InvariantCulture) ?? "",
            fact.Value?.ToString("R", CultureInfo.InvariantCulture) ?? "", fact.Label ?? ""),
        fact.Fact, fact.Id, fact.Receipt, fact.Key, fact.At ?? now, fact.Value, fact.Label);

    private static bool Fits(string? text, int lengthMax) => text is null || (text.Length >= 1 && text.Length <= lengthMax);

    private static ProblemException Invalid(string detail) => new(ErrorCodes.OutcomeFactInvalid, detail);
}
