using Trunkline.Models;
using Trunkline.Server.Effects;

namespace Trunkline.Server.Steps;

/// <summary>Another model that is asked where one gave no answer.</summary>
/// <param name="Call">The other.</param>
/// <param name="Codes">The faults after which it is asked.</param>
/// <param name="Why">Why, where the fault does not say it: <c>overload</c>.</param>
internal sealed record ModelAlternative(ModelCall Call, IReadOnlySet<string> Codes, string? Why)
{
    private const string CodePrefix = "step.model-";

    /// <summary>The one that is asked while the model has no room.</summary>
    public static ModelAlternative Rerouting(ModelCall call) => new(call, new HashSet<string>(StringComparer.Ordinal) { ModelCall.BusyCode }, "overload");

    /// <summary>The one that is asked when the model fails.</summary>
    public static ModelAlternative Fallback(ModelCall call, IEnumerable<ModelFailure> on) => new(call, on.Select(CodeOf).ToHashSet(StringComparer.Ordinal), null);

    /// <summary>True after such a fault. A replay finds the answer where the message went when it was recorded, so it asks on.</summary>
    public bool Takes(StepFault fault) => Codes.Contains(fault.Code) || fault.Code == EffectMissingException.Code;

    /// <summary>Why it was asked, for people.</summary>
    public string Reason(StepFault fault) => Why ?? (fault.Code.StartsWith(CodePrefix, StringComparison.Ordinal) ? fault.Code[CodePrefix.Length..] : "replay");

    private static string CodeOf(ModelFailure failure) => failure switch
    {
        ModelFailure.Timeout => "step.model-timeout",
        ModelFailure.RateLimited => "step.model-rate-limited",
        ModelFailure.Unavailable => "step.model-unavailable",
        ModelFailure.Malformed => "step.model-malformed",
        _ => "step.model-refused",
    };
}
