using System.Text.Json.Serialization;

namespace Trunkline.Client.Api;

/// <summary>Which pacts of a provider are to be verified, as Pact's own verifiers ask.</summary>
public sealed record PactsToVerifyRequest
{
    /// <summary>The branch of the provider; null if not told.</summary>
    public string? ProviderVersionBranch { get; init; }

    /// <summary>Which versions of consumers; none for the latest of each.</summary>
    public required IReadOnlyList<PactSelectorView> ConsumerVersionSelectors { get; init; }

    /// <summary>Whether a failure of a pact that was never verified is to be told apart.</summary>
    public bool IncludePendingStatus { get; init; }
}

/// <summary>Versions of consumers.</summary>
public sealed record PactSelectorView
{
    /// <summary>The newest of the consumer's main branch.</summary>
    public bool? MainBranch { get; init; }

    /// <summary>The newest of the branch named like the provider's.</summary>
    public bool? MatchingBranch { get; init; }

    /// <summary>Those in an environment.</summary>
    public bool? DeployedOrReleased { get; init; }

    /// <summary>The newest of a branch.</summary>
    public string? Branch { get; init; }
}

/// <summary>Pacts to verify.</summary>
/// <param name="Embedded">They.</param>
public sealed record PactsToVerify([property: JsonPropertyName("_embedded")] PactsToVerifyEmbedded Embedded);

/// <summary>Pacts to verify, as they are embedded.</summary>
/// <param name="Pacts">They.</param>
public sealed record PactsToVerifyEmbedded(IReadOnlyList<PactToVerify> Pacts);

/// <summary>A pact to verify.</summary>
/// <param name="ShortDescription">Why it is.</param>
/// <param name="VerificationProperties">How a failure counts.</param>
/// <param name="Links">Where it is.</param>
public sealed record PactToVerify(string ShortDescription, PactVerificationProperties VerificationProperties, [property: JsonPropertyName("_links")] PactSelfLink Links);

/// <summary>How a failure counts.</summary>
/// <param name="Pending">True if it must not fail the provider's build.</param>
public sealed record PactVerificationProperties(bool Pending = false);

/// <summary>A link to the thing itself.</summary>
/// <param name="Self">The link.</param>
public sealed record PactSelfLink(PactLink Self);

/// <summary>A link.</summary>
/// <param name="Href">The address.</param>
public sealed record PactLink(Uri Href);

/// <summary>What came of a verification.</summary>
/// <param name="Success">True if all was as expected.</param>
/// <param name="ProviderApplicationVersion">The version of the provider.</param>
public sealed record PactResultRequest(bool Success, string ProviderApplicationVersion);
