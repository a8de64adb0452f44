using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Trunkline.Bench.Idle;

/// <summary>The peer of <c>bench idle</c> and <c>bench contracts</c>, in a process of its own: a web application with one address and nothing else.</summary>
internal static class BareWebApp
{
    public const string Argument = "bare-web-app";

    /// <param name="bytes">How long the answer is.</param>
    public static async Task<int> RunAsync(int bytes)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        var answer = new string('x', bytes);
        app.MapGet("/", () => answer);
        await app.StartAsync();
        Console.WriteLine($$"""{"event":"ready","url":"{{app.Urls.First()}}"}""");
        await ((IHost)app).WaitForShutdownAsync();
        return 0;
    }
}
