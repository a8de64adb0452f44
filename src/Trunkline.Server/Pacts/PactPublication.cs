namespace Trunkline.Server.Pacts;

/// <summary>What a version of a consumer publishes.</summary>
/// <param name="Consumer">The consumer.</param>
/// <param name="Version">Its version.</param>
/// <param name="Pacts">Provider and text of each pact, and whether it is added to what this version has published.</param>
internal sealed record PactPublication(string Consumer, string Version, IReadOnlyList<(string Provider, string Text, bool Merge)> Pacts)
{
    /// <summary>The branch it was built on; null if not told.</summary>
    public string? Branch { get; init; }

    /// <summary>Its tags.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Where the client found the broker; webhooks are told addresses below it.</summary>
    public string Address { get; init; } = "";
}

/// <summary>What came of holding a version of a provider to a content.</summary>
/// <param name="Sha">The content.</param>
/// <param name="Provider">The provider.</param>
/// <param name="Version">Its version.</param>
/// <param name="Success">Whether it does as expected.</param>
internal sealed record PactResult(string Sha, string Provider, string Version, bool Success)
{
    /// <summary>Where it ran; null if not told.</summary>
    public string? BuildUrl { get; init; }

    /// <summary>Where the client found the broker; webhooks are told addresses below it.</summary>
    public string Address { get; init; } = "";
}
