using System.Globalization;
using System.Text;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Reports;

/// <summary>Promises of a month as a text to hand on.</summary>
internal static class PromiseReport
{
    /// <summary>The report in Markdown.</summary>
    public static string Markdown(PromiseList list)
    {
        var text = new StringBuilder();
        void Line(string line = "") => text.Append(line).Append('\n');

        Line($"# Promises in {list.Month}{(list.IsOver ? "" : ", so far")}");
        Line();
        Line($"As of {Amount.Time(list.At)}. Shares are of messages, rounded down; days are UTC.");
        foreach (var promise in list.Promises)
        {
            Line();
            Line($"## {Cell(promise.Name)}: {promise.Verdict}");
            Line();
            if (promise.Description is { } description)
            {
                Line(Cell(description));
                Line();
            }

            Line($"{Cell(promise.By)} owes {Cell(To(promise))} `{promise.Slo}`: {Amount.Share(promise.Target)} of messages {What(promise)}.");
            Line();
            Line("| messages | not good | good | of what may be bad | incidents | half restored within |");
            Line("|---|---|---|---|---|---|");
            Line($"| {Amount.Count(promise.Due)} | {Amount.Count(promise.Bad)} | {Amount.Share(promise.Good)} | {Spent(promise)} | {promise.Incidents} | {(promise.RestoreSeconds is { } seconds ? Amount.Duration(TimeSpan.FromSeconds(Math.Round(seconds))) : "-")} |");
            if (promise.Hops.Count > 0)
            {
                Line();
                Line($"Not good at {string.Join(", ", promise.Hops.Select(h => $"{Cell(h.Hop)} ({Amount.Count(h.Bad)})"))}.");
            }

            if (promise.Days.Any(d => d.Bad > 0))
            {
                Line();
                Line("| day | messages | not good | good |");
                Line("|---|---|---|---|");
                foreach (var day in promise.Days.Where(d => d.Bad > 0))
                {
                    Line($"| {Day(day)} | {Amount.Count(day.Due)} | {Amount.Count(day.Bad)} | {Amount.Share(1 - ((double)day.Bad / day.Due))} |");
                }
            }
        }

        return text.ToString();
    }

    /// <summary>Whom it is promised to.</summary>
    public static string To(PromiseView promise) => promise.ToOwner ?? "tenant " + promise.ToTenant;

    /// <summary>A day as its date.</summary>
    public static string Day(PromiseDay day) => day.Day.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string What(PromiseView promise) => promise.Measure switch
    {
        "success" => "delivered, however late",
        "fidelity" => $"delivered once, in order, by the intended model{Within(promise)}",
        _ => $"delivered{Within(promise)}",
    };

    private static string Within(PromiseView promise) => promise.Within is { } within ? $" within {Amount.Duration(TimeSpan.FromMilliseconds(within))}" : "";

    private static string Spent(PromiseView promise) => promise.Spent switch
    {
        null => "-",
        > 1 and var spent => string.Create(CultureInfo.InvariantCulture, $"all, {spent:0.#} times"),
        var spent => Amount.Share(spent),
    };

    /// <summary>Names and descriptions may hold what would end a cell or begin markup.</summary>
    private static string Cell(string text) => SafeText.Line(text, 300).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
}
