using System.Globalization;
using Trunkline.Messaging;
using Trunkline.Server.Flows;
using Trunkline.Server.Flows.Contracts;
using Trunkline.Server.Flows.Redrives;

namespace Trunkline.Server.DeadLetters;

/// <summary>A dead letter with its cause, read from its headers.</summary>
internal sealed class DeadLetterRecord(string flow, StoredMessage stored, LetterMark? mark)
{
    private readonly Headers _headers = stored.Message.Headers;

    /// <summary>The flow, or group, whose dead letter it is.</summary>
    public string Flow => flow;

    /// <summary>As its topic holds it.</summary>
    public StoredMessage Stored => stored;

    public LetterPlace Place => new(stored.Position.Partition, stored.Position.Offset);

    /// <summary>What was done with it; null if it is open.</summary>
    public LetterMark? Mark => mark;

    public string Cause => _headers.Text(HeaderNames.Cause) ?? "unknown";

    public string? Detail => _headers.Text(HeaderNames.CauseDetail);

    public string? Step => _headers.Text(HeaderNames.Step);

    public string? ExceptionType => _headers.Text(HeaderNames.ExceptionType);

    public string? Revision => _headers.Text(HeaderNames.Revision);

    public string? Trace => _headers.Text(HeaderNames.TraceParent);

    public int Attempts => int.TryParse(_headers.Text(HeaderNames.Attempts), CultureInfo.InvariantCulture, out var attempts) ? attempts : 0;

    /// <summary>When it failed for good; dead letters of older versions tell when they were appended.</summary>
    public DateTimeOffset FailedAt => Time(HeaderNames.FailedAt) ?? stored.AppendedAt;

    public DateTimeOffset FirstFailedAt => Time(HeaderNames.FirstFailedAt) ?? FailedAt;

    /// <summary>Where the original stands: <c>topic/partition/offset</c>.</summary>
    public string? Original => _headers.Text(HeaderNames.Position);

    /// <summary>The original's topic and place; null where the header is missing or broken.</summary>
    public (string Topic, Position Position)? OriginalPlace
    {
        get
        {
            var text = Original ?? "";
            var second = text.LastIndexOf('/');
            var first = second > 0 ? text.LastIndexOf('/', second - 1) : -1;
            return first > 0
                && int.TryParse(text.AsSpan(first + 1, second - first - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var partition)
                && long.TryParse(text.AsSpan(second + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
                ? (text[..first], new Position(partition, offset))
                : null;
        }
    }

    /// <summary>The order to run its message again.</summary>
    /// <param name="edited">Another payload; null for the original.</param>
    public RedriveOrder Order(EditedPayload? edited)
    {
        var (topic, position) = OriginalPlace ?? ("", stored.Position);
        var isOfTopic = ContractLetter.Is(stored.Message);
        var original = isOfTopic ? ContractLetter.Restore(stored.Message) : DeadLetter.Restore(stored.Message);
        var message = edited is null ? original : new Message
        {
            Id = original.Id,
            Source = original.Source,
            Time = original.Time,
            Key = original.Key,
            ContentType = edited.ContentType ?? original.ContentType,
            Headers = original.Headers,
            Payload = edited.Payload,
        };
        var appendedAt = Time(HeaderNames.AppendedAt) ?? stored.AppendedAt;
        return new RedriveOrder(flow, Place, topic, new StoredMessage(message, position, appendedAt), edited is null ? LetterDeed.Redriven : LetterDeed.Edited) { IsOfTopic = isOfTopic };
    }

    private DateTimeOffset? Time(string name) =>
        DateTimeOffset.TryParse(_headers.Text(name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time.ToUniversalTime() : null;
}

/// <summary>What an operator put in the place of a payload.</summary>
/// <param name="Payload">The bytes.</param>
/// <param name="ContentType">Their type; null keeps the original's.</param>
internal sealed record EditedPayload(ReadOnlyMemory<byte> Payload, string? ContentType);
