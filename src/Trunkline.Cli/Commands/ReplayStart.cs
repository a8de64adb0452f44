using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Trunkline.Cli.Terminal;
using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline replay --into</c>: starts a replay on the node, and follows it unless told not to.</summary>
internal static class ReplayStart
{
    private const int PageMessages = 1000;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Tell = TimeSpan.FromSeconds(5);

    private static readonly Option<string[]> Into = new("--into")
    {
        Description = "Where outputs go: 'flow' (its sinks, by the revision in force), 'revision N' (the same by revision N), or 'file OUT' (kept aside, then written to OUT as NDJSON).",
        HelpName = "flow|revision N|file OUT",
        Arity = new ArgumentArity(1, 2),
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string?> Topic = new("--topic") { Description = "Take messages from this topic. Default: the one the flow reads.", HelpName = "name" };
    private static readonly Option<string?> Key = new("--key") { Description = "Only messages of this key.", HelpName = "key" };
    private static readonly Option<string?> From = new("--from") { Description = "Begin at a time (2026-01-31T12:00:00Z) or partition/offset. Default: the oldest.", HelpName = "time|position" };
    private static readonly Option<string?> To = new("--to") { Description = "End before a time or partition/offset. Default: the present end.", HelpName = "time|position" };
    private static readonly Option<string?> Rate = new("--rate") { Description = "Messages a second at most, such as 500/s. Default 1000/s.", HelpName = "rate" };
    private static readonly Option<bool> Send = new("--send") { Description = "Let sinks outside get what comes of it." };
    private static readonly Option<bool> Detach = new("--detach") { Description = "Do not wait for the end." };

    /// <summary>Adds the options to the command.</summary>
    public static void AddTo(Command command)
    {
        foreach (var option in new Option[] { Into, Topic, Key, From, To, Rate, Send, Detach })
        {
            command.Add(option);
        }

        command.Validators.Add(result =>
        {
            if (result.GetResult(Into) is not null && Target(result.GetValue(Into) ?? []) is null)
            {
                result.AddError("--into is flow, revision N or file OUT.");
            }

            if (result.GetValue(Rate) is { } rate && RateOf(rate) is null)
            {
                result.AddError("--rate is 1/s to 100000/s.");
            }
        });
    }

    public static async Task<int> RunAsync(ParseResult parsed, string? flow, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        var (revision, file) = Target(parsed.GetRequiredValue(Into))!.Value;
        if (file is not null && parsed.GetValue(Detach))
        {
            throw CliException.Usage("--into file waits for the end, to write the file.", "Leave --detach out.");
        }

        using var client = SharedOptions.Client(parsed);
        var started = await client.StartReplayAsync(
            new StartReplayRequest
            {
                Flow = flow ?? await FlowOfAsync(client, parsed.GetValue(Topic), cancellationToken),
                Topic = parsed.GetValue(Topic),
                Key = parsed.GetValue(Key),
                From = parsed.GetValue(From),
                To = parsed.GetValue(To),
                Revision = revision,
                Aside = file is not null,
                PerSecond = parsed.GetValue(Rate) is { } rate ? RateOf(rate) : null,
                Effects = EffectOptions.Mode(parsed),
                Stubs = EffectOptions.Stubs(parsed),
                Send = parsed.GetValue(Send),
            },
            cancellationToken);
        var view = parsed.GetValue(Detach) ? started : await FollowAsync(client, output, started, cancellationToken);
        if (file is not null && view.State == "done")
        {
            output.Note($"{Amount.Count(await CopyAsync(client, view, file, cancellationToken))} outputs written to {file}");
        }

        output.Result(view, ApiJson.Default.ReplayView, text => ReplayJobCommands.Write(text, view));
        return view.State is "failed" or "cancelled" ? ExitCode.Failed : view.Failed > 0 ? ExitCode.Found : ExitCode.Done;
    }

    /// <summary>The one flow that reads the topic.</summary>
    private static async Task<string> FlowOfAsync(TrunklineClient client, string? topic, CancellationToken cancellationToken)
    {
        var readers = topic is null ? [] : (await client.ListFlowsAsync(cancellationToken)).Flows.Where(flow => flow.From == "topic:" + topic).Select(flow => flow.Name).ToArray();
        return readers is [var only]
            ? only
            : throw CliException.Usage(
                topic is null ? "Neither --flow nor --topic is given." : $"{(readers.Length == 0 ? "No flow reads" : $"{string.Join(" and ", readers)} read")} topic '{topic}'.", "Name one with --flow.");
    }

    private static async Task<ReplayView> FollowAsync(TrunklineClient client, Output output, ReplayView view, CancellationToken cancellationToken)
    {
        var told = TimeProvider.System.GetTimestamp();
        while (view.State == "running")
        {
            if (TimeProvider.System.GetElapsedTime(told) > Tell)
            {
                output.Note($"{view.Id}: {Amount.Count(view.Read)} of {Amount.Count(view.Total)} messages");
                told = TimeProvider.System.GetTimestamp();
            }

            try
            {
                await Task.Delay(Look, TimeProvider.System, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                output.Note($"{view.Id} goes on in the background; end it with: trunkline replay cancel {view.Id}");
                throw;
            }

            view = await client.GetReplayAsync(view.Id, cancellationToken);
        }

        return view;
    }

    /// <summary>Writes what a replay kept aside, one event a line.</summary>
    private static async Task<long> CopyAsync(TrunklineClient client, ReplayView view, string file, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(file);
        var count = 0L;
        foreach (var partition in (await client.GetTopicAsync(view.AsideIn!, cancellationToken)).Partitions)
        {
            var page = await client.ReadAsync(view.AsideIn!, ReadFrom.Partition(partition.Partition), PageMessages, cancellationToken);
            while (page.Messages.Count > 0)
            {
                foreach (var message in page.Messages.Where(message => IsOf(message, view.Id)))
                {
                    await writer.WriteLineAsync(JsonSerializer.Serialize(message, ApiJson.Default.EventView).AsMemory(), cancellationToken);
                    count++;
                }

                page = await client.ReadNextAsync(page, cancellationToken);
            }
        }

        return count;
    }

    private static bool IsOf(EventView message, string replay) =>
        message.Headers?.Any(header => header.Name == "tl-replay" && header.Value?.StartsWith(replay, StringComparison.Ordinal) == true) == true;

    private static (long? Revision, string? File)? Target(string[] words) => words switch
    {
        ["flow"] => (null, null),
        ["revision", var number] when long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var revision) => (revision, null),
        ["file", { Length: > 0 } path] => (null, path),
        _ => null,
    };

    private static int? RateOf(string text) =>
        int.TryParse(text.EndsWith("/s", StringComparison.Ordinal) ? text[..^2] : text, NumberStyles.None, CultureInfo.InvariantCulture, out var rate) && rate is >= 1 and <= 100_000 ? rate : null;
}
