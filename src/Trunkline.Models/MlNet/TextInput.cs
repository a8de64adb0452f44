using Microsoft.ML.Data;

namespace Trunkline.Models.MlNet;

/// <summary>A row the classifier reads. Public because ML.NET generates code against it.</summary>
public sealed class TextInput
{
    /// <summary>Characters that are read of a text; what follows is left out, in training as in use.</summary>
    public const int LengthMax = 32 * 1024;

    /// <summary>The text, at most <see cref="LengthMax"/> characters of it.</summary>
    public string Text { get; set; } = "";

    /// <summary>What it is; used in training only.</summary>
    public bool Label { get; set; }

    /// <summary>A row for <paramref name="text"/>, cut to <see cref="LengthMax"/>.</summary>
    public static TextInput Of(string text, bool label = false) =>
        new() { Text = text.Length > LengthMax ? text[..LengthMax] : text, Label = label };
}

/// <summary>What the classifier answers.</summary>
public sealed class TextPrediction
{
    /// <summary>Whether the probability is above one half.</summary>
    [ColumnName("PredictedLabel")]
    public bool Label { get; set; }

    /// <summary>That the label is true, 0 to 1.</summary>
    public float Probability { get; set; }
}
