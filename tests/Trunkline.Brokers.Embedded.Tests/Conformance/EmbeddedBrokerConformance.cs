using System.Diagnostics;
using Trunkline.Brokers.Embedded.Tests.Crashes;
using Trunkline.Messaging.Brokers;
using Trunkline.Testing.Conformance;

namespace Trunkline.Brokers.Embedded.Tests.Conformance;

public sealed class EmbeddedBrokerConformance : BrokerConformance
{
    /// <summary>The word that makes this executable the child of a case.</summary>
    internal const string ChildVerb = "conformance-child";

    protected override string Kind => "embedded";

    protected override async ValueTask<IBroker> OpenAsync(string folder, TimeProvider time, CancellationToken cancellationToken) =>
        await EmbeddedBroker.OpenAsync(new EmbeddedBrokerOptions { Directory = folder, Time = time }, cancellationToken);

    protected override ProcessStartInfo Child(string folder) => ChildProcess.Start([ChildVerb, folder]);

    internal static async Task<int> RunChildAsync(string folder)
    {
        await using var broker = await EmbeddedBroker.OpenAsync(new EmbeddedBrokerOptions { Directory = folder }, CancellationToken.None);
        await KillableWork.RunAsync(broker, Console.OpenStandardOutput());
        return 1;
    }
}
