using Trunkline.Cli.Demo;
using Trunkline.Cli.Demo.Planted;

namespace Trunkline.Cli.Tests.Demo;

public sealed class DemoReportTests
{
    [Fact]
    public void The_report_has_the_fields_that_scripts_read()
    {
        Assert.Equal(
            """
            {"in":10,"sinks":{"mail.inbox":6,"mail.urgent":1,"mail.spam":2},"filtered":0,"deadLetters":1,"effects":{"webhook":{"attempts":3,"distinct":1}},"throughput":812.5,"latencyMs":{"p50":4.5,"p99":20},"spam":{"precision":0.98,"recall":0.9},"diff":{"moved":2},"corpus":"bundled","drift":{"topic":"planted.ratings","usual":1400,"alarmsBefore":0,"planted":["stars"],"told":[{"field":"stars","kind":"retyped","was":"declared as integer","now":"text in 200 messages","example":"\u0022aa\u0022","owner":"ratings-team","messages":200}]}}
            """,
            Report().ToJson());
    }

    [Fact]
    public void It_adds_up_only_if_every_mail_ended_once_and_every_urgent_one_was_told_once()
    {
        Assert.True(Report().AddsUp);
        Assert.False((Report() with { In = 11 }).AddsUp);
        Assert.False((Report() with { DeadLetters = 2 }).AddsUp);
        Assert.False((Report() with { Effects = new DemoEffects(new DemoWebhook(3, 2)) }).AddsUp);
    }

    [Fact]
    public void Planted_drift_is_whole_only_if_all_of_it_was_told_and_nothing_before_it()
    {
        var drift = Report().Drift;
        Assert.True(drift.IsWhole);
        Assert.False((drift with { AlarmsBefore = 1 }).IsWhole);
        Assert.False((drift with { Told = [] }).IsWhole);
    }

    private static DemoReport Report() => new()
    {
        In = 10,
        Sinks = new Dictionary<string, int> { ["mail.inbox"] = 6, ["mail.urgent"] = 1, ["mail.spam"] = 2 },
        Filtered = 0,
        DeadLetters = 1,
        Effects = new DemoEffects(new DemoWebhook(3, 1)),
        Throughput = 812.5,
        LatencyMs = new DemoLatency(4.5, 20),
        Spam = new DemoSpam(0.98, 0.9),
        Diff = new DemoDiff(2),
        Corpus = "bundled",
        Drift = new DriftReport("planted.ratings", 1400, 0, ["stars"], [new("stars", "retyped", "declared as integer", "text in 200 messages", "\"aa\"", "ratings-team", 200)]),
    };
}
