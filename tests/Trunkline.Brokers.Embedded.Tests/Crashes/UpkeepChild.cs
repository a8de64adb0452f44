using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Tests.Crashes;

/// <summary>The child process of <see cref="StepTests"/>: opens a store, applies retention and closes it; 0 if all went well.</summary>
internal static class UpkeepChild
{
    public const string Verb = "upkeep-child";

    public static async Task<int> RunAsync(string folder)
    {
        try
        {
            await using var broker = await EmbeddedBroker.OpenAsync(new EmbeddedBrokerOptions { Directory = folder, FreeBytesMin = 0 }, CancellationToken.None);
            await broker.ApplyRetentionAsync(force: true, CancellationToken.None);
            return 0;
        }
        catch (BrokerException error)
        {
            await Console.Error.WriteLineAsync($"{error.Code}: {error.Message}");
            return 1;
        }
    }
}
