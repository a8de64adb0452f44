namespace Trunkline.Client.Api;

/// <summary>Asks to erase all that belongs to a key, an id or a tenant. Exactly one of them.</summary>
public sealed record EraseRequest
{
    /// <summary>The key, as text.</summary>
    public string? Key { get; init; }

    /// <summary>The key's bytes, where it is no text.</summary>
    public string? KeyBase64 { get; init; }

    /// <summary>Id of a message.</summary>
    public string? Id { get; init; }

    /// <summary>The tenant.</summary>
    public string? Tenant { get; init; }
}

/// <summary>An erasure was started.</summary>
/// <param name="Id">To ask for it.</param>
/// <param name="RequestHash"><c>sha256:</c> over salt, kind, a zero byte and what was asked for.</param>
/// <param name="Salt">In hex. Given once: with it whoever knows what was asked for can prove that this erasure was about it.</param>
public sealed record ErasureStarted(string Id, string RequestHash, string Salt);

/// <summary>How an erasure stands; once it is done, its proof. Holds nothing of what was erased.</summary>
public sealed record ErasureView
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary><c>finding</c>, <c>erasing</c>, <c>scrubbing</c> (rewriting files) or <c>done</c>.</summary>
    public required string State { get; init; }

    /// <summary><c>key</c>, <c>id</c> or <c>tenant</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Hash of what was asked for.</summary>
    public required string RequestHash { get; init; }

    /// <summary>Who asked.</summary>
    public required string Who { get; init; }

    /// <summary>When it began.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>When it was done; null before.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>What was searched, and how much of it went.</summary>
    public IReadOnlyList<ErasedStore> Stores { get; init; } = [];

    /// <summary>Backups the node knows of, which still hold it.</summary>
    public IReadOnlyList<string> Backups { get; init; } = [];

    /// <summary>What it waits for, or why it cannot be done; null if all is well.</summary>
    public string? Trouble { get; init; }
}

/// <summary>A store of an erasure.</summary>
/// <param name="Store">The topic, or the store of state.</param>
/// <param name="Kind"><c>topic</c> or <c>state</c>.</param>
/// <param name="Searched">Messages looked at, over all rounds; null for state, which is looked up by key.</param>
/// <param name="Erased">Messages or entries erased; of outcomes, messages rewritten.</param>
public sealed record ErasedStore(string Store, string Kind, long? Searched, long Erased);
