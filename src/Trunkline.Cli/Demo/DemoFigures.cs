namespace Trunkline.Cli.Demo;

/// <summary>Figures of a ledger.</summary>
internal static class DemoFigures
{
    /// <summary>Mails a second, from the first mail received to the last one sorted; times when the node was dead count.</summary>
    public static double Throughput(IReadOnlyList<SortedMail> sorted)
    {
        if (sorted.Count == 0)
        {
            return 0;
        }

        var seconds = (sorted.Max(mail => mail.SortedAt) - sorted.Min(mail => mail.ReceivedAt)).TotalSeconds;
        return Math.Round(sorted.Count / Math.Max(seconds, 0.001), 1);
    }

    /// <summary>From a mail's append to that in its topic.</summary>
    public static DemoLatency Latency(IReadOnlyList<SortedMail> sorted)
    {
        var all = sorted.Select(mail => (mail.SortedAt - mail.ReceivedAt).TotalMilliseconds).Order().ToArray();
        return new DemoLatency(Percentile(all, 0.50), Percentile(all, 0.99));
    }

    /// <summary>How well spam was told from the rest, on the mails named.</summary>
    public static DemoSpam Spam(IReadOnlyList<SortedMail> sorted, MailCorpus corpus, HashSet<string> heldOut)
    {
        var labels = corpus.Mails.ToDictionary(mail => mail.Name, mail => mail.IsSpam, StringComparer.Ordinal);
        var judged = sorted.Where(mail => heldOut.Contains(mail.File)).Select(mail => (labels[mail.File], mail.SpamProbability)).ToArray();
        var figures = SpamFigures.Of(judged, DemoProject.Threshold);
        return new DemoSpam(Math.Round(figures.Precision, 4), Math.Round(figures.Recall, 4));
    }

    /// <summary>The smallest value that the share does not exceed.</summary>
    private static double Percentile(double[] sorted, double share) =>
        sorted.Length == 0 ? 0 : Math.Round(sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)], 1);
}
