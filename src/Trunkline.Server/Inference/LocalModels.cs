using Trunkline.Server.Configuration;

namespace Trunkline.Server.Inference;

/// <summary>Which models run in a test: those that need nothing but this machine.</summary>
internal static class LocalModels
{
    // Named one by one: a kind not known here may call somebody.
    private static readonly string[] Kinds = ["lexicon", "mlnet", "onnx", "lingua"];

    public static bool Has(ProjectConfig project, string model) => project.Models.TryGetValue(model, out var config) && Kinds.Contains(config.Kind);
}
