using Trunkline.Core.Config.Grammar;

namespace Trunkline.Server.Configuration.Grammar;

/// <summary>Names of keys as a sentence lists them.</summary>
internal static class Listing
{
    /// <summary><c>a, b and c</c>.</summary>
    public static string Of(IReadOnlyList<GrammarKey> keys) => string.Join(", ", keys.SkipLast(1).Select(key => key.Name)) + " and " + keys[^1].Name;
}
