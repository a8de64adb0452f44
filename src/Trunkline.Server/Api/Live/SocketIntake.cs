using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;
using Trunkline.Messaging;
using Trunkline.Server.Api.Events;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Connectors.Http;

namespace Trunkline.Server.Api.Live;

/// <summary>What one client may send, and where it goes.</summary>
/// <param name="Intake">Hands messages to the flow.</param>
/// <param name="Source">The source of its messages: ids of one client are not those of another.</param>
/// <param name="Key">The key of its messages; null if they name their own.</param>
/// <param name="FrameBytesMax">The largest frame.</param>
/// <param name="Bodies">The memory of all requests.</param>
internal sealed record SocketSender(HttpIntake Intake, string Source, MessageKey? Key, int FrameBytesMax, RequestBody Bodies);

/// <summary>
/// Takes the frames of one client: each a message, in order, answered by its id once what became of it is durable. While as many wait as may, nothing is read, so that the client's own
/// sending waits. For one connection.
/// </summary>
internal sealed class SocketIntake(WebSocket socket, SocketSender sender, TimeProvider time) : IDisposable
{
    // Frames taken and not answered: enough to hide a commit, little to repeat.
    private const int WaitingMax = 64;

    // RFC 6455 has no name for it; the IANA registry of close codes has.
    private const WebSocketCloseStatus TryAgainLater = (WebSocketCloseStatus)1013;

    private static readonly TimeSpan FrameMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FullWait = TimeSpan.FromMilliseconds(50);

    private readonly SemaphoreSlim _room = new(WaitingMax, WaitingMax);
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly ConcurrentDictionary<long, Task> _waiting = [];
    private long _taken;
    private volatile bool _ending;

    /// <summary>Takes frames until the client leaves or breaks a rule, or it is stopped; answers what was taken, and closes.</summary>
    /// <param name="stopReason">Why it is stopped, should it be.</param>
    /// <param name="stopped">Fires when it is to take no more.</param>
    public async Task RunAsync(Func<(WebSocketCloseStatus Status, string Reason)> stopReason, CancellationToken stopped)
    {
        // Never cancelled in the middle: that would cut the connection, and neither answers nor the reason could be told.
        var taking = TakeAllAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stopped);
        await Task.WhenAny(taking, Task.Delay(Timeout.InfiniteTimeSpan, stop.Token));
        await stop.CancelAsync();
        _ending = true;
        await Task.WhenAll(_waiting.Values);
        var (status, reason) = taking.IsCompleted ? await taking : stopReason();
        await SocketClosing.CloseAsync(socket, status, reason, taking);
        await Task.WhenAll(_waiting.Values);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _room.Dispose();
        _sending.Dispose();
    }

    private async Task<(WebSocketCloseStatus Status, string Reason)> TakeAllAsync()
    {
        try
        {
            while (true)
            {
                await _room.WaitAsync();
                if (await TakeAsync() is var (status, reason))
                {
                    return (status, reason);
                }
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or WebSocketException)
        {
            return (WebSocketCloseStatus.PolicyViolation, "a frame takes too long");
        }
        catch (ProblemException full)
        {
            return (TryAgainLater, full.Entry.Code);
        }
    }

    /// <summary>Takes one frame; how to close, if it is not one.</summary>
    private async Task<(WebSocketCloseStatus Status, string Reason)?> TakeAsync()
    {
        using var held = sender.Bodies.Hold();
        var (bytes, type) = await ReceiveAsync(held);
        switch (type)
        {
            case WebSocketMessageType.Close:
                return (WebSocketCloseStatus.NormalClosure, "");
            case WebSocketMessageType.Binary:
                return (WebSocketCloseStatus.InvalidMessageType, "frames are text");
        }

        if (bytes is null)
        {
            return (WebSocketCloseStatus.MessageTooBig, FormattableString.Invariant($"a frame has at most {sender.FrameBytesMax} bytes"));
        }

        if (SocketFrame.Read(bytes) is not { } frame || (frame.Key is not null && sender.Key is not null))
        {
            return (WebSocketCloseStatus.InvalidPayloadData, SocketFrame.Form);
        }

        if (await HandInAsync(frame.ToMessage(sender.Source, sender.Key)) is { } result)
        {
            var number = _taken++;
            _waiting[number] = AnswerAsync(number, frame.Id, result);
        }
        else
        {
            _room.Release();
        }

        return null;
    }

    /// <summary>A whole frame; null bytes if it is larger than it may be.</summary>
    private async Task<(byte[]? Bytes, WebSocketMessageType Type)> ReceiveAsync(RequestBody.Held held)
    {
        // How long the next frame takes to begin is the client's own matter.
        var first = await socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);
        if (first.MessageType == WebSocketMessageType.Close)
        {
            return (null, first.MessageType);
        }

        using var bound = new CancellationTokenSource(FrameMax, time);
        var frame = new byte[4096];
        for (var length = 0; ;)
        {
            held.Reserve(frame.Length);
            var part = await socket.ReceiveAsync(frame.AsMemory(length), bound.Token);
            length += part.Count;
            if (part.MessageType != WebSocketMessageType.Text || length > sender.FrameBytesMax)
            {
                return (null, part.MessageType);
            }

            if (part.EndOfMessage)
            {
                return (frame[..length], part.MessageType);
            }

            if (length == frame.Length)
            {
                Array.Resize(ref frame, (int)Math.Min(2L * frame.Length, sender.FrameBytesMax + 1L));
            }
        }
    }

    /// <summary>In the order of the frames: the next one is not read before this one has its place with the flow. Null if nothing is taken any more.</summary>
    private async Task<Task<IntakeResult>?> HandInAsync(Message message)
    {
        while (!_ending)
        {
            var result = sender.Intake.AcceptAsync(message, null, CancellationToken.None);
            if (result is not { IsCompletedSuccessfully: true, Result: IntakeResult.Overloaded })
            {
                return result;
            }

            await Task.Delay(FullWait, time, CancellationToken.None);
        }

        return null;
    }

    private async Task AnswerAsync(long number, string id, Task<IntakeResult> result)
    {
        try
        {
            var answer = AnswerOf(id, await result);
            using var bound = new CancellationTokenSource(AnswerMax, time);
            await _sending.WaitAsync(bound.Token);
            try
            {
                await socket.SendAsync(answer, WebSocketMessageType.Text, true, bound.Token);
            }
            finally
            {
                _sending.Release();
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or WebSocketException)
        {
            // Nobody hears the answer: the client sends the message again when it comes back, and it is known by its id then.
        }
        finally
        {
            _waiting.TryRemove(number, out _);
            _room.Release();
        }
    }

    private static byte[] AnswerOf(string id, IntakeResult result)
    {
        try
        {
            return Write(id, "outcome", IntakeEndpoint.OutcomeOf(result));
        }
        catch (ProblemException refused)
        {
            return Write(id, "error", refused.Entry.Code);
        }
    }

    private static byte[] Write(string id, string name, string value)
    {
        using var answer = new MemoryStream();
        using (var json = new Utf8JsonWriter(answer))
        {
            json.WriteStartObject();
            json.WriteString("id", id);
            json.WriteString(name, value);
            json.WriteEndObject();
        }

        return answer.ToArray();
    }
}
