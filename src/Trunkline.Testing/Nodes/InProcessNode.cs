using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Trunkline.Server;
using Trunkline.Server.Configuration;

namespace Trunkline.Testing.Nodes;

/// <summary>A real node in the test's process: Kestrel on a free loopback port, a broker in memory or in a temporary folder.</summary>
public sealed class InProcessNode : IAsyncDisposable
{
    private readonly TrunklineApp _app;
    private readonly string? _temporary;

    private InProcessNode(TrunklineApp app, string? temporary)
    {
        _app = app;
        _temporary = temporary;
        Http = new HttpClient { BaseAddress = new Uri(app.Url) };
    }

    /// <summary>The node's address, without a slash at the end.</summary>
    public string Url => _app.Url;

    /// <summary>A plain client of the node.</summary>
    public HttpClient Http { get; }

    /// <summary>Starts a node.</summary>
    public static async Task<InProcessNode> StartAsync(InProcessNodeOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var temporary = options.Data is null ? Directory.CreateTempSubdirectory("trunkline-").FullName : null;
        var app = TrunklineApp.Create().UseProject(Project(options, options.Data ?? temporary!)).UseTime(options.Time)
            .ConfigureServices(services => services.AddLogging(logging => Log(logging, options.Logs)));
        options.Configure?.Invoke(app);
        try
        {
            await app.StartAsync(cancellationToken);
            return new InProcessNode(app, temporary);
        }
        catch
        {
            Remove(temporary);
            throw;
        }
    }

    /// <summary>Stops the node as SIGTERM does; its data stays until it is disposed.</summary>
    public Task StopAsync() => _app.StopAsync();

    /// <summary>Stops the node as SIGTERM does, and removes a temporary folder.</summary>
    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
        Remove(_temporary);
    }

    private static ProjectConfig Project(InProcessNodeOptions options, string data)
    {
        var topics = options.Project.Topics.Values.Concat(options.Topics.Select(t => new TopicConfig { Settings = t }));
        return options.Project with
        {
            Node = options.Project.Node with
            {
                Listen = "http://127.0.0.1:0",
                Data = data,
                Broker = options.Broker,

                // Spans belong to the process: every node of it would keep those of all.
                Telemetry = options.Project.Node.Telemetry with { TraceBytes = options.TraceBytes },
            },
            Topics = topics.ToDictionary(t => t.Settings.Name, StringComparer.Ordinal),
        };
    }

    private static void Log(ILoggingBuilder logging, ILoggerProvider? provider)
    {
        logging.ClearProviders();
        if (provider is not null)
        {
            logging.AddProvider(provider);
        }
    }

    private static void Remove(string? folder)
    {
        if (folder is not null)
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
