using Trunkline.Cli.Terminal;
using Trunkline.Client;

namespace Trunkline.Cli.Demo;

/// <summary>The demo's node through all its lives: when it dies it is started again, and goes on where it was. Not thread-safe.</summary>
internal sealed class DemoNode(DemoFolder folder, IReadOnlyDictionary<string, string> environment, Output output) : IAsyncDisposable
{
    private const int DeathsMax = 100;
    private const int KilledExitCode = 137;

    // The node of a demo that was killed may still be finishing what it held.
    private static readonly TimeSpan LockedMax = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LockedPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan CallMax = TimeSpan.FromMinutes(11);

    private readonly NodeLog _log = new(folder.Log);
    private NodeChild? _child;
    private TrunklineClient? _client;

    /// <summary>How often it died.</summary>
    public int Deaths { get; private set; }

    /// <summary>Its address in this life.</summary>
    public Uri Url => _child!.Url;

    /// <summary>A client of a node that lives; it may die any moment.</summary>
    public async Task<TrunklineClient> ClientAsync(CancellationToken cancellationToken)
    {
        if (_child is { HasExited: false } && _client is not null)
        {
            return _client;
        }

        if (_child is not null)
        {
            output.Note($"the node died (exit code {_child.ExitCode}); starting it again");
            await EndAsync();
            Deaths++;
        }

        await StartAsync(cancellationToken);
        output.Note($"node ready at {Url} (process {_child!.ProcessId})");
        if (Deaths == 0)
        {
            output.Note($"watch it in a browser: the map is the first page of {Url}");
        }

        return _client = new TrunklineClient(Url, null, CallMax);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _log.Dispose();
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (Deaths < DeathsMax)
        {
            _child = await NodeChild.StartAsync(folder, environment, _log, cancellationToken);
            if (_child.WasReady)
            {
                return;
            }

            var code = _child.ExitCode;
            await EndAsync();
            if (code == KilledExitCode)
            {
                Deaths++;
                output.Note("the node was killed while it started; starting it again");
            }
            else if (code != ExitCode.Failed || TimeProvider.System.GetElapsedTime(began) > LockedMax)
            {
                throw Failed($"it ended with {code}");
            }

            await Task.Delay(LockedPause, TimeProvider.System, cancellationToken);
        }

        throw Failed($"it died {DeathsMax} times");
    }

    private CliException Failed(string how) =>
        new(ExitCode.Failed, "demo.node-failed", $"The node does not run: {how}. Its last words:{Environment.NewLine}{_log.Last}", "Mend what they name, then run the demo again.");

    private async Task EndAsync()
    {
        _client?.Dispose();
        _client = null;
        if (_child is not null)
        {
            await _child.DisposeAsync();
            _child = null;
        }
    }
}
