using System.Buffers;
using System.Globalization;
using System.Text;
using Trunkline.Core.Errors;
using Trunkline.Messaging;
using Trunkline.Server.Api.Problems;

namespace Trunkline.Server.Api.Events;

/// <summary>
/// Collects the attributes of one CloudEvent 1.0 and makes a message of them, checking each by the specification. Reused
/// over the events of a request; not thread-safe. Values are kept as the bytes they came in.
/// </summary>
internal sealed class EventDraft(PublishContext context)
{
    /// <summary>Longest attribute value, in bytes.</summary>
    public const int ValueBytesMax = 16 * 1024;

    /// <summary>Longest key, in bytes.</summary>
    public const int KeyBytesMax = 8 * 1024;

    private const int ExtensionsMax = 64;
    private static readonly SearchValues<byte> NameBytes = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789"u8);

    private readonly List<Header> _headers = [];
    private string? _id;
    private string? _source;
    private string? _contentType;
    private string? _lastSource;
    private string? _lastContentType;
    private DateTimeOffset? _time;
    private MessageKey? _key;
    private bool _specVersion;
    private bool _type;
    private bool _trace;
    private int _number;

    /// <summary>Media type told so far, or null.</summary>
    public string? ContentType => _contentType;

    /// <summary>Names the event in errors: <c>Event 3</c> of a batch.</summary>
    public string Subject => _number == 0 ? "The event" : string.Create(CultureInfo.InvariantCulture, $"Event {_number}");

    /// <summary>Starts the next event.</summary>
    /// <param name="number">Its number in a batch, from 1; 0 for one that came alone.</param>
    public void Begin(int number)
    {
        _number = number;
        _headers.Clear();
        _id = _source = _contentType = null;
        _time = null;
        _key = null;
        _specVersion = _type = _trace = false;
    }

    /// <summary>Sets an attribute.</summary>
    /// <param name="name">As in the specification: <c>id</c>, <c>source</c>, an extension's name.</param>
    /// <param name="value">UTF-8.</param>
    public void Set(ReadOnlySpan<byte> name, ReadOnlyMemory<byte> value)
    {
        CheckText(name, value.Span);
        switch (name)
        {
            case var _ when name.SequenceEqual("id"u8):
                Once(_id is null, "id");
                _id = Encoding.UTF8.GetString(value.Span);
                break;
            case var _ when name.SequenceEqual("source"u8):
                Once(_source is null, "source");
                _source = Reuse(ref _lastSource, value.Span);
                break;
            case var _ when name.SequenceEqual("type"u8):
                Once(!_type, "type");
                _type = value.Length > 0 ? true : throw Invalid("type is empty");
                _headers.Add(new Header(HeaderNames.CloudEventType, value));
                break;
            case var _ when name.SequenceEqual("specversion"u8):
                Once(!_specVersion, "specversion");
                _specVersion = value.Span.SequenceEqual("1.0"u8) ? true : throw Invalid("specversion is not 1.0, the only one taken");
                break;
            case var _ when name.SequenceEqual("datacontenttype"u8):
                SetContentType(value.Span);
                break;
            case var _ when name.SequenceEqual("time"u8):
                Once(_time is null, "time");
                _time = ParseTime(value.Span);
                break;
            case var _ when name.SequenceEqual("partitionkey"u8):
                Once(_key is null, "partitionkey");
                _key = value.Length <= KeyBytesMax
                    ? new MessageKey(value)
                    : throw new ProblemException(ErrorCodes.MessageKeyTooLong, $"{Subject}: partitionkey has more than {KeyBytesMax} bytes.");
                break;
            default:
                SetExtension(name, value);
                break;
        }
    }

    /// <summary>Sets the media type of the payload.</summary>
    public void SetContentType(ReadOnlySpan<byte> value)
    {
        Once(_contentType is null, "datacontenttype");
        _contentType = Reuse(ref _lastContentType, value);
    }

    /// <summary>Makes the message.</summary>
    public Message Build(ReadOnlyMemory<byte> payload)
    {
        Require(_specVersion, "specversion");
        Require(_id is { Length: > 0 }, "id");
        Require(_source is { Length: > 0 }, "source");
        Require(_type, "type");
        if (_id!.Length > MessageId.MaxLength)
        {
            throw Invalid($"id has more than {MessageId.MaxLength} characters");
        }

        if (!_trace)
        {
            context.AddTrace(_headers);
        }

        return new Message
        {
            Id = new MessageId(_id),
            Source = _source!,
            Time = _time,
            Key = _key ?? context.Key,
            ContentType = _contentType ?? "",
            Headers = Headers.Of(_headers),
            Payload = payload,
        };
    }

    /// <summary>The problem of this event.</summary>
    public ProblemException Invalid(string what) => new(ErrorCodes.EventInvalid, $"{Subject}: {what}.");

    private void SetExtension(ReadOnlySpan<byte> name, ReadOnlyMemory<byte> value)
    {
        if (name.IsEmpty || name.Length > 64 || name.ContainsAnyExcept(NameBytes))
        {
            throw Invalid("attribute names are 1 to 64 of a-z 0-9");
        }

        var text = Encoding.ASCII.GetString(name);
        if (text is "partition" or "offset" or "headers" or "data")
        {
            throw Invalid($"attribute name '{text}' is reserved for what the node tells of a message");
        }

        var header = text switch
        {
            "traceparent" => HeaderNames.TraceParent,
            "tracestate" => HeaderNames.TraceState,
            _ => HeaderNames.CloudEventPrefix + text,
        };
        Once(_headers.TrueForAll(h => h.Name != header), text);
        _trace |= text == "traceparent";
        _headers.Add(_headers.Count < ExtensionsMax ? new Header(header, value) : throw Invalid($"more than {ExtensionsMax} attributes"));
    }

    // CloudEvents strings hold no control characters, lone surrogates or noncharacters (1.0.2, type system). Extensions may hold
    // line feeds and tabs all the same: the project's own conformance events have them.
    private void CheckText(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (value.Length > ValueBytesMax)
        {
            throw Invalid($"{Shown(name)} has more than {ValueBytesMax} bytes");
        }

        if (Ascii.IsValid(value) && !value.ContainsAnyInRange((byte)0, (byte)0x1F) && !value.Contains((byte)0x7F))
        {
            return;
        }

        for (var rest = value; !rest.IsEmpty;)
        {
            var status = Rune.DecodeFromUtf8(rest, out var rune, out var length);
            var code = rune.Value;
            if (code is '\n' or '\t' && !IsContextAttribute(name))
            {
                rest = rest[length..];
                continue;
            }

            if (status != OperationStatus.Done || code is < 0x20 or (>= 0x7F and <= 0x9F) or (>= 0xFDD0 and <= 0xFDEF) || (code & 0xFFFE) == 0xFFFE)
            {
                throw Invalid($"{Shown(name)} holds a control character, a noncharacter or invalid UTF-8");
            }

            rest = rest[length..];
        }
    }

    private static bool IsContextAttribute(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("id"u8) || name.SequenceEqual("source"u8) || name.SequenceEqual("type"u8) || name.SequenceEqual("specversion"u8)
        || name.SequenceEqual("subject"u8) || name.SequenceEqual("time"u8) || name.SequenceEqual("datacontenttype"u8) || name.SequenceEqual("dataschema"u8);

    private DateTimeOffset ParseTime(ReadOnlySpan<byte> value)
    {
        Span<char> text = stackalloc char[40];
        if (value.Length is > 40 or < 20 || !Ascii.IsValid(value) || value[10] is not ((byte)'T' or (byte)'t'))
        {
            throw Invalid("time is not an RFC 3339 time with an offset, such as 2026-01-31T12:00:00Z");
        }

        Encoding.ASCII.GetChars(value, text);
        text = text[..value.Length];
        var zoned = text[^1] is 'Z' or 'z' || (text[^3] == ':' && text[^6] is '+' or '-');
        return zoned && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw Invalid("time is not an RFC 3339 time with an offset, such as 2026-01-31T12:00:00Z");
    }

    private void Once(bool first, string name)
    {
        if (!first)
        {
            throw Invalid($"{name} is given twice");
        }
    }

    private void Require(bool given, string name)
    {
        if (!given)
        {
            throw Invalid($"{name} is missing or empty");
        }
    }

    private static string Shown(ReadOnlySpan<byte> name) => name.Length <= 64 && !name.ContainsAnyExcept(NameBytes) ? Encoding.ASCII.GetString(name) : "an attribute";

    // The events of a batch mostly share these: one string for all of them.
    private static string Reuse(ref string? last, ReadOnlySpan<byte> value) =>
        last is not null && Ascii.Equals(value, last) ? last : last = Encoding.UTF8.GetString(value);
}
