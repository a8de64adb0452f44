using System.Text;
using Microsoft.AspNetCore.Http;
using Trunkline.Core.Security;
using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors;
using Trunkline.Server.Connectors.Webhooks;
using Trunkline.Testing.Conformance.Connectors;

namespace Trunkline.Server.Tests.Connectors;

public sealed class WebhookSinkConformanceTests : SinkConformance
{
    private readonly HttpClient _http = new(new OutgoingAddressPolicy().CreateHandler());
    private WebhookReceiver? _receiver;
    private volatile bool _down;

    public override async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_receiver is not null)
        {
            await _receiver.DisposeAsync();
        }

        await base.DisposeAsync();
    }

    protected override async ValueTask<ISinkConnector> OpenAsync()
    {
        _receiver ??= await WebhookReceiver.StartAsync((context, _) =>
        {
            context.Response.StatusCode = _down ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        });
        return new WebhookSink(new WebhookSinkConfig("webhook-1", _receiver.Url, null, default), _http, TimeProvider.System);
    }

    protected override ValueTask<IReadOnlyList<string>> ReceivedAsync() => new([.. _receiver!.Requests.Select(request => Encoding.UTF8.GetString(request.Body))]);

    protected override ValueTask<bool> SetDownAsync(bool down)
    {
        _down = down;
        return new(true);
    }
}
