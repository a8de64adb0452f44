using Trunkline.Server.Configuration;

namespace Trunkline.Server.Inference;

/// <summary>Which models run in a test: those that need nothing but this machine.</summary>
internal static class LocalModels
{
    public static bool Has(ProjectConfig project, string model) => project.Models.TryGetValue(model, out var config) && config.IsLocal;
}
