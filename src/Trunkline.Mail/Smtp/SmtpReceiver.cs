using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Trunkline.Mail.Smtp;

/// <summary>
/// An SMTP server (RFC 5321) that takes mails for the recipients it is told of, and answers 250 only once they are durable. PIPELINING, SIZE,
/// 8BITMIME, SMTPUTF8, STARTTLS, ENHANCEDSTATUSCODES; no relaying, no authentication. Bounded in connections, sizes, commands, faults and time.
/// Thread-safe.
/// </summary>
public sealed class SmtpReceiver : IAsyncDisposable
{
    private readonly SmtpReceiverOptions _options;
    private readonly IMailTaker _taker;
    private readonly Socket _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Task, bool> _sessions = new();
    private readonly Dictionary<IPAddress, int> _clients = [];
    private readonly SmtpRoom _room;
    private readonly Task _accepting;
    private int _connections;

    private SmtpReceiver(SmtpReceiverOptions options, IMailTaker taker, Socket listener)
    {
        (_options, _taker, _listener) = (options, taker, listener);
        _room = new SmtpRoom(options.BytesInFlightMax);
        EndPoint = (IPEndPoint)listener.LocalEndPoint!;
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Begins to listen.</summary>
    /// <exception cref="SocketException">The address cannot be listened on.</exception>
    public static SmtpReceiver Start(SmtpReceiverOptions options, IMailTaker taker)
    {
        ArgumentNullException.ThrowIfNull(options);
        var listener = new Socket(options.Listen.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(options.Listen);
            listener.Listen(512);
            return new SmtpReceiver(options, taker, listener);
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    /// <summary>Stops listening and ends the sessions; mails not answered by then come again.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _accepting.ConfigureAwait(false);
        await Task.WhenAll(_sessions.Keys).ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var socket = await _listener.AcceptAsync(_stop.Token).ConfigureAwait(false);
                var session = Task.Run(() => ServeAsync(socket));
                _sessions.TryAdd(session, true);
                _ = session.ContinueWith(done => _sessions.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
            catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // A connection that went before it was taken, or no more descriptors: the next may do. The pause keeps it from spinning.
                await Task.Delay(TimeSpan.FromMilliseconds(100), _options.Time).ConfigureAwait(false);
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        IPAddress? admitted = null;
        try
        {
            socket.NoDelay = true;
            var client = ((IPEndPoint)socket.RemoteEndPoint!).Address;
            admitted = Enter(client) ? client : null;
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            await using var session = new SmtpSession(_options, _taker, _room, stream, client);
            await session.RunAsync(admitted is not null, _stop.Token).ConfigureAwait(false);
        }
        catch (Exception ended) when (ended is IOException or SocketException or OperationCanceledException or System.Security.Authentication.AuthenticationException or ObjectDisposedException)
        {
            // The client went, or the receiver stops: what was not answered comes again.
        }
        finally
        {
            socket.Dispose();
            if (admitted is not null)
            {
                Leave(admitted);
            }
        }
    }

    private bool Enter(IPAddress client)
    {
        lock (_clients)
        {
            var own = _clients.GetValueOrDefault(client);
            if (_connections >= _options.ConnectionsMax || own >= _options.ConnectionsPerClientMax)
            {
                return false;
            }

            _connections++;
            _clients[client] = own + 1;
            return true;
        }
    }

    private void Leave(IPAddress client)
    {
        lock (_clients)
        {
            _connections--;
            if (--_clients[client] == 0)
            {
                _clients.Remove(client);
            }
        }
    }
}

/// <summary>Room for the bytes of mails that are on their way in, over all connections. Thread-safe.</summary>
internal sealed class SmtpRoom(long bytesMax)
{
    private long _taken;

    /// <summary>Takes room; false if there is not so much.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= bytesMax)
        {
            return true;
        }

        Interlocked.Add(ref _taken, -bytes);
        return false;
    }

    public void Give(long bytes) => Interlocked.Add(ref _taken, -bytes);
}
