using Trunkline.Client.Api;
using Trunkline.Core.Errors;

namespace Trunkline.Server.Api.Problems;

/// <summary>Ends a request with a problem of the catalogue. The detail names places and limits, never payloads or secrets.</summary>
internal sealed class ProblemException(string code, string detail, Exception? inner = null) : Exception(detail, inner)
{
    /// <summary>The catalogue's entry.</summary>
    public ErrorEntry Entry { get; } = ErrorCatalog.Get(code);

    /// <summary>When to try again, where that helps.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Where messages do not fit their schema; null for other problems.</summary>
    public IReadOnlyList<ViolationView>? Violations { get; init; }
}
