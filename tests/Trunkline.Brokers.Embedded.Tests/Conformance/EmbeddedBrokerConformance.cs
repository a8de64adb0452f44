using Trunkline.Messaging.Brokers;
using Trunkline.Testing.Conformance;

namespace Trunkline.Brokers.Embedded.Tests.Conformance;

public sealed class EmbeddedBrokerConformance : BrokerConformance
{
    protected override string Kind => "embedded";

    protected override async ValueTask<IBroker> OpenAsync(string folder, TimeProvider time, CancellationToken cancellationToken) =>
        await EmbeddedBroker.OpenAsync(new EmbeddedBrokerOptions { Directory = folder, Time = time }, cancellationToken);
}
