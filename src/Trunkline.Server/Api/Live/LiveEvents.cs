using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace Trunkline.Server.Api.Live;

/// <summary>
/// Items as server-sent events (WHATWG HTML, 9.2). The id of an event is the cursor to come back with; one without data moves only that. The client is waited for; one slower than Kestrel's
/// data rate is cut off, and comes back where it was.
/// </summary>
internal static class LiveEvents
{
    public static async Task SendAsync(LiveClient client, IAsyncEnumerable<LivePlace> items)
    {
        var response = client.Context.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";
        client.Context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        var output = response.BodyWriter;
        output.Write("retry: 2000\n: trunkline\n\n"u8);
        try
        {
            await output.FlushAsync(client.Context.RequestAborted);
            await SendAsync(client, items, output);
        }
        catch (OperationCanceledException) when (client.IsStopping && !client.Context.RequestAborted.IsCancellationRequested)
        {
            await EndAsync(output, "stopping", client.Context.RequestAborted);
        }
        catch (OperationCanceledException) when (client.Context.RequestAborted.IsCancellationRequested)
        {
            // The client left; its cursor holds.
        }
    }

    private static async Task SendAsync(LiveClient client, IAsyncEnumerable<LivePlace> items, PipeWriter output)
    {
        await foreach (var place in items)
        {
            if (client.EndAt(place.Item) is { } end)
            {
                await EndAsync(output, end == LiveEnd.TicketExpired ? "ticket-expired" : "sink-changed", client.Context.RequestAborted);
                return;
            }

            Write(output, place);
            await output.FlushAsync(client.Context.RequestAborted);
        }
    }

    private static void Write(PipeWriter output, LivePlace place)
    {
        output.Write("id: "u8);
        output.Write(Encoding.ASCII.GetBytes(place.Cursor));
        switch (place.Item)
        {
            case LiveItem.Whole whole:
                output.Write("\ndata: "u8);
                output.Write(whole.Json);
                break;
            case LiveItem.Piece piece:
                output.Write("\nevent: partial\ndata: "u8);
                output.Write(piece.Json);
                break;
            case LiveItem.Gap:
                output.Write("\nevent: gap\ndata: {}"u8);
                break;
            default:
                output.Write("\n: still here"u8);
                break;
        }

        output.Write("\n\n"u8);
    }

    private static async Task EndAsync(PipeWriter output, string reason, CancellationToken cancellationToken)
    {
        output.Write(Encoding.ASCII.GetBytes($"event: end\ndata: {{\"reason\":\"{reason}\"}}\n\n"));
        await output.FlushAsync(cancellationToken);
    }
}
