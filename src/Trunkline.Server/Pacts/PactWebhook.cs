namespace Trunkline.Server.Pacts;

/// <summary>Whom to tell when something happens to pacts.</summary>
internal sealed record PactWebhook(Guid Id, DateTimeOffset CreatedAt)
{
    /// <summary>Why, for people.</summary>
    public string? Description { get; init; }

    /// <summary>Only pacts of this consumer; null for all.</summary>
    public string? Consumer { get; init; }

    /// <summary>Only pacts with this provider; null for all.</summary>
    public string? Provider { get; init; }

    /// <summary>What is told, of <see cref="PactHappening"/>.</summary>
    public required IReadOnlyList<string> Events { get; init; }

    /// <summary>The method.</summary>
    public required string Method { get; init; }

    /// <summary>The address; may hold <c>${pactbroker.…}</c>.</summary>
    public required string Url { get; init; }

    /// <summary>Headers; may hold secrets.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>The body; may hold <c>${pactbroker.…}</c>.</summary>
    public string? Body { get; init; }

    /// <summary>For basic authentication; null for none.</summary>
    public string? Username { get; init; }

    /// <summary>For basic authentication. Secret.</summary>
    public string? Password { get; init; }

    /// <summary>False while nobody is to be told.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>True when it was deleted.</summary>
    public bool Deleted { get; init; }

    /// <summary>Without the secrets.</summary>
    public override string ToString() => $"PactWebhook {{ Id = {Id} }}";
}

/// <summary>Something to tell: stored with what happened, and until it is told. There are so many places for them, used in turn.</summary>
internal sealed record PactDelivery(int Place, Guid Webhook, string Event, string Url, string? Body, DateTimeOffset At)
{
    /// <summary>Tells repeats from others.</summary>
    public required Guid Id { get; init; }

    /// <summary>Tries so far.</summary>
    public int Tries { get; init; }

    /// <summary>When to try next.</summary>
    public DateTimeOffset Due { get; init; }

    /// <summary>True when it was told, or given up.</summary>
    public bool Done { get; init; }

    /// <summary>What the last try came to, for people.</summary>
    public string? Result { get; init; }
}

/// <summary>What happens to pacts, by the names the Pact Broker gives it.</summary>
internal static class PactHappening
{
    public const string Published = "contract_published";
    public const string ContentChanged = "contract_content_changed";
    public const string RequiresVerification = "contract_requiring_verification_published";
    public const string Verified = "provider_verification_published";
    public const string VerificationSucceeded = "provider_verification_succeeded";
    public const string VerificationFailed = "provider_verification_failed";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Published, ContentChanged, RequiresVerification, Verified, VerificationSucceeded, VerificationFailed];
}
