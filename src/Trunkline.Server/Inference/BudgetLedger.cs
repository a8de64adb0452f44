using System.Buffers.Binary;
using System.Text;
using Trunkline.Core.Limits;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Inference;

/// <summary>
/// Keeps what budgets of models have used in the broker's state (store <c>trunkline.budgets</c>), so that a node that restarts, cleanly or not, goes on with
/// the windows it was in. Layout: key <c>account NUL name</c>; value version, window, calls, tokens, money.
/// </summary>
internal static class BudgetLedger
{
    private const string Store = "trunkline.budgets";
    private const byte Version = 1;
    private const int ValueBytes = 1 + (3 * sizeof(long)) + (4 * sizeof(int));

    /// <summary>Reads what is kept, removes what is of windows that have ended, and gives the book that goes on with it. Without a broker that keeps state nothing is kept.</summary>
    /// <exception cref="BrokerException"><see cref="BrokerErrorCode.StoreDamaged"/> if what is kept is not what is written here.</exception>
    public static async Task<BudgetBook> OpenAsync(IBroker broker, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!broker.Capabilities.HasFlag(BrokerCapabilities.State))
        {
            return new BudgetBook();
        }

        var (kept, ended) = (new List<BudgetEntry>(), new List<BudgetEntry>());
        await foreach (var stored in broker.ScanStateAsync(Store, 0, default, cancellationToken).ConfigureAwait(false))
        {
            var entry = Read(stored.Key, stored.Value);
            var isOver = BudgetBook.PerOf(entry.Account) is not { } per || entry.Window < time.GetUtcNow().UtcTicks / per.Ticks;
            (isOver ? ended : kept).Add(entry);
        }

        foreach (var some in ended.Chunk(1000))
        {
            await WriteAsync(broker, [.. some.Select(entry => entry with { Granted = null })]).ConfigureAwait(false);
        }

        return new BudgetBook(kept, entries => WriteAsync(broker, entries));
    }

    private static async ValueTask WriteAsync(IBroker broker, IReadOnlyList<BudgetEntry> entries) => await broker.CommitAsync(
        new CommitUnit { State = [.. entries.Select(entry => new StateWrite(Store, 0, KeyOf(entry), entry.Granted is { } granted ? ValueOf(entry.Window, granted) : null))] },
        CancellationToken.None).ConfigureAwait(false);

    private static byte[] KeyOf(BudgetEntry entry) => Encoding.UTF8.GetBytes($"{entry.Account}\0{entry.Name}");

    private static ReadOnlyMemory<byte>? ValueOf(long window, Spend granted)
    {
        var value = new byte[ValueBytes];
        value[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(value.AsSpan(1), window);
        BinaryPrimitives.WriteInt64BigEndian(value.AsSpan(9), granted.Calls);
        BinaryPrimitives.WriteInt64BigEndian(value.AsSpan(17), granted.Tokens);
        Span<int> money = stackalloc int[4];
        decimal.GetBits(granted.Money, money);
        for (var i = 0; i < money.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(value.AsSpan(25 + (i * sizeof(int))), money[i]);
        }

        return value;
    }

    private static BudgetEntry Read(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value)
    {
        var span = value.Span;
        if (span.Length != ValueBytes || span[0] != Version || Encoding.UTF8.GetString(key.Span).Split('\0') is not [var account, var name])
        {
            throw new BrokerException(BrokerErrorCode.StoreDamaged, "what a budget has used is not of a known format; a newer version may have written it");
        }

        Span<int> money = stackalloc int[4];
        for (var i = 0; i < money.Length; i++)
        {
            money[i] = BinaryPrimitives.ReadInt32BigEndian(span[(25 + (i * sizeof(int)))..]);
        }

        return new BudgetEntry(account, name, BinaryPrimitives.ReadInt64BigEndian(span[1..]),
            new Spend(BinaryPrimitives.ReadInt64BigEndian(span[9..]), BinaryPrimitives.ReadInt64BigEndian(span[17..]), new decimal(money)));
    }
}
