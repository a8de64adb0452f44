using System.Globalization;
using Trunkline.Core.Errors;
using Trunkline.Server.Api.Problems;

namespace Trunkline.Server.Api.DeadLetters;

/// <summary>Where the next page of dead letters begins: <c>flow~partition~offset</c>.</summary>
internal readonly record struct DeadLetterCursor(string Flow, int Partition, long Offset)
{
    /// <summary>The cursor of a text; null of none.</summary>
    public static DeadLetterCursor? Parse(string? text)
    {
        if (text is null)
        {
            return null;
        }

        return text.Split('~') is [{ Length: > 0 } flow, var partition, var offset]
            && int.TryParse(partition, NumberStyles.None, CultureInfo.InvariantCulture, out var p)
            && long.TryParse(offset, NumberStyles.None, CultureInfo.InvariantCulture, out var o)
            ? new DeadLetterCursor(flow, p, o)
            : throw new ProblemException(ErrorCodes.CursorInvalid, "The cursor is not one this node gave for dead letters.");
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Flow}~{Partition}~{Offset}");
}
