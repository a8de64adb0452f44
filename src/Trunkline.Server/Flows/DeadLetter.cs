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
        HeaderNames.Revision,
    ];

    /// <summary>The dead letter of a message.</summary>
    public static Message Of(Message original, StepFault fault, DeadLetterOrigin origin)
    {
        var position = string.Create(CultureInfo.InvariantCulture, $"{origin.Topic}/{origin.Position.Partition}/{origin.Position.Offset}");
        var headers = original.Headers.Where(h => Array.IndexOf(Own, h.Name) < 0).Concat(
        [
            new Header(HeaderNames.Cause, fault.Code),
            new Header(HeaderNames.CauseDetail, Cut(fault.Detail)),
            new Header(HeaderNames.Step, fault.Step),
            new Header(HeaderNames.Attempts, origin.Attempts.ToString(CultureInfo.InvariantCulture)),
            new Header(HeaderNames.Position, position),
            new Header(HeaderNames.Flow, origin.Flow),
            new Header(HeaderNames.Revision, origin.Revision.ToString(CultureInfo.InvariantCulture)),
        ]);
        return new Message
        {
            Id = original.Id,
            Source = original.Source,
            Time = original.Time,
            Key = original.Key,
            ContentType = original.ContentType,
            Headers = Headers.Of(headers),
            Payload = original.Payload,
        };
    }

    /// <summary>Cuts without splitting a surrogate pair.</summary>
    private static string Cut(string detail)
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
/// <param name="Flow">The flow.</param>
/// <param name="Revision">The revision it failed on.</param>
/// <param name="Topic">The topic or source.</param>
/// <param name="Position">Its place there.</param>
/// <param name="Attempts">How often it was tried.</param>
internal readonly record struct DeadLetterOrigin(string Flow, int Revision, string Topic, Position Position, int Attempts);
