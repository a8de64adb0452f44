using System.IO.Compression;
using Microsoft.ML;

namespace Trunkline.Models.MlNet;

/// <summary>Trains the text classifier that the kind <c>mlnet</c> reads.</summary>
public static class TextTraining
{
    // 2^16 buckets of words and pairs of words: a file of about half a megabyte, whatever the vocabulary is.
    private const int HashBits = 16;

    /// <summary>
    /// Trains a logistic regression over hashed words and pairs of words and writes it to <paramref name="modelPath"/>. The same rows
    /// and seed give the same model on the same machine.
    /// </summary>
    /// <param name="rows">Texts and labels; both labels must occur.</param>
    /// <param name="seed">Seed of all that is random.</param>
    /// <param name="modelPath">Where the file goes; replaced if it is there.</param>
    public static void Train(IReadOnlyList<TextInput> rows, int seed, string modelPath)
    {
        var context = new MLContext(seed);
        var data = context.Data.LoadFromEnumerable(rows);
        var features = context.Transforms.Text
            .NormalizeText("Normal", nameof(TextInput.Text), keepPunctuations: true, keepNumbers: false)
            .Append(context.Transforms.Text.ProduceHashedWordBags("Counts", "Normal", HashBits, ngramLength: 2, useAllLengths: true, seed: (uint)seed))
            .Append(context.Transforms.NormalizeLpNorm("Features", "Counts"));
        var learner = context.BinaryClassification.Trainers.LbfgsLogisticRegression(
            new Microsoft.ML.Trainers.LbfgsLogisticRegressionBinaryTrainer.Options
            {
                LabelColumnName = nameof(TextInput.Label),
                FeatureColumnName = "Features",
                L1Regularization = 0,
                L2Regularization = 0.01f,
                NumberOfThreads = 1,
                HistorySize = 20,
            });
        var model = features.Append(learner).Fit(data);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(modelPath))!);
        using var saved = new MemoryStream();
        context.Model.Save(model, data.Schema, saved);
        WriteWithoutTimes(saved, modelPath);
    }

    /// <summary>Copies the archive without the times in it, so that the same training gives the same bytes and the same version.</summary>
    private static void WriteWithoutTimes(MemoryStream saved, string modelPath)
    {
        using var source = new ZipArchive(saved, ZipArchiveMode.Read);
        using var target = new ZipArchive(File.Create(modelPath), ZipArchiveMode.Create);
        foreach (var entry in source.Entries.OrderBy(entry => entry.FullName, StringComparer.Ordinal))
        {
            var copy = target.CreateEntry(entry.FullName, CompressionLevel.Optimal);
            copy.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
            using var from = entry.Open();
            using var to = copy.Open();
            from.CopyTo(to);
        }
    }
}
