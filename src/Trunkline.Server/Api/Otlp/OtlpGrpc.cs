using Grpc.AspNetCore.Server;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.Api.Otlp;

/// <summary>OTLP over gRPC, on a listener of its own. Requests and answers are bytes here: the same reader takes them as over HTTP.</summary>
/// <param name="intake">Takes them.</param>
internal sealed class OtlpGrpc(OtlpIntake intake)
{
    /// <summary>Adds what takes OTLP to the services.</summary>
    public static void AddTo(IServiceCollection services, NodeConfig node)
    {
        services.AddSingleton(node.Telemetry);
        services.AddSingleton<OtlpIntake>();
        services.AddSingleton<OtlpGrpc>();
        if (node.Telemetry.Grpc is not null)
        {
            services.AddSingleton<IServiceMethodProvider<OtlpGrpc>, OtlpMethods>();
            services.AddGrpc(options =>
            {
                options.MaxReceiveMessageSize = OtlpIntake.BytesMax;
                options.IgnoreUnknownServices = true;
            });
        }
    }

    /// <summary>Maps the services, where the node has the listener.</summary>
    public static void Map(IEndpointRouteBuilder routes, NodeConfig node)
    {
        if (node.Telemetry.Grpc is not null)
        {
            routes.MapGrpcService<OtlpGrpc>().Requires(Scopes.Publish);
        }
    }

    /// <summary>Lets nothing but OTLP be reached over the listener that speaks HTTP/2; the API's own speaks HTTP/1.</summary>
    public static Task KeepApart(HttpContext context, RequestDelegate next) =>
        HttpProtocol.IsHttp2(context.Request.Protocol) && context.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>() is null
            ? throw new ProblemException(ErrorCodes.RequestNotFound, "This listener takes OTLP over gRPC, and nothing else.")
            : next(context);

    /// <summary>Takes a request.</summary>
    public Task<byte[]> ExportAsync(OtlpSignal signal, byte[] request)
    {
        try
        {
            return Task.FromResult(OtlpAnswers.Protobuf(intake.Take(signal, request, isJson: false)));
        }
        catch (ProblemException problem)
        {
            throw new RpcException(new Status(OtlpAnswers.CodeOf(problem), $"{problem.Entry.Code}: {problem.Message}"));
        }
    }
}

/// <summary>The methods of OTLP: one of each kind of telemetry.</summary>
internal sealed class OtlpMethods : IServiceMethodProvider<OtlpGrpc>
{
    private static readonly Marshaller<byte[]> Plain = Marshallers.Create(static bytes => bytes, static bytes => bytes);

    /// <inheritdoc/>
    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<OtlpGrpc> context)
    {
        foreach (var signal in OtlpSignal.All)
        {
            context.AddUnaryMethod(new Method<byte[], byte[]>(MethodType.Unary, signal.Service, "Export", Plain, Plain), [], (service, request, _) => service.ExportAsync(signal, request));
        }
    }
}
