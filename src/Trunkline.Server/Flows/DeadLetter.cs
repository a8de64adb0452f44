using System.Globalization;
using System.Text;
using Trunkline.Messaging;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Flows;

/// <summary>Makes dead letters: the original bytes, headers, key and id, and what happened in headers.</summary>
internal static class DeadLetter
{
    /// <summary>The longest cause detail kept, in UTF-16 units; the rest is cut.</summary>
    public const int DetailLengthMax = 2000;

    /// <summary>What the headers of a dead letter may add to the original, in bytes: room the dead topic leaves.</summary>
    public const int HeaderBytesMax = 16 * 1024;

    private static readonly string[] Own =
    [
        HeaderNames.Cause, HeaderNames.CauseDetail, HeaderNames.Step, HeaderNames.Attempts, HeaderNames.Position, HeaderNames.Flow,
        HeaderNames.Revision, HeaderNames.ExceptionType, HeaderNames.FirstFailedAt, HeaderNames.FailedAt,
        HeaderNames.AppendedAt,
    ];

    /// <summary>The dead letter of a message.</summary>
    public static Message Of(Message original, StepFault fault, DeadLetterOrigin origin)
    {
        var position = string.Create(CultureInfo.InvariantCulture, $"{origin.Topic}/{origin.Position.Partition}/{origin.Position.Offset}");
        var headers = Keep(original.Headers, Own).Concat(
        [
            new Header(HeaderNames.Cause, fault.Code),
            new Header(HeaderNames.CauseDetail, Cut(fault.Detail)),
            new Header(HeaderNames.Step, fault.Step),
            new Header(HeaderNames.Attempts, origin.Attempts.ToString(CultureInfo.InvariantCulture)),
            new Header(HeaderNames.Position, position),
            new Header(HeaderNames.Flow, origin.Flow),
            new Header(HeaderNames.Revision, origin.Revision.ToString(CultureInfo.InvariantCulture)),
            new Header(HeaderNames.AppendedAt, Time(origin.AppendedAt)),
            new Header(HeaderNames.FirstFailedAt, Time(origin.FirstFailedAt)),
            new Header(HeaderNames.FailedAt, Time(origin.FailedAt)),
        ]);
        if (fault.Exception is { } exception)
        {
            headers = headers.Append(new Header(HeaderNames.ExceptionType, exception));
        }

        return Copy(original, Headers.Of(headers));
    }

    /// <summary>The message as it was before it became a dead letter.</summary>
    public static Message Restore(Message dead) => Copy(dead, Give(dead.Headers, Own));

    /// <summary>Headers of an original, under names that no header of its dead letter has.</summary>
    /// <param name="original">The original's.</param>
    /// <param name="own">Names of the dead letter's own headers.</param>
    public static IEnumerable<Header> Keep(Headers original, string[] own) => original.Select(header =>
        Array.IndexOf(own, header.Name) >= 0 || header.Name.StartsWith(HeaderNames.OriginalPrefix, StringComparison.Ordinal)
            ? new Header(HeaderNames.OriginalPrefix + header.Name, header.Value)
            : header);

    /// <summary>The original's headers again.</summary>
    public static Headers Give(Headers dead, string[] own) => Headers.Of(dead.Where(header => Array.IndexOf(own, header.Name) < 0).Select(header =>
        header.Name.StartsWith(HeaderNames.OriginalPrefix, StringComparison.Ordinal)
            ? new Header(header.Name[HeaderNames.OriginalPrefix.Length..], header.Value)
            : header));

    /// <summary>A time as headers hold it.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    /// <summary>The same message with other headers.</summary>
    public static Message Copy(Message original, Headers headers) => new()
    {
        Id = original.Id,
        Source = original.Source,
        Time = original.Time,
        Key = original.Key,
        ContentType = original.ContentType,
        Headers = headers,
        Payload = original.Payload,
    };

    /// <summary>The detail of a cause, cut without splitting a surrogate pair.</summary>
    public static string Cut(string detail)
    {
        if (detail.Length <= DetailLengthMax)
        {
            return detail;
        }

        var length = char.IsHighSurrogate(detail[DetailLengthMax - 1]) ? DetailLengthMax - 1 : DetailLengthMax;
        return new StringBuilder(detail, 0, length, length + 1).Append('…').ToString();
    }
}

/// <summary>Where a dead letter comes from.</summary>
internal readonly record struct DeadLetterOrigin
{
    public required string Flow { get; init; }

    /// <summary>The revision it failed on.</summary>
    public required int Revision { get; init; }

    /// <summary>The topic or source.</summary>
    public required string Topic { get; init; }

    /// <summary>Its place there.</summary>
    public required Position Position { get; init; }

    /// <summary>How often it was tried.</summary>
    public required int Attempts { get; init; }

    /// <summary>When it was appended there.</summary>
    public required DateTimeOffset AppendedAt { get; init; }

    public required DateTimeOffset FirstFailedAt { get; init; }

    public required DateTimeOffset FailedAt { get; init; }
}
