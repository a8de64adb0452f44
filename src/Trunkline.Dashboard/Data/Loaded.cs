namespace Trunkline.Dashboard.Data;

/// <summary>Data of a section, or why there is none. One section that cannot be read leaves the others readable.</summary>
/// <typeparam name="T">The data.</typeparam>
/// <param name="Value">The data.</param>
/// <param name="Trouble">What went wrong, or null.</param>
public sealed record Loaded<T>(T? Value, string? Trouble)
    where T : class
{
    /// <summary>True if the node says that it is not there.</summary>
    public bool IsMissing { get; init; }

    /// <summary>True if the node says that it cannot be asked so.</summary>
    public bool IsRefused { get; init; }

    /// <summary>A part of the data, or why there is none.</summary>
    /// <typeparam name="TPart">The part.</typeparam>
    /// <param name="part">Takes it from the data.</param>
    public Loaded<TPart> Take<TPart>(Func<T, TPart> part)
        where TPart : class => new(Value is null ? null : part(Value), Trouble) { IsMissing = IsMissing, IsRefused = IsRefused };
}
