using System.Diagnostics;
using Trunkline.Messaging.Brokers;
using Xunit;

namespace Trunkline.Testing.Conformance;

/// <summary>
/// The suite every broker passes. Derive a sealed class, say the kind and how to open a broker, and xunit runs all cases on
/// it: a case whose capabilities are declared runs; where one is not, the calls that would use it must be refused with
/// <see cref="BrokerErrorCode.NotSupported"/>. Each case gets a broker and an empty folder of its own.
/// Select one with <c>-preEnumerateTheories -trait "case=28"</c>.
/// </summary>
public abstract class BrokerConformance
{
    /// <summary>The cases, each named by its sentence and carrying its number as trait <c>case</c>.</summary>
    public static IEnumerable<TheoryDataRow<string>> Cases => ConformanceCases.All.Select(c => new TheoryDataRow<string>(c.Name)
    {
        TestDisplayName = $"{c.Number}. {c.Sentence}",
        Traits = { ["case"] = [FormattableString.Invariant($"{c.Number}")] },
    });

    /// <summary>The kind the broker must say it is; chooses what is required of it.</summary>
    protected abstract string Kind { get; }

    /// <summary>
    /// Opens a broker. Opening again in the folder of one that was disposed is a restart: a broker that declares
    /// <see cref="BrokerCapabilities.Persistent"/> then has everything it had.
    /// </summary>
    /// <param name="folder">An existing folder for this case alone.</param>
    /// <param name="time">The clock to use.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    protected abstract ValueTask<IBroker> OpenAsync(string folder, TimeProvider time, CancellationToken cancellationToken);

    /// <summary>
    /// How to start a process that opens the broker in this folder and gives it to <see cref="KillableWork.RunAsync"/>; the suite
    /// kills it. Every kind that declares <see cref="BrokerCapabilities.Persistent"/> must have one.
    /// </summary>
    protected virtual ProcessStartInfo? Child(string folder) => null;

    /// <summary>Runs one case.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_case_holds(string name)
    {
        var found = ConformanceCases.All.Single(c => c.Name == name);
        await using var stand = await OpenStandAsync();
        var missing = found.Needs & ~stand.Broker.Capabilities;
        Assert.Equal(BrokerCapabilities.None, missing & RequiredCapabilities.ByKind[Kind]);
        await (missing == BrokerCapabilities.None ? found.RunAsync(stand) : UndeclaredCapability.DemandRefusedAsync(stand, missing));
    }

    /// <summary>The broker is of its kind and declares what is required of that kind.</summary>
    [Fact]
    public async Task What_is_required_of_the_kind_is_declared()
    {
        await using var stand = await OpenStandAsync();
        Assert.Equal(Kind, stand.Broker.Kind);
        Assert.Equal(BrokerCapabilities.None, RequiredCapabilities.ByKind[Kind] & ~stand.Broker.Capabilities);
    }

    /// <summary>Each number has a case or a reason, each declared capability a case.</summary>
    [Fact]
    public async Task Every_number_and_every_declared_capability_has_its_case()
    {
        await using var stand = await OpenStandAsync();
        Assert.Equal(
            Enumerable.Range(1, ConformanceCases.Count),
            ConformanceCases.All.Select(c => c.Number).Distinct().Concat(ConformanceCases.NotRun.Keys).Order());
        var covered = ConformanceCases.All.Aggregate(BrokerCapabilities.None, (all, c) => all | c.Needs);
        Assert.Equal(BrokerCapabilities.None, stand.Broker.Capabilities & ~covered);
    }

    private Task<BrokerStand> OpenStandAsync() => BrokerStand.OpenAsync(OpenAsync, Child, TestContext.Current.CancellationToken);
}
