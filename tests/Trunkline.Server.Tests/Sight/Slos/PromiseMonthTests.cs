using Trunkline.Core.Config;
using Trunkline.Server.Configuration;
using Trunkline.Server.Sight.Slos;
using Trunkline.Server.Tests.Configuration;

namespace Trunkline.Server.Tests.Sight.Slos;

public sealed class PromiseMonthTests
{
    private const string Project = """
        owners: { desk: {}, sales: {} }
        topics: { in: {}, out: {} }
        flows: { triage: { from: { topic: in }, to: { topic: out }, slo: { within: 30s, latency: 99% }, owner: desk } }
        promises: { quick: PROMISE }
        """;

    private static readonly DateTimeOffset Now = new(2026, 3, 10, 12, 30, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("{ slo: triage.latency, to: sales }", null)]
    [InlineData("{ slo: triage.latency, tenant: acme, target: 99.5%, description: Answers. }", null)]
    [InlineData("{ slo: triage.latancy, to: sales }", FaultCodes.MissingSlo)]
    [InlineData("{ slo: triage.latency, to: sails }", FaultCodes.MissingOwner)]
    [InlineData("{ slo: triage.latency, to: desk }", FaultCodes.KeyConflict)]
    [InlineData("{ slo: triage.latency }", FaultCodes.MissingKey)]
    [InlineData("{ slo: triage.latency, to: sales, tenant: acme }", FaultCodes.KeyConflict)]
    [InlineData("{ slo: triage.latency, tenant: acme, target: 100% }", FaultCodes.BadValue)]
    public void A_promise_names_an_slo_there_is_and_somebody_else(string promise, string? code)
    {
        var load = Projects.Load(Project.Replace("PROMISE", promise, StringComparison.Ordinal));
        Assert.Equal(code is null ? [] : [code], load.Faults.Select(f => f.Code));
    }

    [Fact]
    public void A_flow_nobody_owns_promises_nothing() =>
        Assert.Equal(FaultCodes.KeyConflict, Projects.OnlyFault(Project.Replace("PROMISE", "{ slo: triage.latency, to: sales }", StringComparison.Ordinal).Replace(", owner: desk", "", StringComparison.Ordinal)).Code);

    [Fact]
    public void A_month_counts_its_own_days_however_they_are_kept_and_its_own_target()
    {
        var series = new SloSeries();
        for (var at = Now.AddDays(-70); at <= Now; at = at.AddHours(1))
        {
            series.Roll(at.AddHours(-1), at);
            series.Count(at, new SloCounts(10, 0, at.Day == 5 ? 1 : 0, 0));
        }

        series.Roll(Now.AddHours(-1), Now);
        var flow = Projects.Valid(Project.Replace("PROMISE", "{ slo: triage.latency, to: sales }", StringComparison.Ordinal)).Flows["triage"];
        PromiseMonth Of(int month, double? target) =>
            PromiseMonth.Of(new PromiseConfig("quick", "triage.latency", default) { Target = target }, flow, series, [("out", series)], new CalendarMonth(2026, month), Now);

        var february = Of(2, null);
        Assert.Equal((28 * 240L, 24L, 28), (february.Due, february.Bad, february.Days.Count));
        Assert.Equal((24L, "out"), (february.Days.Single(d => d.Bad > 0).Bad, february.Hops.Single().Hop));
        Assert.Equal(24 / (28 * 2.4), february.Spent!.Value, 0.001);
        Assert.InRange(Of(2, 0.999).Spent!.Value, 3, 4);
        Assert.Equal((24L, 10), (Of(3, null).Bad, Of(3, null).Days.Count));
        Assert.Null(Of(4, null).Spent);
    }

    [Theory]
    [InlineData("2026-02", "2026-02")]
    [InlineData("2026-2", null)]
    [InlineData("2026-13", null)]
    [InlineData("0000-01", null)]
    [InlineData("x", null)]
    public void Months_are_read_as_they_are_written(string text, string? month) => Assert.Equal(month, CalendarMonth.Read(text)?.ToString());
}
