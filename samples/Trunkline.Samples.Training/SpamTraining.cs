using System.Text.Json;
using Trunkline.Cli.Demo;
using Trunkline.Mail;
using Trunkline.Models;
using Trunkline.Models.MlNet;

namespace Trunkline.Samples.Training;

/// <summary>What a training gave.</summary>
/// <param name="Mails">Mails of the corpus, and how many the parser refused.</param>
/// <param name="Refused">Mails the parser refused.</param>
/// <param name="Trained">Mails trained on.</param>
/// <param name="AtHalf">Figures on the held-out fifth, spam being what is above one half.</param>
/// <param name="AtFlow">The same above 0.9, as the sample flow asks.</param>
/// <param name="FileBytes">Size of the model file.</param>
/// <param name="Version">The model's version.</param>
internal sealed record TrainingReport(int Mails, int Refused, int Trained, SpamFigures AtHalf, SpamFigures AtFlow, long FileBytes, string Version);

/// <summary>Trains on four fifths of a corpus and judges the model on the fifth it never saw.</summary>
internal static class SpamTraining
{
    public const int Seed = 20260101;

    public static async Task<TrainingReport> RunAsync(MailCorpus corpus, string modelPath)
    {
        var texts = await ReadAsync(corpus);
        var folds = Folds.Assign(texts);
        var training = texts.Where((_, i) => folds[i] != Folds.HeldOut).ToArray();
        var heldOut = texts.Where((_, i) => folds[i] == Folds.HeldOut).ToArray();

        TextTraining.Train([.. training.Select(mail => TextInput.Of(mail.Text, mail.Mail.IsSpam))], Seed, modelPath);
        await using var model = ModelFactory.Create(new ModelOptions { Name = "spam", Kind = "mlnet", Path = modelPath });
        var judged = new List<(bool IsSpam, double Probability)>();
        foreach (var mail in heldOut)
        {
            var request = new ModelRequest(JsonSerializer.SerializeToUtf8Bytes(mail.Text), mail.Id);
            var answer = await model.InferAsync(request, CancellationToken.None);
            using var json = JsonDocument.Parse(answer.Output);
            judged.Add((mail.Mail.IsSpam, json.RootElement.GetProperty("probability").GetDouble()));
        }

        return new TrainingReport(
            corpus.Mails.Count, corpus.Mails.Count - texts.Count, training.Length, SpamFigures.Of(judged, 0.5), SpamFigures.Of(judged, 0.9),
            new FileInfo(modelPath).Length, model.Version);
    }

    private static async Task<List<CorpusText>> ReadAsync(MailCorpus corpus)
    {
        var parser = new MailParser();
        var texts = new List<CorpusText>();
        foreach (var mail in corpus.Mails)
        {
            if (await CorpusText.ReadAsync(mail, parser, CancellationToken.None) is { } text)
            {
                texts.Add(text);
            }
        }

        return texts;
    }
}
