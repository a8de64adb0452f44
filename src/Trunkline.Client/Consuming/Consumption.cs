using System.Text.Json;
using System.Threading.Channels;
using Trunkline.Client.Api;
using Trunkline.Client.Http;

namespace Trunkline.Client.Consuming;

/// <summary>What a consumer runs: how a body is read, and what is done with it.</summary>
/// <typeparam name="T">What a body is read as.</typeparam>
/// <param name="Read">Reads a body; a <see cref="JsonException"/> counts as a failed handler.</param>
/// <param name="Handle">Handles a message.</param>
internal sealed record Handler<T>(Func<EventView, T> Read, Func<Received<T>, CancellationToken, ValueTask> Handle);

/// <summary>
/// Consumes for a group until stopped: fetches while there is room in hand, hands out to handlers that run at once, extends the leases of what is
/// in hand, acknowledges what is handled and gives back what failed. A node that cannot be reached is asked again, without end.
/// </summary>
/// <typeparam name="T">What a body is read as.</typeparam>
internal sealed class Consumption<T>(TopicGroup group, Handler<T> handler, ConsumeOptions options) : IDisposable
{
    private static readonly TimeSpan FetchWait = TimeSpan.FromSeconds(20);

    private bool _declared;
    private readonly InHand _inHand = new(options.InHandMax);
    private readonly Channel<HeldMessage> _ready = Channel.CreateUnbounded<HeldMessage>();
    private readonly CancellationTokenSource _handlersEnd = new();

    public void Dispose()
    {
        _inHand.Dispose();
        _handlersEnd.Dispose();
    }

    /// <summary>Runs until cancelled, then settles what is in hand and returns; throws what nobody can wait out, such as a refused token.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var settler = new Settler(group, _inHand, options);
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var settlingEnds = new CancellationTokenSource();
        using var extendingEnds = new CancellationTokenSource();
        var settling = EndingAll(settler.RunAsync(settlingEnds.Token), failed);
        var extending = EndingAll(ExtendAsync(extendingEnds.Token), failed);
        var handlers = Enumerable.Range(0, options.Concurrency).Select(_ => HandleAllAsync(settler, failed.Token)).ToArray();
        var fetching = EndingAll(FetchAllAsync(failed.Token), failed);
        await fetching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ready.Writer.Complete();
        _handlersEnd.CancelAfter(options.DrainTime);
        await Task.WhenAll(handlers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        settler.Complete();
        settlingEnds.CancelAfter(options.DrainTime);
        await settling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await extendingEnds.CancelAsync().ConfigureAwait(false);
        await extending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await ThrowFirstAsync([fetching, extending, settling, .. handlers]).ConfigureAwait(false);
    }

    /// <summary>If a part of it fails, the others end as if asked to.</summary>
    private static async Task EndingAll(Task part, CancellationTokenSource all)
    {
        try
        {
            await part.ConfigureAwait(false);
        }
        catch
        {
            await all.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async Task ThrowFirstAsync(Task[] parts)
    {
        // A part that was cancelled ended as asked; what it had not settled comes again when its leases end.
        foreach (var part in parts.Where(p => p.IsFaulted))
        {
            await part.ConfigureAwait(false);
        }
    }

    private async Task FetchAllAsync(CancellationToken stop)
    {
        var backoff = new Backoff();
        while (!stop.IsCancellationRequested)
        {
            var room = _inHand.Room;
            if (room == 0)
            {
                await _inHand.ChangedAsync(stop).ConfigureAwait(false);
                continue;
            }

            try
            {
                await DeclareAsync(stop).ConfigureAwait(false);
                var fetched = await group.FetchAsync(Request(room), stop).ConfigureAwait(false);
                foreach (var message in fetched.Messages)
                {
                    _ready.Writer.TryWrite(_inHand.Add(message));
                }

                backoff = new Backoff();
            }
            catch (Exception failure) when (Backoff.IsPassing(failure))
            {
                options.Trouble?.Invoke(failure, null);
                await Task.Delay(backoff.Next(failure), options.Time, stop).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Says once what is read, if the options do.</summary>
    private async Task DeclareAsync(CancellationToken stop)
    {
        if (!_declared && options.Reads is { Count: > 0 } fields)
        {
            await group.DeclareAsync(new DeclareReaderRequest(fields, options.Owner, options.Version), stop).ConfigureAwait(false);
        }

        _declared = true;
    }

    private FetchRequest Request(int room) => new()
    {
        Max = room,
        WaitMs = (int)FetchWait.TotalMilliseconds,
        LeaseMs = (int)options.Lease.TotalMilliseconds,
        Start = options.FromLatest ? "latest" : "earliest",
        SchemaVersion = options.SchemaVersion,
    };

    private async Task HandleAllAsync(Settler settler, CancellationToken stop)
    {
        await foreach (var held in _ready.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
        {
            _inHand.Touch();
            if (held.Lost.IsCancellationRequested)
            {
                // Somebody else may be at it: two handlers at once would be worse than a message that comes again.
                _inHand.Remove(held);
            }
            else if (stop.IsCancellationRequested)
            {
                settler.GiveBack(held, TimeSpan.Zero);
            }
            else
            {
                await HandleAsync(held, settler).ConfigureAwait(false);
            }
        }
    }

    private async Task HandleAsync(HeldMessage held, Settler settler)
    {
        var (_, attempt, _, message) = held.Message;
        using var span = ClientTelemetry.Process(group.Topic, group.Name, message);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(held.Lost, _handlersEnd.Token);
        try
        {
            await handler.Handle(new Received<T>(handler.Read(message), message, attempt), ends.Token).ConfigureAwait(false);
            settler.Acknowledge(held);
        }
        catch (OperationCanceledException) when (ends.IsCancellationRequested)
        {
            settler.GiveBack(held, TimeSpan.Zero);
        }
        catch (Exception failure)
        {
            // The handler is the caller's: whatever it throws is about this message, which comes again or ends among the dead letters.
            ClientTelemetry.Fail(span, failure);
            options.Trouble?.Invoke(failure, message);
            settler.GiveBack(held, options.RetryDelay(attempt));
        }
    }

    private async Task ExtendAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(options.Lease / 3, options.Time);
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
        {
            var leases = _inHand.Leases();
            if (leases.Length == 0)
            {
                continue;
            }

            try
            {
                var extended = await group.ExtendAsync(new ExtendRequest(leases, (int)options.Lease.TotalMilliseconds), cancellationToken).ConfigureAwait(false);
                await _inHand.LoseAsync(extended.Expired).ConfigureAwait(false);
            }
            catch (Exception failure) when (Backoff.IsPassing(failure))
            {
                options.Trouble?.Invoke(failure, null);
            }
        }
    }
}
