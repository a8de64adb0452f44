using Trunkline.Brokers.Embedded;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Crash.Tests.Child;

/// <summary>How the child opens the store under test: with as little memory as can be, so that files of the log are soon written again.</summary>
internal static class StoreOpening
{
    public static async Task<IBroker> OpenAsync(string folder) =>
        await EmbeddedBroker.OpenAsync(new EmbeddedBrokerOptions { Directory = folder, MemoryBytes = 1 }, CancellationToken.None);
}
