namespace Trunkline.Server.Sight.Suspects;

/// <summary>What became of a message, and what can be told of it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="At">When the flow was done with it.</param>
/// <param name="Took">How long it took since its append, to the last sink that has it.</param>
/// <param name="FailedAt">The sink, or <see cref="HopSide.Steps"/>, at which it failed or was tried again; null if all went well.</param>
/// <param name="Cause">Code of the failure; null if there was none.</param>
/// <param name="Attributes">Names and values: its tenant, key and size, what its models and revision were, short values of its payload.</param>
internal sealed record SeenMessage(string Id, DateTimeOffset At, TimeSpan Took, string? FailedAt, string? Cause, IReadOnlyDictionary<string, string> Attributes);

/// <summary>Messages of a flow from a time on, and of the time before; samples of both where there are many.</summary>
internal sealed record SeenMessages(IReadOnlyList<SeenMessage> Now, IReadOnlyList<SeenMessage> Before)
{
    public static readonly SeenMessages None = new([], []);
}
