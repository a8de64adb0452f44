using Trunkline.Core.Config;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.Inference;

/// <summary>
/// What makes two models the same: what they are made of, and for files also what lies at the path. What is done around their calls
/// is no part of it.
/// </summary>
/// <param name="Config">The settings, without lists.</param>
/// <param name="Lists">The lists, as a text.</param>
/// <param name="Files">Length and time of each file.</param>
internal readonly record struct ModelIdentity(ModelConfig Config, string Lists, string Files)
{
    private static readonly ModelLimitsConfig s_noLimits = new();
    private static readonly ModelAnswerConfig s_noAnswers = new();

    /// <summary>The identity of a model.</summary>
    public static ModelIdentity Of(ModelConfig config)
    {
        var bare = config with { Where = default(SourceLocation), Owner = null, Limits = s_noLimits, Answers = s_noAnswers, Languages = [], Labels = [], Versions = [] };
        return new(bare, $"{string.Join('\n', config.Languages)}\n\n{string.Join('\n', config.Labels)}", FileOf(config.Path) + FileOf(config.Tokenizer) + FileOf(config.Tools));
    }

    private static string FileOf(string? path) =>
        path is not null && new FileInfo(path) is { Exists: true } file ? FormattableString.Invariant($"{file.Length}@{file.LastWriteTimeUtc.Ticks};") : ";";
}
