using System.CommandLine;
using Trunkline.Cli.Terminal;
using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline contracts check --replay</c>: the comparison of <c>replay --diff</c>, asked for flow by flow.</summary>
internal sealed class ContractReplay : IDisposable
{
    private const int MessagesMax = 1_000_000;

    // A node gives up after ten minutes.
    private static readonly TimeSpan s_callMax = TimeSpan.FromMinutes(11);

    private readonly TrunklineClient _client;
    private readonly Output _output;
    private readonly CompareRequest _request;
    private readonly HashSet<string> _running;

    private ContractReplay(TrunklineClient client, Output output, CompareRequest request, IEnumerable<string> running) =>
        (_client, _output, _request, _running) = (client, output, request, running.ToHashSet(StringComparer.Ordinal));

    /// <summary>Reads the project for the node, and asks the node which flows it runs.</summary>
    public static async Task<ContractReplay> OpenAsync(ParseResult parsed, Output output, int count, CancellationToken cancellationToken)
    {
        if (count is < 1 or > MessagesMax)
        {
            throw CliException.Usage($"--replay is a number from 1 to {MessagesMax}.", "Ask for the newest 10000, say.");
        }

        var text = ProjectText.Read(SharedOptions.ProjectFile(parsed), output) ?? throw CliException.Usage("The project has faults, so nothing was replayed.", "Mend them: trunkline check");
        var client = SharedOptions.Client(parsed, s_callMax);
        try
        {
            var flows = await Patience.WaitAsync(output, $"waiting for {client.Address}", client.ListFlowsAsync(cancellationToken));
            return new(client, output, new CompareRequest { Main = text.Main, Files = text.Files, MessagesMax = count }, flows.Flows.Select(flow => flow.Name));
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>What the project's flow would do with recorded messages; null if the node does not run it.</summary>
    public async Task<ComparisonView?> CompareAsync(string flow, CancellationToken cancellationToken) =>
        _running.Contains(flow) ? await Patience.WaitAsync(_output, $"running the project's {flow}", _client.CompareAsync(flow, _request, cancellationToken)) : null;

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();
}
