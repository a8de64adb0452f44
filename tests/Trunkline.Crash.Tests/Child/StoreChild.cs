using System.Text.Json;
using Trunkline.Crash.Tests.Harness;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;

namespace Trunkline.Crash.Tests.Child;

/// <summary>
/// The process that gets killed: opens the store, tells all it finds, then works until it dies; with <c>drain</c> it
/// only copies what is left, closes the store and leaves with 0; with <c>unsynced</c> its topics never wait for the disk.
/// </summary>
internal static class StoreChild
{
    public static async Task<int> RunAsync(string[] args)
    {
        var (folder, seed, firstUnit, drain) = (args[0], int.Parse(args[1]), long.Parse(args[2]), args.Contains("drain"));
        var output = new JournalWriter(Console.OpenStandardOutput());
        IBroker broker;
        try
        {
            broker = await StoreOpening.OpenAsync(folder);
        }
        catch (BrokerException e)
        {
            output.Write(new JournalLine { Kind = "fault", Value = $"{e.Code}: {e.Message}" });
            return 1;
        }

        await using (broker)
        {
            await Findings.TellAsync(broker, output);
            try
            {
                var workload = new Workload(broker, output, seed, firstUnit) { Durability = args.Contains("unsynced") ? Durability.None : Durability.Sync };
                await (drain ? workload.DrainAsync() : workload.RunAsync());
            }
            catch (Exception e)
            {
                // The harness decides what a fault means; the process must not hide it behind a stack trace.
                output.Write(new JournalLine { Kind = "fault", Value = e.ToString() });
                return 1;
            }
        }

        output.Write(new JournalLine { Kind = "stopped" });
        return 0;
    }
}

/// <summary>Writes whole lines, each with one write, so that a kill leaves no half of one. Thread-safe.</summary>
internal sealed class JournalWriter(Stream stream)
{
    private readonly Lock _lock = new();

    public void Write(JournalLine line)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(line, JournalJson.Default.JournalLine);
        lock (_lock)
        {
            stream.Write([.. bytes, (byte)'\n']);
        }
    }
}
