using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline state list FLOW</c>, <c>state get FLOW KEY</c>, <c>state drop FLOW KEY</c></summary>
internal static class StateCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
    private static readonly Argument<string> Flow = new("flow") { Description = "The flow." };
    private static readonly Argument<string> Key = new("key") { Description = "The key, as text." };
    private static readonly Option<int> Limit = LimitOption.Create(100);

    private static readonly Option<bool> Base64 = new("--base64") { Description = "The key is written in Base64, as 'state list' tells keys that are no text." };
    private static readonly Option<string?> Prefix = new("--prefix") { Description = "Only keys that begin with this text." };

    public static Command Create()
    {
        var list = new Command("list", "List the keys a flow remembers something of.") { Flow, Prefix, Limit, SharedOptions.Node, SharedOptions.Json };
        list.SetAction(ListAsync);
        var get = new Command("get", "Show what a flow remembers of a key.") { Flow, Key, Base64, SharedOptions.Node, SharedOptions.Json };
        get.SetAction(GetAsync);
        var drop = new Command("drop", "Forget what a flow remembers of a key, timers included.") { Flow, Key, Base64, SharedOptions.Node, SharedOptions.Json };
        drop.SetAction(DropAsync);
        return new Command("state", "Look at what flows remember by key, or forget it.") { list, get, drop };
    }

    private static async Task<int> ListAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        using var client = SharedOptions.Client(parsed);
        var work = client.ListStateAsync(parsed.GetValue(Flow)!, parsed.GetValue(Prefix), parsed.GetValue(Limit), cancellationToken);
        var listed = await Patience.WaitAsync(output, $"waiting for {client.Address}", work);
        output.Result(listed, ApiJson.Default.KeyStateList, text => text.Table(
            ["key", "#bytes", "expires", "timers"],
            [.. listed.Keys.Select(key => (IReadOnlyList<string>)
            [
                NameOf(key), key.Bytes.ToString(CultureInfo.InvariantCulture), key.ExpiresAt is { } at ? Amount.Time(at) : "never",
                string.Join(", ", key.Timers.Select(timer => $"{timer.Name} at {Amount.Time(timer.Due)}")),
            ])],
            "The flow remembers nothing. A step 'state' or 'timer' does that, for messages with a key."));
        return ExitCode.Done;
    }

    private static async Task<int> GetAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        using var client = SharedOptions.Client(parsed);
        var work = client.GetStateAsync(parsed.GetValue(Flow)!, BytesOf(parsed), cancellationToken);
        var found = await Patience.WaitAsync(output, $"waiting for {client.Address}", work);
        if (found is null)
        {
            output.Note($"Flow {parsed.GetValue(Flow)} remembers nothing of this key.");
            return ExitCode.Found;
        }

        output.Result(found, ApiJson.Default.KeyStateView, text =>
        {
            text.Line(found.ExpiresAt is { } at ? $"{NameOf(found)}: {found.Bytes} bytes, until {Amount.Time(at)}" : $"{NameOf(found)}: {found.Bytes} bytes");
            foreach (var timer in found.Timers)
            {
                text.Line($"timer {timer.Name}: due {Amount.Time(timer.Due)}, set by {timer.SetBy}");
            }

            if (found.Value is { } value)
            {
                foreach (var line in JsonSerializer.Serialize(value, Indented).Split('\n'))
                {
                    text.Line(line.TrimEnd('\r'));
                }
            }
        });
        return ExitCode.Done;
    }

    private static async Task<int> DropAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        using var client = SharedOptions.Client(parsed);
        var work = client.DropStateAsync(parsed.GetValue(Flow)!, BytesOf(parsed), cancellationToken);
        var result = await Patience.WaitAsync(output, $"waiting for {client.Address}", work);
        output.Result(result, ApiJson.Default.DropStateResult, text => text.Line(
            result.Dropped ? "Forgotten, timers included." : "There was nothing to forget, or the key is parked."));
        return result.Dropped ? ExitCode.Done : ExitCode.Found;
    }

    private static byte[] BytesOf(ParseResult parsed)
    {
        var key = parsed.GetValue(Key)!;
        if (!parsed.GetValue(Base64))
        {
            return System.Text.Encoding.UTF8.GetBytes(key);
        }

        var bytes = new byte[key.Length];
        return Convert.TryFromBase64String(key, bytes, out var length)
            ? bytes[..length]
            : throw CliException.Usage($"'{key}' is not Base64.", "Take it from trunkline state list --json, field keyBase64.");
    }

    /// <summary>A key that is no text is told by its bytes.</summary>
    private static string NameOf(KeyStateView key) => key.Key.Contains('\uFFFD', StringComparison.Ordinal) ? "base64:" + key.KeyBase64 : key.Key;
}
