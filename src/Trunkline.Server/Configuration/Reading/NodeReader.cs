using System.Security.Cryptography;
using System.Text;
using Trunkline.Core.Config;
using Trunkline.Core.Config.Grammar;
using Trunkline.Server.Configuration.Grammar;

namespace Trunkline.Server.Configuration.Reading;

/// <summary>Reads the <c>node</c> section.</summary>
internal static class NodeReader
{
    public static NodeConfig Read(ObjectValues? values, ProjectScope scope)
    {
        var defaults = new NodeConfig();
        if (values is null)
        {
            return defaults;
        }

        var node = defaults with
        {
            Listen = values.Get(NodeGrammar.Listen, defaults.Listen),
            Data = values.Get(NodeGrammar.Data, defaults.Data),
            Broker = values.Get(NodeGrammar.Broker)?.Get(NodeGrammar.BrokerKind) ?? defaults.Broker,
            BrokerMemoryBytes = values.Get(NodeGrammar.Broker)?.Get(NodeGrammar.BrokerMemory, defaults.BrokerMemoryBytes) ?? defaults.BrokerMemoryBytes,
            Hosts = Texts(values.Get(NodeGrammar.Hosts)),
            Origins = Texts(values.Get(NodeGrammar.Origins)),
            Auth = [.. (values.Get(NodeGrammar.Auth) ?? []).Where(t => t.Value is not null).Select(t => Token(t.Name, t.Value!))],
            AllowAddresses = Texts(values.Get(NodeGrammar.AllowAddresses)),
            RequestBytesMax = values.Get(NodeGrammar.RequestSize, defaults.RequestBytesMax),
            Telemetry = Telemetry(values.Get(NodeGrammar.Telemetry)),
            RegistryIncompatibleCode = values.Get(NodeGrammar.Registry)?.Get(NodeGrammar.IncompatibleCode, defaults.RegistryIncompatibleCode) ?? defaults.RegistryIncompatibleCode,
        };
        CheckListen(node, node.Listen, values.WhereOf(NodeGrammar.Listen), scope.Faults);
        if (node.Telemetry.Grpc is { } grpc && values.Get(NodeGrammar.Telemetry) is { } telemetry)
        {
            CheckListen(node, grpc, telemetry.WhereOf(NodeGrammar.Grpc), scope.Faults);
        }

        return node;
    }

    private static string[] Texts(IReadOnlyList<Located<string>>? items) => [.. (items ?? []).Select(i => i.Value)];

    private static TelemetryConfig Telemetry(ObjectValues? values)
    {
        var defaults = new TelemetryConfig();
        return values is null ? defaults : defaults with
        {
            Sample = values.Get(NodeGrammar.Sample, defaults.Sample),
            TraceBytes = values.Get(NodeGrammar.TraceSize, defaults.TraceBytes),
            LogBytes = values.Get(NodeGrammar.LogSize, defaults.LogBytes),
            Grpc = values.Get(NodeGrammar.Grpc),
            Otlp = values.Get(NodeGrammar.Otlp) is { } otlp && otlp.Get(NodeGrammar.OtlpEndpoint) is { } endpoint
                ? new OtlpConfig(endpoint, otlp.Get(NodeGrammar.OtlpProtocol) == "http") { Authorization = otlp.Get(NodeGrammar.OtlpAuthorization) }
                : null,
        };
    }

    private static TokenConfig Token(string name, ObjectValues values)
    {
        var hash = values.Get(NodeGrammar.TokenHash)
            ?? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(values.Get(NodeGrammar.TokenText) ?? "")));
        return new TokenConfig(name, hash, [.. Texts(values.Get(NodeGrammar.TokenScopes)).Distinct()])
        {
            Owner = values.Get(NodeGrammar.TokenOwner),
            Expires = values.Has(NodeGrammar.TokenLastDay) ? values.Get(NodeGrammar.TokenLastDay).AddDays(1) : null,
        };
    }

    private static void CheckListen(NodeConfig node, string listen, SourceLocation where, FaultList faults)
    {
        if (!new Uri(listen).IsLoopback && node.Auth.Count == 0)
        {
            faults.Add(
                where,
                FaultCodes.AuthRequired,
                $"The node would listen on '{listen}', beyond loopback, without tokens.",
                "Add tokens under node.auth, or listen on 127.0.0.1.");
        }
    }
}
