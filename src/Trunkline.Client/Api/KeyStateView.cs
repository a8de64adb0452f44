using System.Text.Json;

namespace Trunkline.Client.Api;

/// <summary>What a flow remembers.</summary>
/// <param name="Keys">In order of partition and key, as many as asked for.</param>
public sealed record KeyStateList(IReadOnlyList<KeyStateView> Keys);

/// <summary>What a flow remembers of one key.</summary>
public sealed record KeyStateView
{
    /// <summary>The key read as UTF-8, for people.</summary>
    public required string Key { get; init; }

    /// <summary>The key's bytes, to name it by.</summary>
    public required string KeyBase64 { get; init; }

    /// <summary>The partition it follows.</summary>
    public required int Partition { get; init; }

    /// <summary>Bytes of the value as JSON; 0 for none.</summary>
    public required int Bytes { get; init; }

    /// <summary>The value; null for none, or where keys are listed.</summary>
    public JsonElement? Value { get; init; }

    /// <summary>When the value is forgotten; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Timers that are running.</summary>
    public IReadOnlyList<KeyTimerView> Timers { get; init; } = [];
}

/// <summary>A running timer of a key.</summary>
/// <param name="Name">The timer.</param>
/// <param name="Due">When it fires.</param>
/// <param name="SetBy">The id of the message that set it.</param>
public sealed record KeyTimerView(string Name, DateTimeOffset Due, string SetBy);

/// <summary>What came of forgetting a key.</summary>
/// <param name="Dropped">Whether there was anything to forget.</param>
public sealed record DropStateResult(bool Dropped);
