namespace Trunkline.Cli.Demo;

/// <summary>How well spam was told from the rest.</summary>
/// <param name="Precision">Of what was called spam, the share that is.</param>
/// <param name="Recall">Of what is spam, the share that was called so.</param>
/// <param name="Auc">Area under the ROC curve: how often a spam mail has the higher probability of two.</param>
/// <param name="Spam">Spam mails judged.</param>
/// <param name="Ham">Other mails judged.</param>
internal sealed record SpamFigures(double Precision, double Recall, double Auc, int Spam, int Ham)
{
    /// <summary>The harmonic mean of precision and recall.</summary>
    public double F1 => Precision + Recall == 0 ? 0 : 2 * Precision * Recall / (Precision + Recall);

    /// <summary>Judges probabilities against labels; called spam is what lies above the threshold.</summary>
    public static SpamFigures Of(IReadOnlyList<(bool IsSpam, double Probability)> judged, double threshold)
    {
        var spam = judged.Count(mail => mail.IsSpam);
        var called = judged.Count(mail => mail.Probability > threshold);
        var right = judged.Count(mail => mail.IsSpam && mail.Probability > threshold);
        return new SpamFigures(Share(right, called), Share(right, spam), AreaUnderCurve(judged, spam), spam, judged.Count - spam);
    }

    private static double Share(int part, int whole) => whole == 0 ? 0 : (double)part / whole;

    /// <summary>By the ranks' sum (Mann and Whitney); equal probabilities share their ranks.</summary>
    private static double AreaUnderCurve(IReadOnlyList<(bool IsSpam, double Probability)> judged, int spam)
    {
        var ham = judged.Count - spam;
        if (spam == 0 || ham == 0)
        {
            return 0;
        }

        double rankSum = 0;
        var rank = 0;
        foreach (var equal in judged.GroupBy(mail => mail.Probability).OrderBy(group => group.Key))
        {
            var count = equal.Count();
            rankSum += equal.Count(mail => mail.IsSpam) * (rank + ((count + 1) / 2.0));
            rank += count;
        }

        return (rankSum - (spam * (spam + 1) / 2.0)) / ((double)spam * ham);
    }
}
