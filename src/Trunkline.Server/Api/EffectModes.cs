using System.Text;
using System.Text.Json;
using Trunkline.Core.Errors;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Effects;

namespace Trunkline.Server.Api;

/// <summary>The words of <c>effects</c> in requests.</summary>
internal static class EffectModes
{
    private const int StubsMax = 100;

    /// <summary>The mode of a word; null for no word or an unknown one.</summary>
    public static EffectMode? Parse(string? word) => word switch
    {
        "recorded" => EffectMode.Recorded,
        "stub" => EffectMode.Stub,
        "fresh" => EffectMode.Fresh,
        _ => null,
    };

    /// <summary>Refuses what cannot be meant.</summary>
    /// <exception cref="ProblemException">An unknown word, or stubs without <c>stub</c>, or the reverse.</exception>
    public static void Check(string? word, IReadOnlyDictionary<string, JsonElement>? stubs)
    {
        if (word is not null && Parse(word) is null)
        {
            throw new ProblemException(ErrorCodes.RequestBodyInvalid, "'effects' is recorded, stub or fresh.");
        }

        if (word == "stub" ? stubs is not { Count: > 0 and <= StubsMax } : stubs is { Count: > 0 })
        {
            throw new ProblemException(ErrorCodes.RequestBodyInvalid, $"'stubs' goes with 'effects': 'stub', and holds 1 to {StubsMax} answers by name.");
        }
    }

    /// <summary>The answers given by hand, as bytes.</summary>
    public static Dictionary<string, ReadOnlyMemory<byte>> Stubs(IReadOnlyDictionary<string, JsonElement>? stubs) =>
        (stubs ?? new Dictionary<string, JsonElement>()).ToDictionary(s => s.Key, s => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(s.Value.GetRawText()), StringComparer.Ordinal);
}
