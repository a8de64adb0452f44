using Trunkline.Core.Config;
using Trunkline.Server.Configuration;
using Trunkline.Server.Tests.Schemas;

namespace Trunkline.Server.Tests.Configuration;

/// <summary>What flows promise: in the project file, and in files of OpenSLO.</summary>
public sealed class SloTests
{
    private const string Topics = "topics: { in: {}, out: {} }\n";

    [Theory]
    [InlineData("{ within: 30s }", "triage.latency Latency 0.99 30d")]
    [InlineData("{ within: 30s, latency: 99.5%, success: 0.999, window: 7d }", "triage.latency Latency 0.995 7d|triage.success Success 0.999 7d")]
    [InlineData("{ fidelity: 95% }", "triage.fidelity Fidelity 0.95 30d")]
    public void A_flow_promises_shares_and_a_bound_alone_is_99_percent_of_latency(string slo, string expected)
    {
        var config = Projects.Valid(Flow(slo)).Flows["triage"].Slo!;
        Assert.Equal(expected, string.Join('|', config.Objectives.Select(o => FormattableString.Invariant($"{o.Name} {o.Measure} {o.Target} {DurationText.Format(o.Window)}"))));
    }

    [Theory]
    [InlineData("{ window: 30d }", FaultCodes.MissingKey, "promises nothing")]
    [InlineData("{ latency: 99% }", FaultCodes.MissingKey, "no 'within'")]
    [InlineData("{ success: 100% }", FaultCodes.BadValue, "50% to 99.999%")]
    [InlineData("{ success: 99.9999999999999999999999999999999999% }", FaultCodes.BadValue, "50% to 99.999%")]
    [InlineData("{ success: 0 }", FaultCodes.BadValue, "50% to 99.999%")]
    [InlineData("{ within: 1s, window: 1h }", FaultCodes.BadDuration, "1d")]
    public void What_promises_nothing_or_more_than_can_be_measured_is_a_fault(string slo, string code, string said)
    {
        var fault = Projects.OnlyFault(Flow(slo));
        Assert.Equal((code, 6), (fault.Code, fault.Where.Line));
        Assert.Contains(said, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_promise_that_the_flows_own_tries_may_break_is_refused_with_the_sum()
    {
        var text = Topics + """
            models: { reply: { kind: openai, endpoint: "https://a.example/v1", model: m, timeout: 5s } }
            flows:
              triage:
                from: { topic: in }
                steps: [ { infer: { model: reply, input: message.text, output: reply } } ]
                to: { webhook: { url: "https://b.example", timeout: 2s } }
                retry: { attempts: 3, backoff: 1s..4s }
                slo: { within: 32s }
            """;

        // 3 × 5 s of the model and 3 × 2 s of the sink, and twice 2 s + 4 s of waits.
        var fault = Projects.OnlyFault(text);
        Assert.Equal((FaultCodes.ImpossibleSlo, 9), (fault.Code, fault.Where.Line));
        Assert.Contains("33s", fault.Message, StringComparison.Ordinal);
        Assert.Empty(Projects.Load(text.Replace("within: 32s", "within: 33s", StringComparison.Ordinal)).Faults);
        Assert.Empty(Projects.Load(text.Replace("slo:", "deadline: 10s\n    slo:", StringComparison.Ordinal)).Faults);
    }

    [Fact]
    public void What_is_as_by_default_is_not_held_against_a_promise() =>
        Assert.Empty(Projects.Load(Topics + """
            models: { reply: { kind: openai, endpoint: "https://a.example/v1", model: m } }
            flows: { triage: { from: { topic: in }, steps: [ { infer: { model: reply, input: message.text, output: reply } } ], to: { topic: out }, slo: { within: 1s } } }
            """).Faults);

    [Fact]
    public void Files_of_OpenSLO_are_included_and_say_what_a_flow_promises()
    {
        var load = Include("""
            apiVersion: openslo/v1
            kind: SLO
            metadata: { name: quick-answers, displayName: Quick answers, labels: { team: [a] } }
            spec:
              description: Answers come while the user waits.
              service: desk
              indicator:
                metadata: { name: x }
                spec: { thresholdMetric: { metricSource: { type: trunkline, spec: { flow: triage } } } }
              timeWindow: [ { duration: 4w, isRolling: true } ]
              budgetingMethod: Occurrences
              objectives: [ { op: lte, value: 2.5, target: 0.99 }, { op: lte, value: 2.5, targetPercent: 90 } ]
            """);
        Assert.Empty(load.Faults);
        var slo = load.Config!.Flows["triage"].Slo!;
        Assert.Equal(TimeSpan.FromSeconds(2.5), slo.Within);
        Assert.Equal(
            [("quick-answers", SloMeasure.Latency, 0.99, 28d), ("quick-answers-2", SloMeasure.Latency, 0.9, 28d)], slo.Objectives.Select(o => (o.Name, o.Measure, o.Target, o.Window.TotalDays)));
        Assert.Equal("Answers come while the user waits.", slo.Objectives[0].Description);
    }

    [Fact]
    public void An_SLO_of_OpenSLO_over_an_unknown_flow_is_a_fault_at_its_line()
    {
        var load = Include("""
            apiVersion: openslo/v1
            kind: SLO
            metadata: { name: a }
            spec:
              indicator:
                spec:
                  ratioMetric:
                    good: { metricSource: { type: trunkline, spec: { flow: triaje, measure: fidelity } } }
                    total: { metricSource: { type: trunkline, spec: { flow: triaje } } }
              timeWindow: [ { duration: 28d, isRolling: true } ]
              budgetingMethod: Occurrences
              objectives: [ { target: 0.99 } ]
            """);
        var fault = Assert.Single(load.Faults);
        Assert.Equal((FaultCodes.MissingFlow, "slo/a.yaml", 8), (fault.Code, fault.Where.File, fault.Where.Line));
        Assert.Contains("triage", fault.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Examples_of_OpenSLO_are_read_once_they_say_which_flow_and_refused_by_name_and_line_before()
    {
        var files = Directory.GetFiles(Path.Combine(Vectors.Folder("openslo"), "openslo-repo", "examples"), "*.yaml", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(4, files.Count);
        var read = new List<string>();
        foreach (var file in files)
        {
            var text = File.ReadAllText(file);
            var faults = Include(text).Faults;
            Assert.All(faults, f => Assert.Equal("slo/a.yaml", f.Where.File));
            Assert.Contains(faults, f => f.Message.Contains("metricSource.type is 'Any'; expected one of trunkline", StringComparison.Ordinal));
            Assert.All(faults, f => Assert.Contains("metricSource", f.Message, StringComparison.Ordinal));

            var load = Include(text.Replace("type: Any", "type: trunkline", StringComparison.Ordinal).Replace("query: Any", "flow: triage", StringComparison.Ordinal));
            Assert.Empty(load.Faults);
            read.AddRange(load.Config!.Flows["triage"].Slo!.Objectives.Select(o => FormattableString.Invariant(
                $"{o.Name} {o.Target} {o.Window.TotalDays}d {o.Slices?.Length.TotalMinutes}/{o.Slices?.Target} {o.Calendar?.Zone.Id} {o.Calendar?.Months}")));
        }

        Assert.Equal(
            [
                "search-slo 0.99 14d /  ", "main-page 0.99 14d 1/  ", "service-availability 0.995 30d 1/0.99 America/New_York 1", "service-availability-2 0.99 30d 1/0.99 America/New_York 1",
                "service-availability 0.9995 7d 1/0.95 America/New_York 0",
            ],
            read);
    }

    [Theory]
    [InlineData("duration: 1M, isRolling: true", FaultCodes.BadDuration)]
    [InlineData("duration: 1M, isRolling: false", FaultCodes.MissingKey)]
    [InlineData("duration: 1M, isRolling: false, calendar: { startTime: 2026-01-01, timeZone: UTC }", FaultCodes.BadValue)]
    [InlineData("duration: 1M, isRolling: false, calendar: { startTime: 2026-01-01 00:00:00, timeZone: Nowhere/At_all }", FaultCodes.BadValue)]
    [InlineData("duration: 2Y, isRolling: false, calendar: { startTime: 2026-01-01 00:00:00, timeZone: UTC }", FaultCodes.BadDuration)]
    public void Windows_that_cannot_be_measured_are_faults(string window, string code) => Assert.Equal(code, Assert.Single(Include($$"""
        apiVersion: openslo/v1
        kind: SLO
        metadata: { name: a }
        spec:
          indicator: { spec: { thresholdMetric: { metricSource: { type: trunkline, spec: { flow: triage } } } } }
          timeWindow: [ { {{window}} } ]
          budgetingMethod: Occurrences
          objectives: [ { value: 1, target: 0.99 } ]
        """).Faults).Code);

    private static ProjectLoad Include(string slo) => Projects.Load(new Dictionary<string, string>
    {
        ["trunkline.yaml"] = "include: [ slo/*.yaml ]\n" + Topics + "flows: { triage: { from: { topic: in }, to: { topic: out } } }",
        ["slo/a.yaml"] = slo,
    });

    private static string Flow(string slo) => Topics + $"flows:\n  triage:\n    from: {{ topic: in }}\n    to: {{ topic: out }}\n    slo: {slo}\n";
}
