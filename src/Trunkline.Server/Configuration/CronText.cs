using Cronos;

namespace Trunkline.Server.Configuration;

/// <summary>Cron expressions as a project writes them: five fields, or six with seconds first.</summary>
internal static class CronText
{
    private static readonly DateTime Early = new(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>The expression; null if it is none, or no time ever meets it.</summary>
    public static CronExpression? Parse(string text)
    {
        var format = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length == 6 ? CronFormat.IncludeSeconds : CronFormat.Standard;
        return text.Length <= 200 && CronExpression.TryParse(text, format, out var cron) && cron.GetNextOccurrence(Early) is not null ? cron : null;
    }
}
