using Trunkline.Core.Config;
using Trunkline.Core.Errors;
using Trunkline.Server.Configuration;
using Trunkline.Server.Expressions;
using Trunkline.Server.Flows.Code;
using Trunkline.Server.Releases;

namespace Trunkline.Server.Hosting;

/// <summary>Finds and reads the project a node starts with, and lays flags and environment over its node settings.</summary>
internal static class ProjectLoading
{
    private const string DefaultFile = "trunkline.yaml";

    /// <summary>Reads the project, or collects every fault.</summary>
    /// <param name="arguments">Flags and environment.</param>
    /// <param name="inCode">A project made in code, which takes the place of a file; or null.</param>
    /// <param name="brokers">The kinds there are.</param>
    /// <param name="registrations">Flows of the host, which become part of the project.</param>
    /// <exception cref="NodeStartException">There are faults.</exception>
    public static (ProjectConfig Project, RevisionFiles? Text) Load(NodeArguments arguments, ProjectConfig? inCode, BrokerKinds brokers, HostRegistrations registrations)
    {
        var faults = new List<Fault>(arguments.Faults);
        var (project, text) = inCode is null ? Read(arguments, faults) : (inCode, null);
        var node = project.Node with
        {
            Listen = arguments.Listen ?? project.Node.Listen,
            Data = Path.GetFullPath(arguments.Data ?? Path.Combine(project.BaseDirectory, project.Node.Data)),
        };
        Check(node, arguments, brokers, faults);
        faults.AddRange(SameNames(project, registrations));
        faults.AddRange(registrations.Bind(project, ExpressionSyntax.Check));
        return faults.Count == 0 ? (registrations.AddTo(project with { Node = node }), text) : throw NodeStartException.Of(faults);
    }

    /// <summary>A fault for each flow that both a project and the host have.</summary>
    public static IReadOnlyList<Fault> SameNames(ProjectConfig project, HostRegistrations registrations) =>
    [
        .. registrations.Flows.Keys.Where(project.Flows.ContainsKey).Select(name => new Fault(
            project.Flows[name].Where, FaultCodes.DuplicateName, $"Flow '{name}' is the host's and the file's.", "Rename one of them.")),
    ];

    /// <summary>What a project on disk is read with.</summary>
    public static ProjectSource FromDisk(string path) =>
        ProjectSource.FromDisk(path, Environment.GetEnvironmentVariable) with { ExpressionCheck = ExpressionSyntax.Check };

    private static (ProjectConfig Project, RevisionFiles? Text) Read(NodeArguments arguments, List<Fault> faults)
    {
        if (arguments.File is null && !File.Exists(DefaultFile))
        {
            // A node without a project serves topics made over the API.
            return (new ProjectConfig(), null);
        }

        var source = FromDisk(arguments.File ?? DefaultFile);
        var load = ProjectFile.Load(source);
        faults.AddRange(load.Faults);
        return load.Config is null ? (new ProjectConfig(), null) : (load.Config, new RevisionFiles(source.Roots[0], load.Files));
    }

    private static void Check(NodeConfig node, NodeArguments arguments, BrokerKinds brokers, List<Fault> faults)
    {
        var where = new SourceLocation(arguments.Listen is null ? arguments.File ?? DefaultFile : "command line", 0);
        if (ListenAddress.Parse(node.Listen) is not { } listen)
        {
            faults.Add(Fault(where, ErrorCodes.ConfigListenInvalid, $"'{node.Listen}' is not an address to listen on."));
        }
        else if (!listen.IsLoopback && node.Auth.Count == 0)
        {
            faults.Add(Fault(where, ErrorCodes.AuthRequiredBeyondLoopback, $"{node.Listen} can be reached from other machines, and no tokens are configured."));
        }

        // A project made in code was not checked as a file is.
        if (node.Telemetry.Grpc is { } grpc && ListenAddress.Parse(grpc) is var address && (address is null || (!address.IsLoopback && node.Auth.Count == 0)))
        {
            var code = address is null ? ErrorCodes.ConfigListenInvalid : ErrorCodes.AuthRequiredBeyondLoopback;
            faults.Add(Fault(where, code, $"Telemetry is to be taken at '{grpc}', which is {(address is null ? "no address to listen on" : "beyond loopback, and no tokens are configured")}."));
        }

        if (brokers.Find(node.Broker) is null)
        {
            faults.Add(Fault(where, ErrorCodes.BrokerKindUnknown, $"Broker kind '{node.Broker}' is none of {string.Join(", ", brokers.Names)}."));
        }
    }

    private static Fault Fault(SourceLocation where, string code, string message) => new(where, code, message, ErrorCatalog.Get(code).Remedy);
}
