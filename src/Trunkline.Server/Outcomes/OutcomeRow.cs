namespace Trunkline.Server.Outcomes;

/// <summary>What neighbouring outcomes share.</summary>
/// <param name="Sink">The sink whose outbox was carried; empty if the row is the flow's own.</param>
/// <param name="Revision">The revision.</param>
/// <param name="WithinMilliseconds">The SLO in force; 0 for none.</param>
/// <param name="Source">Source of the messages; empty if none, or too long to keep.</param>
/// <param name="Tenant">Their tenant; empty if none.</param>
/// <param name="Models">Models that answered, <c>name=version</c>.</param>
/// <param name="Sinks">Sinks that got it.</param>
internal sealed record OutcomeContext(
    string Sink, int Revision, long WithinMilliseconds, string Source, string Tenant, IReadOnlyList<string> Models, IReadOnlyList<OutcomeSink> Sinks);

/// <summary>What became of one message, in a flow or at the sink of an outbox.</summary>
/// <param name="Context">What it shares with its neighbours.</param>
/// <param name="Partition">Where it stood in the source.</param>
/// <param name="Offset">Where it stood in the source.</param>
/// <param name="AppendedAtMilliseconds">When it was appended there, since 1970.</param>
/// <param name="Id">Its id, UTF-8.</param>
/// <param name="Key">Its key; null if it had none, or one too long to keep.</param>
internal readonly record struct OutcomeRow(
    OutcomeContext Context, int Partition, long Offset, long AppendedAtMilliseconds, ReadOnlyMemory<byte> Id, ReadOnlyMemory<byte>? Key)
{
    public OutcomeState State { get; init; }

    public bool Degraded { get; init; }

    public int Attempts { get; init; }

    /// <summary>Code of the failure; null if there was none.</summary>
    public string? Cause { get; init; }
}
