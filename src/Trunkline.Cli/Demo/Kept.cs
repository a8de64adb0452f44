using Trunkline.Cli.Terminal;
using Trunkline.Client;

namespace Trunkline.Cli.Demo;

/// <summary>What a demo does while its node keeps running.</summary>
internal static class Kept
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Does something over and over, until interrupted. A node that dies meanwhile is no end of it.</summary>
    public static async Task UntilInterruptedAsync(Output output, Func<Task> once)
    {
        try
        {
            while (true)
            {
                try
                {
                    await once();
                }
                catch (Exception away) when (away is NodeUnreachableException or TrunklineException)
                {
                    output.Note($"the node did not take it: {away.Message}");
                    await Task.Delay(Pause, TimeProvider.System);
                }
            }
        }
        catch (OperationCanceledException)
        {
            output.Note("stopping the node");
        }
    }
}
