using Trunkline.Server.Configuration;

namespace Trunkline.Server.Tests.Configuration;

/// <summary>The steps that ask others, take apart and put together, as a project writes them.</summary>
public sealed class WorkStepGrammarTests
{
    [Fact]
    public void Each_is_read_with_what_is_left_out_filled_in()
    {
        var steps = Projects.Valid(Flow(
            "- throttle: 5",
            "- throttle: { messages: 10, per: 1m, each: tenant }",
            "- enrich: { url: 'https://crm.example.com/customers/{{ message.id }}', output: customer, missing: fail }",
            "- redact: { kinds: [mail, card], fields: text, names: finder }",
            "- split: message.items",
            "- batch: { size: 10, within: 1m }",
            "- exec: { command: [python3, classify.py], timeout: 3s, memory: 64MiB, env: { MODE: fast }, pool: 2 }")).Flows["a"].Steps;

        Assert.Equal(
            ["throttle-1", "throttle-2", "enrich-3", "redact-4", "split-5", "batch-6", "exec-7"], steps.Select(step => step.Name));
        Assert.Equal((5, TimeSpan.FromSeconds(1), ThrottleShare.All), steps[0] is ThrottleStepConfig first ? (first.Messages, first.Per, first.Each) : default);
        Assert.Equal((10, TimeSpan.FromMinutes(1), ThrottleShare.Tenant), steps[1] is ThrottleStepConfig second ? (second.Messages, second.Per, second.Each) : default);
        Assert.Equal((true, TimeSpan.FromSeconds(5)), steps[2] is EnrichStepConfig enrich ? (enrich.FailsIfMissing, enrich.Timeout) : default);
        var redact = Assert.IsType<RedactStepConfig>(steps[3]);
        Assert.Equal([RedactKind.Mail, RedactKind.Card], redact.Kinds);
        Assert.Equal(("finder", "[{kind}]"), (redact.Names, redact.With));
        Assert.Equal(1_000, Assert.IsType<SplitStepConfig>(steps[4]).Max);
        var exec = Assert.IsType<ExecStepConfig>(steps[6]);
        Assert.Equal(("/srv/project", 2, 64L * 1024 * 1024, 32), (exec.Directory, exec.Pool, exec.MemoryMax, exec.ProcessesMax));
        Assert.Equal([("MODE", new Secret("fast"))], exec.Environment);
    }

    [Theory]
    [InlineData("- redact: { names: nobody }", "nobody")]
    [InlineData("- exec: { timeout: 3s }", "command")]
    [InlineData("- exec: { command: cat, env: { 'A B': x } }", "A B")]
    [InlineData("- join: { of: [order, order], by: message.type, within: 1m }", "twice")]
    [InlineData("- join: { of: [order], by: message.type, within: 1m }", "of")]
    [InlineData("- batch: { size: 1, within: 1m }", "size")]
    [InlineData("- split: { max: 3 }", "list")]
    [InlineData("- throttle: 0", "throttle")]
    public void What_is_wrong_is_told(string step, string named) => Assert.Contains(Projects.Load(Flow(step)).Faults, fault => fault.Message.Contains(named, StringComparison.Ordinal));

    [Theory]
    [InlineData("- batch: { size: 2, within: 1m }", "- join: { of: [a, b], by: message.type, within: 1m }")]
    [InlineData("- batch: { size: 2, within: 1m }", "- state: message")]
    public void A_key_has_one_state(string first, string second) =>
        Assert.Single(Projects.Load(Flow(first, second)).Faults);

    private static string Flow(params string[] steps) => $$"""
        topics: { in: {}, out: {} }
        models:
          finder: { kind: openai, endpoint: "https://models.example.com/v1", model: small }
        flows:
          a:
            from: { topic: in }
            steps:
              {{string.Join("\n      ", steps)}}
            to: { topic: out }
        """;
}
