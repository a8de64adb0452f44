using Trunkline.Core.Config;
using Trunkline.Core.Limits;
using Trunkline.Messaging.Topics;
using Trunkline.Models;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.Tests.Configuration;

public sealed class ProjectFileTests
{
    [Fact]
    public void The_example_of_the_design_is_without_fault()
    {
        var project = Projects.Valid(Projects.Working);

        Assert.Equal(["en", "de", "fr", "es"], project.Models["language"].Languages);
    }

    [Fact]
    public void What_bounds_a_model_and_what_is_done_about_its_answers_is_read()
    {
        var project = Projects.Valid("""
            topics: { in: {}, out: {}, late: {} }
            models:
              small: { kind: http, endpoint: "https://m.example/score", request: "({ text: message })", response: message.label }
              reply:
                kind: openai
                endpoint: "https://m.example/v1"
                model: large
                maxTokens: 500
                concurrency: { min: 2, max: 40 }
                budget: [ { tokens: 100000, per: 1m }, { money: 2.50, per: 1d, each: tenant } ]
                price: { input: 0.15, output: 0.6 }
                fallback: { model: small, on: [ timeout, refused ] }
                hedge: 2s
                cache: 10m
                warmUp: hello
              shared: { versions: { reply: 90, small: 10 } }
            flows:
              f:
                from: { topic: in }
                steps: [ { infer: { model: reply, overload: { reroute: small } } }, { infer: { model: shared, overload: shed, fallback: small } } ]
                to: { topic: out }
                deadline: 30s
                late: { topic: late }
            """);

        var reply = project.Models["reply"];
        Assert.Equal(new ConcurrencySettings { Min = 2, Max = 40 }, reply.Limits.Concurrency);
        Assert.Equal([new BudgetSettings { Tokens = 100_000, Per = TimeSpan.FromMinutes(1) }, new BudgetSettings { Money = 2.5m, Per = TimeSpan.FromDays(1), EachTenant = true }], reply.Limits.Budgets);
        Assert.Equal((new PriceConfig(0.15m, 0.6m, 0), 500), (reply.Limits.Price, reply.MaxTokens));
        Assert.Equal("small", reply.Answers.Fallback!.Model);
        Assert.Equal([ModelFailure.Timeout, ModelFailure.Refused], reply.Answers.Fallback.On);
        Assert.Equal((TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(10), "hello"), (reply.Answers.Hedge, reply.Answers.Cache, reply.Answers.WarmUp));
        Assert.Equal([new VersionShare("reply", 90), new VersionShare("small", 10)], project.Models["shared"].Versions);
        var flow = project.Flows["f"];
        Assert.Equal(new OverloadConfig(OverloadPolicy.Reroute, "small"), ((InferStepConfig)flow.Steps[0]).Overload);
        Assert.Equal(OverloadPolicy.Shed, ((InferStepConfig)flow.Steps[1]).Overload!.Policy);
        Assert.Equal(TimeSpan.FromSeconds(30), flow.Deadline);
        Assert.Equal([false, true], flow.Branches.Select(b => b.IsLate));
    }

    [Fact]
    public void What_is_kept_beside_the_outputs_and_the_memory_of_the_broker_have_bounds()
    {
        var project = Projects.Valid("""
            node: { broker: { kind: embedded, memory: 64MiB } }
            topics: { in: {}, out: {} }
            flows:
              f: { from: { topic: in }, to: { topic: out }, keep: { effects: 2d, sent: { age: 1d, size: 5MB } } }
              g: { from: { topic: in }, to: { topic: out } }
            """);

        Assert.Equal(64L * 1024 * 1024, project.Node.BrokerMemoryBytes);
        var keep = project.Flows["f"].Keep;
        Assert.Equal((new RetentionConfig(TimeSpan.FromDays(2), null), new RetentionConfig(TimeSpan.FromDays(1), 5_000_000)), (keep.Effects, keep.Sent));
        Assert.Equal(new RetentionConfig(TimeSpan.FromDays(7), 1L << 30), keep.Outcomes);
        Assert.Equal(new KeepConfig(), project.Flows["g"].Keep);
        Assert.Equal(512L * 1024 * 1024, Projects.Valid("node: { broker: embedded }").Node.BrokerMemoryBytes);
    }

    [Fact]
    public void Topics_and_models_are_read_with_their_defaults()
    {
        var project = Projects.Valid(Projects.Working);

        var received = project.Topics["mail.received"];
        Assert.Equal(new TopicSettings { Name = "mail.received", Partitions = 8, RetentionAge = TimeSpan.FromDays(7) }, received.Settings);
        Assert.Equal(("mail-received", "support-ai"), (received.Subject, received.Owner));
        Assert.Equal(new TopicSettings { Name = "mail.inbox" }, project.Topics["mail.inbox"].Settings);
        Assert.Equal((TimeSpan.FromDays(2), 1_000_000_000L), (project.Topics["mail.spam"].Settings.RetentionAge, project.Topics["mail.spam"].Settings.RetentionBytes));
        Assert.Equal(("mlnet", "/srv/project/models/spam-v1.zip"), (project.Models["spam"].Kind, project.Models["spam"].Path));
        var reply = project.Models["reply"];
        Assert.Equal((new Uri("https://models.example.com/v1"), "small", TimeSpan.FromSeconds(5)), (reply.Endpoint, reply.Model, reply.Timeout));
        Assert.Equal(("sk-hidden", "***"), (reply.Token!.Value, reply.Token.ToString()));
        Assert.Equal(new OwnerConfig("support-ai@example.com", "#support-ai"), project.Owners["support-ai"]);
    }

    [Fact]
    public void Flows_are_read_with_steps_branches_and_sinks()
    {
        var project = Projects.Valid(Projects.Working);

        var intake = project.Flows["intake"];
        Assert.Equal("/srv/project/mails", Assert.IsType<MaildirSourceConfig>(intake.From).Path);
        Assert.Equal(FailurePolicy.ParkMessage, intake.OnFailure);
        var sink = Assert.IsType<TopicSinkConfig>(Assert.Single(Assert.Single(intake.Branches).To));
        Assert.Equal(("mail.received", "message.conversation", "mail.received"), (sink.Topic, sink.Key, sink.Name));

        var triage = project.Flows["triage"];
        var source = Assert.IsType<TopicSourceConfig>(triage.From);
        Assert.Equal(("mail.received", "flow.triage"), (source.Topic, source.Group));
        Assert.Equal(["infer-1", "infer-2", "map-3"], triage.Steps.Select(s => s.Name));
        Assert.Equal("({ ...message, seenAt: meta.time })", Assert.IsType<MapStepConfig>(triage.Steps[2]).Expression);
        Assert.Equal(["message.spam.probability > 0.9", "message.sentiment.compound < -0.5", null], triage.Branches.Select(b => b.When));
        var webhook = Assert.IsType<WebhookSinkConfig>(triage.Branches[1].To[1]);
        Assert.Equal(("webhook-1", "whsec_hidden"), (webhook.Name, webhook.Secret!.Value));
        Assert.Equal((FailurePolicy.ParkKey, "support-ai"), (triage.OnFailure, triage.Owner));
        Assert.Equal(new RetryConfig(5, TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(30)), triage.Retry);
        Assert.Equal(19, triage.Where.Line);
    }

    [Fact]
    public void Values_may_come_from_variables_defaults_and_keep_dollars()
    {
        var project = Projects.Valid("""
            topics: { a: { partitions: "${PARTS:-3}" } }
            flows:
              f:
                from: { http: /in }
                steps: [ { map: "({ price: '$$' + message.n, cost: `$${message.n}` })" } ]
                to: { webhook: { url: "${OPENAI_URL}/hook" } }
            """);

        Assert.Equal(3, project.Topics["a"].Settings.Partitions);
        Assert.Equal("({ price: '$' + message.n, cost: `${message.n}` })", Assert.IsType<MapStepConfig>(project.Flows["f"].Steps[0]).Expression);
        Assert.Equal("https://models.example.com/v1/hook", Assert.IsType<WebhookSinkConfig>(project.Flows["f"].Branches[0].To[0]).Url.ToString());
    }

    [Fact]
    public void A_topic_named_like_a_dead_letter_topic_may_be_declared_and_read_by_another_flow()
    {
        var project = Projects.Valid("""
            topics: { a: {}, f.dead: { retention: 30d } }
            flows:
              f: { from: { topic: a }, to: { webhook: http://127.0.0.1:1/ } }
              mourn: { from: { topic: f.dead }, to: { webhook: http://127.0.0.1:1/ } }
              read: { from: { topic: mourn.dead }, to: { webhook: http://127.0.0.1:1/ } }
            """);

        Assert.Equal(TimeSpan.FromDays(30), project.Topics["f.dead"].Settings.RetentionAge);
    }

    [Fact]
    public void Tokens_are_kept_as_hashes_only()
    {
        var project = Projects.Valid("""
            node:
              listen: http://0.0.0.0:7420
              auth:
                deploy: { token: "${OPENAI_TOKEN}", scopes: [operate, read] }
                watch:  { sha256: "2C26B46B68FFC68FF99B453C1D30413413422D706483BFA0F98A5E886266E7AE", scopes: read }
            """);

        Assert.Equal(["deploy", "watch"], project.Node.Auth.Select(t => t.Name));
        Assert.Equal("2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae", project.Node.Auth[1].Sha256);
        Assert.Equal(64, project.Node.Auth[0].Sha256.Length);
        Assert.DoesNotContain("sk-hidden", project.Node.Auth[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Sinks_of_one_topic_in_two_branches_have_two_names()
    {
        var project = Projects.Valid("""
            topics: { a: {}, b: {} }
            flows:
              f:
                from: { topic: a }
                branch:
                  - { when: "message.x", to: [ { topic: b }, { webhook: { url: "https://example.com/x" } } ] }
                  - { when: "message.y", to: [ { topic: b }, { webhook: { url: "https://example.com/y" }, name: hook } ] }
                  - { otherwise: true, to: { webhook: "https://example.com/z" } }
            """);

        Assert.Equal(["b", "webhook-1", "b-2", "hook", "webhook-3"], project.Flows["f"].Branches.SelectMany(b => b.To).Select(s => s.Name));
    }

    [Fact]
    public void Expressions_are_checked_by_what_the_caller_brings()
    {
        var load = Projects.Load(
            """
            topics: { a: {} }
            flows:
              f:
                from: { topic: a }
                steps:
                  - filter: "message.(("
                to: { webhook: { url: "https://example.com/" } }
            """,
            expression => expression.Contains("((", StringComparison.Ordinal) ? "unexpected (" : null);

        var fault = Assert.Single(load.Faults);
        Assert.Equal((FaultCodes.BadExpression, 6), (fault.Code, fault.Where.Line));
        Assert.Contains("unexpected (", fault.Message, StringComparison.Ordinal);
    }
}
