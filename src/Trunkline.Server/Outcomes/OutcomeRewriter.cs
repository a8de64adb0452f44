using Trunkline.Messaging;

namespace Trunkline.Server.Outcomes;

/// <summary>Writes rows that were read, without those that are to go.</summary>
internal static class OutcomeRewriter
{
    /// <summary>A message with these rows, in their order; there is at least one.</summary>
    public static Message Of(IReadOnlyList<OutcomeRow> rows)
    {
        var message = new OutcomeBytes();
        message.Byte(OutcomeLayout.Version);
        var segment = new OutcomeBytes();
        var first = 0;
        for (var i = 0; i < rows.Count; i++)
        {
            // Only rows of sinks tell their partition themselves.
            if (i > first && rows[i].Context.Sink.Length == 0 && rows[i].Partition != rows[first].Partition)
            {
                message.Bytes(segment.Span);
                segment.Clear();
                first = i;
            }

            Write(segment, rows[i], i > first ? rows[i - 1] : null);
        }

        message.Bytes(segment.Span);
        return OutcomeBatch.Of(message.Memory);
    }

    private static void Write(OutcomeBytes bytes, in OutcomeRow row, in OutcomeRow? previous)
    {
        if (previous is null)
        {
            bytes.Number((ulong)row.Partition);
            bytes.Number((ulong)row.Offset);
            bytes.Signed(row.AppendedAtMilliseconds);
        }

        var changed = previous is not { } last || !ReferenceEquals(last.Context, row.Context);
        bytes.Byte((byte)((byte)row.State | (row.Degraded ? OutcomeLayout.Degraded : 0) | (row.Attempts != 1 ? OutcomeLayout.HasAttempts : 0)
            | (row.Key is null ? 0 : OutcomeLayout.HasKey) | (changed ? OutcomeLayout.HasContext : 0) | (row.Cause is null ? 0 : OutcomeLayout.HasCause)));
        if (changed)
        {
            Write(bytes, row.Context);
        }

        bytes.Signed(row.Offset - (previous?.Offset ?? row.Offset));
        if (row.Context.Sink.Length > 0)
        {
            bytes.Number((ulong)row.Partition);
        }

        bytes.Signed(row.AppendedAtMilliseconds - (previous?.AppendedAtMilliseconds ?? row.AppendedAtMilliseconds));
        bytes.Bytes(row.Id.Span);
        if (row.Key is { } key)
        {
            bytes.Bytes(key.Span);
        }

        if (row.Attempts != 1)
        {
            bytes.Number((ulong)row.Attempts);
        }

        if (row.Cause is { } cause)
        {
            bytes.Text(cause);
        }
    }

    private static void Write(OutcomeBytes bytes, OutcomeContext context)
    {
        bytes.Text(context.Sink);
        bytes.Number((ulong)context.Revision);
        bytes.Number((ulong)context.WithinMilliseconds);
        bytes.Text(context.Source);
        bytes.Text(context.Tenant);
        bytes.Number((ulong)context.Models.Count);
        foreach (var model in context.Models)
        {
            bytes.Text(model);
        }

        bytes.Number((ulong)context.Sinks.Count);
        foreach (var sink in context.Sinks)
        {
            bytes.Text(sink.Name);
            bytes.Byte(sink.Outbox ? (byte)1 : (byte)0);
        }
    }
}
