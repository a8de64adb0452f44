using Trunkline.Brokers.Embedded.Memory;
using Trunkline.Brokers.Embedded.Tests.Storage;
using Trunkline.Messaging.Brokers;
using Trunkline.Testing.Conformance;
using Xunit.Sdk;

namespace Trunkline.Brokers.Embedded.Tests.Conformance;

public sealed class ConformancePageTests
{
    [Fact]
    public async Task The_page_says_what_the_suite_does()
    {
        using var folder = new StoreFolder();
        await using var embedded = await folder.OpenAsync();
        await using var memory = new MemoryBroker(TimeProvider.System);
        var made = ConformancePage.Make([(memory.Kind, memory.Capabilities), (embedded.Kind, embedded.Capabilities)]);
        var path = System.IO.Path.Combine(Repository(), "docs", "reference", "conformance.md");
        if (Environment.GetEnvironmentVariable("TRUNKLINE_WRITE_DOCS") == "1")
        {
            await File.WriteAllTextAsync(path, made, StoreFolder.Stop);
        }

        Assert.True(made == await File.ReadAllTextAsync(path, StoreFolder.Stop), $"{path} is old: TRUNKLINE_WRITE_DOCS=1 ./dev test Brokers.Embedded");
    }

    [Fact]
    public async Task A_broker_that_lacks_what_is_required_of_its_kind_fails()
    {
        await Assert.ThrowsAnyAsync<XunitException>(() => new MemoryAsEmbedded().What_is_required_of_the_kind_is_declared());
        foreach (var needy in MemoryAsEmbedded.Cases.Where(c => c.TestDisplayName!.StartsWith("38.", StringComparison.Ordinal)))
        {
            await Assert.ThrowsAnyAsync<XunitException>(() => new MemoryAsEmbedded().A_case_holds(needy.Data));
        }
    }

    private static string Repository()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(System.IO.Path.Combine(folder, "Trunkline.slnx")))
        {
            folder = System.IO.Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        }

        return folder;
    }

    private sealed class MemoryAsEmbedded : BrokerConformance
    {
        protected override string Kind => "embedded";

        protected override ValueTask<IBroker> OpenAsync(string folder, TimeProvider time, CancellationToken cancellationToken) =>
            ValueTask.FromResult<IBroker>(new MemoryBroker(time));
    }
}
