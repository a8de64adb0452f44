using System.Globalization;
using Trunkline.Testing.Processes;

namespace Trunkline.EndToEnd.Tests.Soak;

/// <summary>
/// Makes the node and what is around it sick, one fault after another, each healed before the next. In the last part of a run none of
/// them ends the node, so that its memory and handles can be watched for a while.
/// </summary>
internal sealed class Faults(SoakNode node, Outside outside, SoakVolume volume, int seed)
{
    private const double SteadyShare = 0.5;
    private readonly Random _random = new(seed);
    private readonly SortedDictionary<string, int> _made = [];

    /// <summary>How often each fault was made.</summary>
    public IReadOnlyDictionary<string, int> Made => _made;

    /// <summary>When the steady part of a run of this length begins.</summary>
    public static TimeSpan SteadyFrom(TimeSpan length) => length * (1 - SteadyShare);

    /// <summary>Makes faults until the run is over.</summary>
    public async Task RunAsync(TimeSpan length, CancellationToken stop)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (await WaitAsync(Seconds(1, 4), stop))
        {
            var steady = TimeProvider.System.GetElapsedTime(began) > SteadyFrom(length);
            List<(string Name, Func<CancellationToken, Task> Make)> possible = [("webhook down", WebhookDownAsync), ("model slow", ModelSlowAsync), ("node paused", PauseAsync)];
            if (!steady)
            {
                possible.AddRange([("node killed", KillAsync), ("node killed", KillAsync)]);
                if (volume.CanFill)
                {
                    possible.Add(("disk full", FillAsync));
                }
            }

            var (name, make) = possible[_random.Next(possible.Count)];
            _made[name] = _made.GetValueOrDefault(name) + 1;
            await make(stop);
        }
    }

    private async Task KillAsync(CancellationToken stop)
    {
        await node.EndAsync("KILL");
        await node.StartAsync(CommandRun.Executable, CancellationToken.None);
    }

    private async Task WebhookDownAsync(CancellationToken stop)
    {
        outside.WebhookDown = true;
        await WaitAsync(Seconds(2, 6), stop);
        outside.WebhookDown = false;
    }

    private async Task ModelSlowAsync(CancellationToken stop)
    {
        outside.ModelTime = TimeSpan.FromSeconds(1);
        await WaitAsync(Seconds(2, 6), stop);
        outside.ModelTime = TimeSpan.Zero;
    }

    private async Task PauseAsync(CancellationToken stop)
    {
        await node.SignalAsync("STOP");
        await WaitAsync(Seconds(2, 7), stop);
        await node.SignalAsync("CONT");
    }

    /// <summary>A store whose write failed accepts nothing until it is reopened, so the node is started anew once there is room.</summary>
    private async Task FillAsync(CancellationToken stop)
    {
        volume.Fill();
        await WaitAsync(Seconds(2, 5), stop);
        volume.Free();
        await KillAsync(stop);
    }

    private TimeSpan Seconds(int from, int until) => TimeSpan.FromSeconds(from + (_random.NextDouble() * (until - from)));

    /// <summary>True after the time, false if the run is over before.</summary>
    private static async Task<bool> WaitAsync(TimeSpan time, CancellationToken stop)
    {
        try
        {
            await Task.Delay(time, TimeProvider.System, stop);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>The faults as one line.</summary>
    public string Text() => _made.Count == 0 ? "none" : string.Join(", ", _made.Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Key} {f.Value}")));
}
