using Trunkline.Cli.Terminal;
using Trunkline.Client;

namespace Trunkline.Cli.Demo;

/// <summary>Watches a node until every mail is through, and says how far it is.</summary>
internal sealed class DemoWatch(DemoNode node, Output output)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan SayEvery = TimeSpan.FromSeconds(2);

    // Nothing moves for this long: counting then shows what is missing.
    private static readonly TimeSpan StallMax = TimeSpan.FromMinutes(2);

    /// <summary>Waits until all mails came in and nothing is open, twice in a row.</summary>
    public async Task WaitAsync(int mails, CancellationToken cancellationToken)
    {
        Standing? last = null;
        var (moved, said) = (TimeProvider.System.GetTimestamp(), 0L);
        while (true)
        {
            if (await LookAsync(cancellationToken) is { } now)
            {
                if (now == last && now.Received >= mails && now.Open == 0)
                {
                    Say(now, mails);
                    return;
                }

                if (now != last)
                {
                    (last, moved) = (now, TimeProvider.System.GetTimestamp());
                }
                else if (TimeProvider.System.GetElapsedTime(moved) > StallMax)
                {
                    output.Note($"nothing has moved for {StallMax.TotalMinutes:0} minutes: counting what is there");
                    return;
                }

                if (said == 0 || TimeProvider.System.GetElapsedTime(said) > SayEvery)
                {
                    Say(now, mails);
                    said = TimeProvider.System.GetTimestamp();
                }
            }

            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }
    }

    private async Task<Standing?> LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await Standing.ReadAsync(await node.ClientAsync(cancellationToken), cancellationToken);
        }
        catch (NodeUnreachableException)
        {
            // It died between two looks: the next one starts it again.
            return null;
        }
    }

    private void Say(Standing now, int mails) =>
        output.Note($"{Amount.Count(now.Received),7} of {Amount.Count(mails)} mails in, {Amount.Count(now.Sorted),7} sorted, {Amount.Count(now.Drafts),5} drafts");
}
