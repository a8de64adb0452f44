using Trunkline.Brokers.Embedded.Memory;
using Trunkline.Messaging.Brokers;
using Trunkline.Testing.Conformance;

namespace Trunkline.Brokers.Embedded.Tests.Conformance;

public sealed class MemoryBrokerConformance : BrokerConformance
{
    protected override string Kind => "memory";

    protected override ValueTask<IBroker> OpenAsync(string folder, TimeProvider time, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IBroker>(new MemoryBroker(time));
}
