using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Trunkline.Server.Configuration;
using Trunkline.Testing.Nodes;
using Trunkline.Testing.Processes;

namespace Trunkline.Server.Tests.Api.Live;

/// <summary>A real browser with a page of another site: EventSource and WebSocket, by the rules browsers keep.</summary>
public sealed class LiveBrowserTests : LiveTest
{
    private const string Chromium = "/usr/bin/chromium";

    private readonly Channel<string> _reports = Channel.CreateUnbounded<string>();
    private WebApplication _site = null!;

    private string Site => _site.Urls.First();

    public override async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _site = builder.Build();
        _site.MapGet("/", () => Results.Content(Page(), "text/html"));
        _site.MapPost("/report", async (HttpRequest request) =>
        {
            using var reader = new StreamReader(request.Body);
            await _reports.Writer.WriteAsync(await reader.ReadToEndAsync(Cancel), Cancel);
        });
        await _site.StartAsync(Cancel);
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _site.DisposeAsync();
    }

    protected override InProcessNodeOptions Options()
    {
        var options = base.Options();
        return options with { Project = options.Project with { Node = new NodeConfig { Origins = [Site] } } };
    }

    [Fact]
    [Trait("speed", "slow")]
    public async Task A_page_of_a_listed_site_follows_its_messages()
    {
        if (!File.Exists(Chromium))
        {
            Assert.Skip("needs chromium");
        }

        await PublishAsync("other", 100);
        await PublishAsync("mine", 1, 2);
        using var profile = new TemporaryFolder();
        using var browser = Process.Start(new ProcessStartInfo(Chromium, ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", $"--user-data-dir={profile.Path}", Site])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        browser.BeginErrorReadLine();
        browser.BeginOutputReadLine();
        try
        {
            Assert.Equal(["events 1,2", "socket 1,2"], new[] { await ReportAsync(), await ReportAsync() }.Order());
            await PublishAsync("mine", 3);
            Assert.Equal(["events 1,2,3", "socket 1,2,3"], new[] { await ReportAsync(), await ReportAsync() }.Order());
        }
        finally
        {
            browser.Kill(entireProcessTree: true);
            await browser.WaitForExitAsync(CancellationToken.None);
        }
    }

    private async Task<string> ReportAsync()
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        bound.CancelAfter(TimeSpan.FromMinutes(1));
        return await _reports.Reader.ReadAsync(bound.Token);
    }

    private string Page()
    {
        var (node, query) = (Node.Url, "/out/mine?from=earliest&ticket=" + Ticket("mine"));
        return $$"""
            <!DOCTYPE html><title>chat</title><script>
            const tell = (what, seen) => fetch("/report", { method: "POST", body: what + " " + seen.join(",") });
            const take = (what, seen, message) => { seen.push(message.data.n); if (seen.length > 1) tell(what, seen); };
            const events = new EventSource("{{node}}{{query}}"), first = [];
            events.onmessage = e => take("events", first, JSON.parse(e.data));
            events.onerror = () => { if (events.readyState === EventSource.CLOSED) tell("events refused", []); };
            const socket = new WebSocket("{{node}}{{query}}".replace("http", "ws")), second = [];
            socket.onmessage = e => { const frame = JSON.parse(e.data); if (frame.message) take("socket", second, frame.message); };
            socket.onerror = () => tell("socket refused", []);
            </script>
            """;
    }
}
