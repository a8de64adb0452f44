using System.Globalization;
using System.Text;
using Trunkline.Cli.Terminal;
using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Demo.Failure;

/// <summary>
/// The failure demo: generated mails go through a flow whose webhook is dead, and one of them is poison to it. The mails of its
/// conversation wait in order, the webhook's are tried again later; then the webhook comes back, the flow is mended, the dead letter
/// redriven, and every mail is counted.
/// </summary>
internal sealed class FailureRun(DemoFolder folder, Output output)
{
    private const int Conversations = 12;
    private const int MailsEach = 10;
    private const int Mails = Conversations * MailsEach;
    private const int PageMax = 1000;

    // The poison mail is the fourth of its conversation: it and the six after it wait.
    private const string PoisonConversation = "conversation-5";
    private const int PoisonNumber = 3;
    private const int Waiting = MailsEach - PoisonNumber;

    private static readonly TimeSpan StepMax = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>Runs it.</summary>
    public async Task<FailureReport> RunAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder.Project);
        await File.WriteAllTextAsync(Path.Combine(folder.Project, "trunkline.yaml"), FailureProject.Of(isMended: false), cancellationToken);
        await using var sink = await FailingSink.StartAsync(cancellationToken);
        await using var node = new DemoNode(folder, new Dictionary<string, string> { ["DEMO_SINK"] = sink.Address.ToString() }, output);
        var client = await node.ClientAsync(cancellationToken);
        var before = await BreakAsync(client, sink, cancellationToken);

        output.Note("the webhook comes back; what waits for it is tried again by itself");
        sink.Recover();
        var (redrive, again) = await MendAsync(client, cancellationToken);
        await UntilAsync("every mail is delivered", async () => (await ArrivedAsync(client, cancellationToken)).Count >= Mails && sink.Taken.Count >= Mails, cancellationToken);
        var after = await StandingAsync(client, sink, cancellationToken);
        return new FailureReport
        {
            In = Mails,
            Conversations = Conversations,
            Before = before,
            After = after,
            Redrive = redrive,
            RedriveAgain = again,
            Topic = FailureArrivals.Of(await ArrivedAsync(client, cancellationToken), Mails),
            Sink = FailureArrivals.Of(sink.Taken, Mails),
        };
    }

    /// <summary>Sends the mails while the webhook is dead; how it stands when the poison mail's conversation waits.</summary>
    private async Task<FailureStanding> BreakAsync(TrunklineClient client, FailingSink sink, CancellationToken cancellationToken)
    {
        output.Note($"{Mails} mails of {Conversations} conversations go in; the webhook is dead, one mail is poison");
        for (var number = 0; number < MailsEach; number++)
        {
            for (var conversation = 0; conversation < Conversations; conversation++)
            {
                await client.PublishAsync(FailureProject.Source, MailOf($"conversation-{conversation}", number), cancellationToken);
            }
        }

        await UntilAsync(
            "the conversation of the poison mail waits, the others are through",
            async () => (await ArrivedAsync(client, cancellationToken)).Count == Mails - Waiting && sink.Refused > 0
                && (await ParkedAsync(client, cancellationToken)).Sum(key => key.Waiting) == Waiting,
            cancellationToken);
        return await StandingAsync(client, sink, cancellationToken);
    }

    /// <summary>Mends the flow and redrives the dead letter, twice.</summary>
    private async Task<(string First, string Second)> MendAsync(TrunklineClient client, CancellationToken cancellationToken)
    {
        output.Note("the flow is mended and its dead letter redriven: its conversation goes on in order");
        var files = new Dictionary<string, string> { ["trunkline.yaml"] = FailureProject.Of(isMended: true) };
        await client.ApplyAsync(new ApplyRequest { Main = "trunkline.yaml", Files = files }, cancellationToken);
        var letters = await client.DeadLetters.ListAsync(FailureProject.Flow, new DeadLetterSelection { Step = "map-2" }, "open", 10, cancellationToken);
        var place = letters.DeadLetters.Single().Event;
        var first = await client.DeadLetters.RedriveAsync(FailureProject.Flow, place.Partition, place.Offset, new RedriveRequest(), cancellationToken);
        var second = await client.DeadLetters.RedriveAsync(FailureProject.Flow, place.Partition, place.Offset, new RedriveRequest(), cancellationToken);
        return (first.Outcome, second.Outcome);
    }

    private static PublishContent MailOf(string conversation, int number)
    {
        var text = conversation == PoisonConversation && number == PoisonNumber ? "" : $",\"text\":\"mail {number} of {conversation}\"";
        var json = string.Create(CultureInfo.InvariantCulture, $"{{\"conversation\":\"{conversation}\",\"number\":{number}{text}}}");
        return new PublishContent { Body = Encoding.UTF8.GetBytes(json), Key = conversation, IdempotencyKey = $"{conversation}/{number}" };
    }

    private static async Task<FailureStanding> StandingAsync(TrunklineClient client, FailingSink sink, CancellationToken cancellationToken)
    {
        var letters = await client.ListDeadLettersAsync(FailureProject.Flow, 1, cancellationToken);
        var parked = await ParkedAsync(client, cancellationToken);
        var flows = (await client.GetFidelityAsync(FailureProject.Flow, "1h", cancellationToken)).Flows;
        return new FailureStanding(
            letters.Total, parked.Count, parked.Sum(key => key.Waiting), (await ArrivedAsync(client, cancellationToken)).Count, sink.Taken.Count, sink.Refused,
            flows.Count > 0 ? flows[0].All.Fidelity : null);
    }

    private static async Task<IReadOnlyList<ParkedKeyView>> ParkedAsync(TrunklineClient client, CancellationToken cancellationToken) =>
        [.. (await client.DeadLetters.ListParkedAsync(FailureProject.Flow, cancellationToken)).Keys.Where(key => key.Due is null)];

    private static async Task<List<(string Conversation, int Number)>> ArrivedAsync(TrunklineClient client, CancellationToken cancellationToken)
    {
        var page = await client.ReadAsync(FailureProject.Target, ReadFrom.Earliest, PageMax, cancellationToken);
        return
        [
            .. page.Messages.OrderBy(m => m.Partition).ThenBy(m => m.Offset)
                .Select(m => (m.Data!.Value.GetProperty("conversation").GetString()!, m.Data.Value.GetProperty("number").GetInt32())),
        ];
    }

    private async Task UntilAsync(string what, Func<Task<bool>> holds, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            if (TimeProvider.System.GetElapsedTime(began) > StepMax)
            {
                throw new CliException(ExitCode.Failed, "demo.node-failed", $"Not within {StepMax.TotalMinutes} minutes: {what}.", "Run the demo again on a machine with less to do.");
            }

            await Task.Delay(LookEvery, TimeProvider.System, cancellationToken);
        }

        output.Note(what);
    }
}
