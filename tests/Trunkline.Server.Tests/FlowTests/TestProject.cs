using Trunkline.Core.Config;
using Trunkline.Server.Configuration;
using Trunkline.Server.Expressions;
using Trunkline.Server.FlowTests;

namespace Trunkline.Server.Tests.FlowTests;

/// <summary>A project in memory with one file of tests.</summary>
internal static class TestProject
{
    public const string Flows = """
        topics: { in: { partitions: 4 }, good: {}, bad: {}, end: {} }
        models:
          tone:  { kind: lexicon }
          draft: { kind: openai, endpoint: "http://127.0.0.1:1/v1", model: small }
        flows:
          sort:
            from: { topic: in }
            steps:
              - filter: message.text !== 'noise'
              - infer: { model: tone, output: tone }
            branch:
              - when: message.tone.compound < -0.3
                to: [ { topic: bad }, { webhook: { url: "http://127.0.0.1:1/hook", breaker: off } } ]
              - otherwise: true
                to: { topic: good }
          patient:
            from: { topic: end }
            to: { webhook: "http://127.0.0.1:1/hook" }
          asking:
            from: { topic: end }
            steps:
              - timer: { after: 10m, as: no-answer, when: message.asks }
              - timer: { cancel: no-answer, when: message.answers }
              - state: "({ messages: (state?.messages ?? 0) + 1 })"
              - filter: meta.timer === 'no-answer'
              - map: "({ reminded: meta.key, messages: state.messages, at: meta.time })"
            to: { topic: good }
          answer:
            from: { topic: bad }
            steps: [ { infer: { model: draft, output: draft } } ]
            to: { topic: good }
            retry: { attempts: 3, backoff: 1s..10m }
          stopping:
            from: { topic: good }
            steps: [ { map: message.no.such.field } ]
            to: { topic: end }
            onFailure: stop
          odd:
            from: { http: /odd }
            steps: [ { use: crm } ]
            to: { topic: good }
        """;

    public static FlowTestSuite Load(string tests)
    {
        var source = ProjectSource.FromMemory(
            new Dictionary<string, string> { ["trunkline.yaml"] = Flows, ["flows/a.tests.yaml"] = tests }, "trunkline.yaml", Path.GetTempPath(), _ => null) with
        {
            ExpressionCheck = ExpressionSyntax.Check,
        };
        var load = ProjectFile.Load(source);
        Assert.Empty(load.Faults);
        return FlowTestSuite.Load(load.Config!, source, []);
    }

    public static async Task<FlowTestReport> RunAsync(string tests)
    {
        var suite = Load(tests);
        Assert.Empty(suite.Faults);
        return await suite.RunAsync(null, null, TestContext.Current.CancellationToken);
    }

    /// <summary>The failures of the only test.</summary>
    public static async Task<IReadOnlyList<FlowTestFailure>> FailuresAsync(string tests) => Assert.Single((await RunAsync(tests)).Tests).Failures;

    public static IReadOnlyList<Fault> Faults(string tests) => Load(tests).Faults;
}
