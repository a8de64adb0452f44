using Trunkline.Client;
using Trunkline.Dashboard.Data;

namespace Trunkline.Dashboard;

/// <summary>What came of a form: a word to lead on with, or why not.</summary>
internal sealed record Deed(string? Said, Notice? Notice = null)
{
    public static Deed Refused(string why) => new(null, new Notice(why, IsTrouble: true));

    /// <summary>Does it; what the node refuses is the reader's to know.</summary>
    public static async Task<Deed> TryAsync(Func<Task<Deed>> does)
    {
        try
        {
            return await does();
        }
        catch (TrunklineException refused)
        {
            return Refused($"{refused.Message} {refused.Remedy}".Trim());
        }
        catch (NodeUnreachableException away)
        {
            return Refused(away.Message);
        }
    }

    /// <summary>The status of a page that tells a notice.</summary>
    public static int StatusOf(Notice? notice) => notice is { IsTrouble: true } ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK;
}
