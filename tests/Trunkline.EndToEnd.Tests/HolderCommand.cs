using System.Globalization;
using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.EndToEnd.Tests;

/// <summary>A process that borrows a message of a group, says so, and settles it when it is told to on standard input.</summary>
internal static class HolderCommand
{
    public const string Verb = "hold";

    /// <summary>Arguments before the verb: tests are started by <c>dotnet x.dll</c> or as an executable of their own.</summary>
    public static string[] Runner => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(HolderCommand).Assembly.Location] : [];

    public static async Task<int> RunAsync(string node, string topic, string group, string leaseMs)
    {
        using var client = new TrunklineClient(new Uri(node), null, TimeSpan.FromMinutes(1));
        var lent = client.Group(topic, group);
        var held = (await lent.FetchAsync(new FetchRequest { Max = 1, WaitMs = 30_000, LeaseMs = int.Parse(leaseMs, CultureInfo.InvariantCulture) }, CancellationToken.None)).Messages;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"holds {held.Count}"));
        if (await Console.In.ReadLineAsync(CancellationToken.None) is null || held.Count == 0)
        {
            return 1;
        }

        var settled = await lent.AckAsync(new AckRequest([held[0].Lease]), CancellationToken.None);
        Console.WriteLine($"settled {settled.Done.Count}, expired {settled.Expired.Count}");
        return 0;
    }
}
