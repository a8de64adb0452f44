using Trunkline.Brokers.Embedded;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Crash.Tests.Child;

/// <summary>How the child opens the store under test.</summary>
internal static class StoreOpening
{
    public static async Task<IBroker> OpenAsync(string folder) =>
        await EmbeddedBroker.OpenAsync(new EmbeddedBrokerOptions { Directory = folder }, CancellationToken.None);
}
