using System.Xml.Linq;
using Trunkline.Server.FlowTests;

namespace Trunkline.Server.Tests.FlowTests;

public sealed class FlowTestSuiteTests
{
    [Fact]
    public async Task A_flow_that_does_what_is_written_passes_and_its_coverage_is_told()
    {
        var report = await TestProject.RunAsync("""
            flow: sort
            tests:
              all three ways:
                send:
                  - { id: sad, key: k, headers: { ce_tenant: acme }, body: { text: "This is terrible and sad.", n: 9007199254740993 } }
                  - { id: glad, body: { text: What a wonderful day., list: [ 1, { a: 2 } ] } }
                  - { id: gone, body: { text: noise } }
                expect:
                  outcomes: [ branch-1, branch-2, filtered ]
                  sinks:
                    bad: { from: sad, key: k, headers: { ce_tenant: acme }, body: { n: 9007199254740993 }, where: message.tone.compound < 0 }
                    webhook-1: { from: sad }
                    good: { body: { list: [ 1.0, { a: 2 } ] } }
            """);

        var test = Assert.Single(report.Tests);
        Assert.Empty(test.Failures);
        Assert.Equal((1, 0), (report.Passed, report.Failed));
        var coverage = Assert.Single(report.Coverage);
        Assert.Equal([3, 2], coverage.Steps.Select(step => step.Runs));
        Assert.Equal([1, 1], coverage.Branches.Select(branch => branch.Runs));
    }

    [Fact]
    public async Task A_difference_names_sink_message_field_and_line()
    {
        var failures = await TestProject.FailuresAsync("""
            flow: sort
            tests:
              wrong:
                send: { body: { text: What a wonderful day., mood: [ good, calm ] } }
                expect:
                  sinks:
                    good:
                      - where: message.tone.compound < 0
                        body:
                          mood: [ good, bad ]
                          missing: { deep: 1 }
            """);

        Assert.Equal(
            [
                (10, "sink 'good', message 1, field 'mood[1]'", "\"bad\"", "\"calm\""),
                (11, "sink 'good', message 1, field 'missing'", "{\"deep\":1}", "nothing"),
            ],
            failures.Take(2).Select(f => (f.Line, f.Message, f.Expected, f.Got)));
        Assert.Equal((8, "sink 'good', message 1, where", "message.tone.compound < 0"), (failures[2].Line, failures[2].Message, failures[2].Expected));
        Assert.StartsWith("false for {", failures[2].Got, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_too_many_or_at_another_sink_fails_the_test()
    {
        var failures = await TestProject.FailuresAsync("""
            flow: sort
            tests:
              wrong:
                send: [ { body: { text: fine } }, { body: { text: fine too } } ]
                expect:
                  outcomes: [ branch-1, branch-2 ]
                  sinks:
                    bad: { from: m1 }
                    good: { from: m1 }
            """);

        Assert.Equal(
            [
                (6, "message 'm1'", "branch-1 (bad, webhook-1)", "branch-2 (good)"),
                (8, "sink 'bad', message 1, was not sent", "a message, from m1", "no message; 'm1' came to branch-2 (good), 'm2' came to branch-2 (good)"),
            ],
            failures.Take(2).Select(f => (f.Line, f.Message, f.Expected, f.Got)));
        Assert.Equal((9, "sink 'good' got a message that is not expected", "1 message"), (failures[2].Line, failures[2].Message, failures[2].Expected));
        Assert.StartsWith("2 messages; this one was made of 'm2': {", failures[2].Got, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Retries_wait_on_the_flows_clock_and_not_on_the_wall()
    {
        var report = await TestProject.RunAsync("""
            flow: answer
            tests:
              busy:
                send: { body: { text: hello } }
                effects:
                  - { model: draft, fail: rate-limited, retryAfter: 4m, times: 2 }
                  - { model: draft, answer: { text: hi } }
                expect:
                  outcomes: branch-1
                  sinks: { good: { body: { draft: { text: hi } } } }
            """);

        var test = Assert.Single(report.Tests);
        Assert.Empty(test.Failures);
        Assert.InRange(test.FlowTimeMs, 480_000, 500_000);
        Assert.True(test.DurationMs < 30_000);
    }

    [Theory]
    [InlineData("timeout", "step.model-timeout", 3)]
    [InlineData("rate-limited", "step.model-rate-limited", 3)]
    [InlineData("unavailable", "step.model-unavailable", 3)]
    [InlineData("garbage", "step.model-malformed", 2)]
    [InlineData("refused", "step.model-refused", 1)]
    public async Task Every_fault_of_a_model_becomes_its_dead_letter(string fault, string cause, int attempts)
    {
        var failures = await TestProject.FailuresAsync($$"""
            flow: answer
            tests:
              fails:
                send: { body: { text: hello } }
                effects: { model: draft, fail: {{fault}}, times: 9 }
                expect:
                  outcomes: dead
                  sinks: { good: [] }
                  dead: { from: m1, cause: {{cause}}, step: infer-1, attempts: {{attempts}} }
            """);

        Assert.Empty(failures);
    }

    [Theory]
    [InlineData("fail: timeout", "sink.timeout", 5)]
    [InlineData("fail: rate-limited", "sink.rate-limited", 5)]
    [InlineData("status: 500", "sink.unavailable", 5)]
    [InlineData("status: 404", "sink.refused", 1)]
    public async Task Every_fault_of_a_webhook_becomes_its_dead_letter(string answer, string cause, int attempts)
    {
        var failures = await TestProject.FailuresAsync($$"""
            flow: sort
            tests:
              fails:
                send: { id: sad, body: { text: This is terrible and sad. } }
                effects: { webhook: webhook-1, {{answer}}, times: 9 }
                expect:
                  outcomes: branch-1
                  sinks: { bad: { from: sad }, webhook-1: [] }
                  dead: { from: sad, cause: {{cause}}, step: webhook-1, attempts: {{attempts}} }
            """);

        Assert.Empty(failures);
    }

    [Fact]
    public async Task Time_outs_and_what_is_remembered_are_tested_with_messages_sent_later()
    {
        var report = await TestProject.RunAsync("""
            flow: asking
            tests:
              reminded only where no answer came in time:
                send:
                  - { id: q1, key: ann, body: { asks: true } }
                  - { id: q2, key: bob, body: { asks: true } }
                  - { id: q3, key: cid, body: { asks: true } }
                  - { id: a2, key: bob, body: { answers: true }, after: 5m }
                  - { id: q4, key: cid, body: { asks: true }, after: 5m }
                  - { id: a1, key: ann, body: { answers: true }, after: 11m }
                expect:
                  outcomes: [ filtered, filtered, filtered, filtered, filtered, filtered ]
                  sinks:
                    good:
                      - { from: q1, key: ann, body: { reminded: ann, messages: 2, at: "2026-01-01T00:10:00.000Z" } }
                      - { from: q4, key: cid, body: { reminded: cid, messages: 3, at: "2026-01-01T00:15:00.000Z" } }
            """);

        var test = Assert.Single(report.Tests);
        Assert.Empty(test.Failures);
        Assert.InRange(test.FlowTimeMs, 900_000, 901_000);
        Assert.Equal([6, 8, 8, 8, 2], Assert.Single(report.Coverage).Steps.Select(step => step.Runs));
        Assert.Contains(TestProject.Faults("""
            flow: asking
            tests:
              wrong:
                send: [ { body: 1, after: 5m }, { body: 2, after: 4m } ]
                expect: { outcomes: [ filtered, filtered ] }
            """), fault => fault.Message.Contains("before the message above it", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_receiver_that_is_down_for_long_loses_nothing_since_its_sink_pauses()
    {
        var report = await TestProject.RunAsync("""
            flow: patient
            tests:
              down:
                send: [ { id: a, key: k, body: 1 }, { id: b, key: k, body: 2 } ]
                effects: { webhook: webhook-1, fail: unavailable, times: 15 }
                expect:
                  sinks: { webhook-1: [ { from: a }, { from: b } ] }
            """);

        var test = Assert.Single(report.Tests);
        Assert.Empty(test.Failures);

        // Four failures in a row, then pauses of 10 s, 20 s, 40 s … up to 5 min.
        Assert.InRange(test.FlowTimeMs, 1_500_000, 2_500_000);
    }

    [Fact]
    public async Task A_crash_runs_the_message_again_and_doubles_nothing()
    {
        var failures = await TestProject.FailuresAsync("""
            flow: sort
            tests:
              crash:
                send:
                  - { id: a, key: k, body: { text: one terrible thing } }
                  - { id: b, key: k, body: { text: two terrible things } }
                  - { id: c, key: k, body: { text: three terrible things } }
                effects:
                  - { model: tone, input: two, fail: crash, times: 2 }
                  - { webhook: webhook-1, input: three, fail: crash }
                expect:
                  sinks: { bad: [ { from: a }, { from: b }, { from: c } ], webhook-1: [ { from: a }, { from: b }, { from: c } ] }
                  order: { k: [ a, b, c ] }
            """);

        Assert.Empty(failures);
    }

    [Fact]
    public async Task The_order_of_a_key_is_held_through_a_retry_and_a_wrong_order_is_told()
    {
        var failures = await TestProject.FailuresAsync("""
            flow: answer
            tests:
              order:
                send: [ { id: a, key: k, body: { text: one } }, { id: b, key: k, body: { text: two } } ]
                effects:
                  - { model: draft, input: one, fail: unavailable }
                  - { model: draft, answer: yes }
                expect:
                  order: { k: [ b, a ] }
            """);

        var failure = Assert.Single(failures);
        Assert.Equal(("sink 'good', key 'k', order", "b, a", "a, b"), (failure.Message, failure.Expected, failure.Got));
    }

    [Fact]
    public async Task A_remote_model_without_an_answer_is_told_and_nothing_is_called()
    {
        var failures = await TestProject.FailuresAsync("""
            flow: answer
            tests:
              forgot: { send: { body: { text: hello } }, expect: {} }
            """);

        Assert.Equal("model 'draft' was asked, but tests reach nothing outside", failures[0].Message);
        Assert.Contains("effects: { model: draft, answer: … }", failures[0].Expected, StringComparison.Ordinal);
        Assert.Contains(failures, f => f.Message == "message 'm1' became a dead letter that is not expected");
    }

    [Fact]
    public async Task A_fault_that_never_happens_fails_the_test()
    {
        var failures = await TestProject.FailuresAsync("""
            flow: answer
            tests:
              vain:
                send: { body: { text: hello } }
                effects: [ { model: draft, input: goodbye, fail: timeout }, { model: draft, answer: 1 } ]
                expect: {}
            """);

        Assert.Equal("the fault for 'draft' never happened", Assert.Single(failures).Message);
    }

    [Fact]
    public async Task A_partition_stopped_by_the_failure_policy_leaves_its_messages_waiting()
    {
        var failures = await TestProject.FailuresAsync("""
            flow: stopping
            tests:
              stops: { send: [ { body: {} }, { body: {} } ], expect: {} }
            """);

        Assert.StartsWith("they wait", failures[^1].Got, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flow_from_requests_with_a_step_of_the_hosts_code_is_tested_too()
    {
        var failures = await TestProject.FailuresAsync("""
            flow: odd
            tests:
              crm:
                send: { body: { id: 7 } }
                effects: [ { use: crm, fail: timeout }, { use: crm, answer: { id: 7, name: Ann } } ]
                expect: { sinks: { good: { body: { name: Ann } } } }
            """);

        Assert.Empty(failures);
    }

    [Fact]
    public void Every_fault_of_a_file_is_told_at_once_with_its_line()
    {
        var faults = TestProject.Faults("""
            flow: sortt
            tests:
              a:
                flow: sort
                sent: { body: 1 }
                send: { body: 1, text: two }
                effects: [ { model: tne, answer: 1 }, { model: tone, status: 500 }, { webhook: webhook-1 } ]
                expect:
                  outcomes: [ branch-3, branch-1 ]
                  sinks: { bed: [] }
                  order: { k: [ m1, m9 ] }
              b: { send: { body: 1 }, expect: {} }
            """);

        Assert.Equal([1, 5, 6, 7, 7, 7, 9, 9, 10, 11], faults.Select(f => f.Where.Line));
        Assert.Equal("Did you mean 'sort'?", faults[0].Remedy);
        Assert.Equal("Did you mean 'send'?", faults[1].Remedy);
        Assert.Contains(faults, f => f.Remedy == "Did you mean 'tone'?");
        Assert.Contains(faults, f => f.Remedy == "Did you mean 'bad'?");
    }

    [Fact]
    public async Task The_junit_report_is_xml_whatever_a_message_holds()
    {
        var report = await TestProject.RunAsync("""
            flow: sort
            tests:
              "quotes \" & <tags>": { send: { body: { text: "bell \a, tags <b>" } }, expect: { outcomes: filtered, sinks: { good: [] } } }
              good: { send: { body: { text: noise } }, expect: { outcomes: filtered } }
            """);

        var suites = XDocument.Parse(JUnitReport.Render(report)).Root!;
        Assert.Equal(("2", "1"), (suites.Attribute("tests")!.Value, suites.Attribute("failures")!.Value));
        Assert.Equal(["quotes \" & <tags>", "good"], suites.Descendants("testcase").Select(test => test.Attribute("name")!.Value));
        Assert.Contains("flows/a.tests.yaml:3: message 'm1'", Assert.Single(suites.Descendants("failure")).Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_of_tests_are_no_part_of_a_project()
    {
        var faults = Server.Configuration.ProjectFile.Load(Server.Configuration.ProjectSource.FromMemory(
            new Dictionary<string, string>
            {
                ["trunkline.yaml"] = "include: [ flows/*.yaml, flows/b.tests.yaml ]",
                ["flows/a.tests.yaml"] = "tests: {}",
                ["flows/b.tests.yaml"] = "tests: {}",
            },
            "trunkline.yaml",
            Path.GetTempPath(),
            _ => null)).Faults;

        Assert.Contains("is a file of tests", Assert.Single(faults).Message, StringComparison.Ordinal);
    }
}
