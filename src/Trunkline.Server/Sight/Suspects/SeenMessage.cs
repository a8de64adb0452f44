using Trunkline.Messaging;

namespace Trunkline.Server.Sight.Suspects;

/// <summary>What became of a message, and what can be told of it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="At">When the flow was done with it.</param>
/// <param name="Took">How long it took since its append, to the last sink that has it.</param>
/// <param name="FailedAt">The sink, or <see cref="HopSide.Steps"/>, at which it failed or was tried again; null if all went well.</param>
/// <param name="Cause">Code of the failure; null if there was none.</param>
/// <param name="Attributes">Names and values: its tenant, key and size, what its models and revision were, short values of its payload.</param>
internal sealed record SeenMessage(string Id, DateTimeOffset At, TimeSpan Took, string? FailedAt, string? Cause, IReadOnlyDictionary<string, string> Attributes)
{
    /// <summary>Where it stands in the flow's source.</summary>
    public Position Place { get; init; }

    /// <summary>What it took, place by place, each try and each question by itself; null if that is not known.</summary>
    public IReadOnlyList<PlaceTime>? Spent { get; init; }
}

/// <summary>What a message took at a place.</summary>
/// <param name="Hop">The place: <c>model reply</c>.</param>
/// <param name="Seconds">How long, without waits.</param>
internal readonly record struct PlaceTime(string Hop, double Seconds);

/// <summary>Messages of a flow from a time on, and of the time before; samples of both where there are many.</summary>
internal sealed record SeenMessages(IReadOnlyList<SeenMessage> Now, IReadOnlyList<SeenMessage> Before)
{
    public static readonly SeenMessages None = new([], []);

    /// <summary>The same with another border between now and before, not before the one there is.</summary>
    public SeenMessages Since(DateTimeOffset from) => Now.All(m => m.At >= from) ? this : new([.. Now.Where(m => m.At >= from)], [.. Now.Where(m => m.At < from), .. Before]);
}
