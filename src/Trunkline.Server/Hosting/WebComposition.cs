using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Trunkline.Client.Api;
using Trunkline.Server.Api;
using Trunkline.Server.Api.Events;
using Trunkline.Server.Api.Live;
using Trunkline.Server.Api.Otlp;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Catalog;
using Trunkline.Server.Pacts;
using Trunkline.Server.Sight.Alerts;
using Trunkline.Server.Sight.CriticalPaths;
using Trunkline.Server.Sight.Export;
using Trunkline.Server.Sight.Figures;
using Trunkline.Server.Sight.Logs;
using Trunkline.Server.Sight.Map;
using Trunkline.Server.Sight.Map.Neighbours;
using Trunkline.Server.Sight.Metrics;
using Trunkline.Server.Sight.Slos;
using Trunkline.Server.Sight.Suspects;

namespace Trunkline.Server.Hosting;

/// <summary>Puts the web application of a node together: limits, order of steps, endpoints.</summary>
internal static class WebComposition
{
    /// <summary>How long a stop may take, from the signal to the end.</summary>
    public static readonly TimeSpan DrainMax = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    public static WebApplication Build(NodeParts parts, Node node, Func<NodeRuntime> runtime)
    {
        // Nothing of the environment, working folder or command line steers the node but what it names itself.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, WebRootPath = "wwwroot" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Limit(kestrel, parts));
        AddLogging(builder.Logging);
        AddServices(builder.Services, parts);
        builder.Services.AddSingleton(node);

        // Made later than the services, because it logs through them; nothing asks for it before the node serves.
        builder.Services.AddSingleton(_ => runtime());
        builder.Services.AddSingleton(_ => runtime().Broker);
        builder.Services.AddSingleton(_ => runtime().Flows);
        builder.Services.AddSingleton(_ => runtime().Releases);
        builder.Services.AddSingleton(_ => runtime().Intakes);
        builder.Services.AddSingleton(_ => runtime().Hooks);
        builder.Services.AddSingleton(_ => runtime().Sockets);
        builder.Services.AddSingleton(_ => runtime().Pieces);
        builder.Services.AddSingleton(_ => runtime().Comparisons);
        builder.Services.AddSingleton(_ => runtime().Faults);
        builder.Services.AddSingleton(_ => runtime().Taps);
        builder.Services.AddSingleton(_ => runtime().DeadLetters);
        builder.Services.AddSingleton(_ => runtime().Redrives);
        builder.Services.AddSingleton(_ => runtime().Consumers);
        builder.Services.AddSingleton(_ => runtime().Outcomes);
        builder.Services.AddSingleton(_ => runtime().Quality);
        builder.Services.AddSingleton(_ => runtime().Erasures);
        builder.Services.AddSingleton(_ => runtime().Schemas);
        builder.Services.AddSingleton(_ => runtime().Pacts);
        builder.Services.AddSingleton(_ => new PactDeliveries(runtime().Pacts, runtime().FlowEnvironment.Http, parts.Time));
        builder.Services.AddSingleton(_ => runtime().Readers);
        builder.Services.AddSingleton(_ => runtime().Traffic);
        builder.Services.AddSingleton<NodeCatalog>();
        builder.Services.AddSingleton<SubjectCatalog>();
        AddSight(builder.Services, parts, runtime);
        builder.Services.AddSingleton<TopicContracts>();
        foreach (var configure in parts.ConfigureServices)
        {
            configure(builder.Services);
        }

        var app = builder.Build();
        app.UseMiddleware<ProblemMiddleware>();
        app.UseRouting();
        app.Use(OtlpGrpc.KeepApart);
        if (parts.Project.Node.Origins.Count > 0)
        {
            app.UseCors();
        }

        // Ends a connection whose other side is gone without a word.
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = Heartbeat, KeepAliveTimeout = Heartbeat });
        app.UseMiddleware<GuardMiddleware>();
        app.UseMiddleware<DeprecationMiddleware>();
        ApiRoutes.Map(app);
        OtlpGrpc.Map(app, parts.Project.Node);
        foreach (var map in parts.Map)
        {
            map(app);
        }

        return app;
    }

    private static void AddSight(IServiceCollection services, NodeParts parts, Func<NodeRuntime> runtime)
    {
        services.AddSingleton<SloBook>();
        services.AddSingleton(_ => new AlertDesk(runtime().Broker, runtime().Releases.Changes, parts.Time));
        services.AddSingleton(_ => runtime().Traffic.Book);
        services.AddSingleton(_ => new Expiries(runtime().FlowEnvironment.Addresses.Peers, parts.Time));
        services.AddSingleton<AlertSources>();
        services.AddSingleton<AlertWatch>();
        services.AddSingleton(_ => new AlertSenders(runtime().FlowEnvironment));
        services.AddSingleton(_ => runtime().LogStore);
        services.AddSingleton(_ => runtime().LogKeeper);
        services.AddSingleton<HopHistory>();
        services.AddSingleton<WhySources>();
        services.AddSingleton<MapSampler>();
        services.AddSingleton<MapSources>();
        services.AddSingleton<MapReader>();
        services.AddSingleton<WhyReport>();
        services.AddSingleton<MapParts>();
        services.AddSingleton(_ => runtime().TraceQueue);
        services.AddSingleton(_ => runtime().Traces);
        services.AddSingleton<TryBook>();
        services.AddSingleton(provider => new PathReport(runtime().Traces, provider.GetRequiredService<TryBook>(), model => runtime().Models.RoomOf(model), parts.Time));
        services.AddSingleton<SeenServices>();
        services.AddSingleton<ServiceMeters>();
        OtlpGrpc.AddTo(services, parts.Project.Node);
        services.AddSingleton<SightParts>();
    }

    private static void Limit(KestrelServerOptions kestrel, NodeParts parts)
    {
        kestrel.AddServerHeader = false;
        kestrel.Listen(parts.Listen.Address, parts.Listen.Port, listen => listen.Protocols = HttpProtocols.Http1);
        if (parts.Project.Node.Telemetry.Grpc is { } grpc && ListenAddress.Parse(grpc) is { } address)
        {
            // HTTP/2 without TLS needs a listener of its own; the protocol tells requests of the two apart.
            kestrel.Listen(address.Address, address.Port, listen => listen.Protocols = HttpProtocols.Http2);
        }

        kestrel.Limits.MaxRequestBodySize = parts.Project.Node.RequestBytesMax;
        kestrel.Limits.MaxRequestHeadersTotalSize = 32 * 1024;
        kestrel.Limits.MaxRequestHeaderCount = 100;

        // A cursor over 1,024 partitions has to fit.
        kestrel.Limits.MaxRequestLineSize = 24 * 1024;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(130);
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(240, TimeSpan.FromSeconds(5));
        kestrel.Limits.MinResponseDataRate = new MinDataRate(240, TimeSpan.FromSeconds(5));
        kestrel.Limits.MaxConcurrentConnections = 4096;
    }

    private static void AddLogging(ILoggingBuilder logging)
    {
        logging.AddSimpleConsole(console => console.SingleLine = true);
        logging.Services.AddSingleton<LogBook>();
        logging.Services.AddSingleton<ILoggerProvider>(provider => provider.GetRequiredService<LogBook>());

        // What became of single messages is kept, and not written to the console.
        logging.AddFilter<LogBook>("Trunkline.Flows", LogLevel.Debug);
        logging.AddFilter<LogBook>(Steps.Log.Programs, LogLevel.None);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("System", LogLevel.Warning);
        logging.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }

    private static void AddServices(IServiceCollection services, NodeParts parts)
    {
        var node = parts.Project.Node;
        services.Configure<HostOptions>(host => host.ShutdownTimeout = DrainMax);
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.AddRouting();
        ApiMetrics.AddTo(services);
        OtlpExport.AddTo(services, node, Node.Version);
        ApiDocument.AddTo(services);
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default));
        services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
            .WithOrigins([.. node.Origins.Select(o => o.TrimEnd('/'))]).AllowAnyHeader().AllowAnyMethod()));
        services.AddSingleton(parts.Time);
        services.AddSingleton(SecurityRules.Of(node, parts.Listen.Host, parts.Time));
        services.AddSingleton(new RequestBody(node.RequestBytesMax, Math.Max(4 * node.RequestBytesMax, 256L * 1024 * 1024), parts.Time));
        services.AddSingleton(provider => new StreamLimits(Heartbeat, provider.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping));
        services.AddSingleton<ClientCounts>();
        services.AddSingleton<LiveTails>();
        services.AddSingleton<LiveTickets>();
        services.AddSingleton<TopicWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<TopicWatch>());
        services.AddSingleton<HopFigures>();
        services.AddHostedService(provider => provider.GetRequiredService<HopFigures>());
        services.AddHostedService<RetentionLoop>();
        services.AddHostedService<TrafficLoop>();
        services.AddHostedService<PactHookLoop>();
        services.AddHostedService<SightLoop>();
        if (node.Telemetry.TraceBytes > 0)
        {
            services.AddHostedService<TraceLoop>();
        }
        services.AddHostedService<LogLoop>();
    }
}
