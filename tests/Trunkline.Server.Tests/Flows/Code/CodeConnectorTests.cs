using System.Text;
using Trunkline.Core.Config;
using Trunkline.Messaging;
using Trunkline.Server.Configuration;
using Trunkline.Server.Effects;
using Trunkline.Server.Expressions;
using Trunkline.Server.Flows.Code;
using Trunkline.Server.Inference;
using Trunkline.Server.Steps;
using Trunkline.Server.Tests.Configuration;
using Trunkline.Server.Tests.Steps;

namespace Trunkline.Server.Tests.Flows.Code;

/// <summary>Flows in C# name sources and sinks in the words of the project file.</summary>
public sealed class CodeConnectorTests
{
    public static TheoryData<string> Sources => new(
        "{ imap: { host: mail.example.com, user: desk, password: secret, folder: Desk } }",
        "{ smtp: { listen: '127.0.0.1:0', recipients: desk@example.com } }",
        "{ maildir: mails }",
        "{ mbox: archive.mbox }",
        "{ http: orders }",
        "{ webhook: { path: hooks, scheme: github, secret: 0123456789abcdef } }",
        "{ schedule: '0 8 * * 1-5' }",
        "{ use: feed }",
        "{ topic: in, group: mine, start: latest }");

    public static TheoryData<string> Sinks => new(
        "{ topic: out }",
        "{ webhook: { url: 'https://example.com/in', timeout: 3s, breaker: off } }",
        "{ smtp: { host: mail.example.com, from: a@example.com, to: message.from, subject: { template: 'Re: {{ message.subject }}' }, text: message.text } }",
        "{ slack: { url: 'https://example.com/hook', text: '{{ message.text }}' } }",
        "{ teams: 'x' }",
        "{ teams: { url: 'https://example.com/hook', title: Hi } }",
        "{ outcome: { fact: \"'rated'\", receipt: message.receipt } }",
        "{ use: crm }");

    [Theory]
    [MemberData(nameof(Sources))]
    public void A_source_is_what_the_project_file_makes_of_the_same_words(string yaml)
    {
        var (code, codeFaults) = Read(new Named(yaml, "{ topic: out }"));
        var file = Projects.Load($"topics: {{ in: {{}}, out: {{}} }}\nflows:\n  named:\n    from: {yaml}\n    to: {{ topic: out }}\n");
        Assert.Equal(file.Faults.Count, codeFaults.Count);
        if (code is not null)
        {
            Assert.True(code.From.IsSame(file.Config!.Flows["named"].From), code.From.ToString());
        }
    }

    [Theory]
    [MemberData(nameof(Sinks))]
    public void A_sink_is_what_the_project_file_makes_of_the_same_words(string yaml)
    {
        var (code, codeFaults) = Read(new Named("{ topic: in }", yaml));
        var file = Projects.Load($"topics: {{ in: {{}}, out: {{}} }}\nflows:\n  named:\n    from: {{ topic: in }}\n    to: {yaml}\n");
        Assert.Equal(file.Faults.Count, codeFaults.Count);
        if (code is not null)
        {
            var expected = file.Config!.Flows["named"].Branches[0].To[0];
            var sink = Assert.Single(code.Branches[0].To);
            Assert.Equal("way-out", sink.Name);
            Assert.Equal(expected with { Name = "", Where = default(SourceLocation) }, sink with { Name = "", Where = default(SourceLocation) });
        }
    }

    [Fact]
    public void Every_fault_of_it_is_told_at_once_with_class_place_and_remedy()
    {
        var (code, faults) = Read(new Named("{ imap: { host: 10.1.2.3, usr: desk } }", "{ smtp: { host: '192.168.0.1', tls: on, to: 'message.(', from: nobody, text: message.x } }"));
        Assert.Null(code);
        Assert.All(faults, fault => Assert.StartsWith("Named (", fault.Where.File, StringComparison.Ordinal));
        Assert.All(faults, fault => Assert.NotEmpty(fault.Remedy));
        Assert.Contains(faults, fault => fault.Message.Contains("usr", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.Message.Contains("subject", StringComparison.Ordinal));

        Assert.Contains("allowAddresses", Assert.Single(Read(new Named("{ imap: { host: 10.1.2.3, user: desk, password: x } }", "{ topic: out }")).Faults).Remedy, StringComparison.Ordinal);
        Assert.Contains("output.Send", Assert.Single(Read(new Named("{ topic: in }", "{ topic: out, key: message.id }")).Faults).Remedy, StringComparison.Ordinal);
        Assert.NotEmpty(Read(new Named("{ topic: in }", "{ topic: [ }")).Faults);
        Assert.NotEmpty(Read(new Named("# nothing", "{ topic: out }")).Faults);
    }

    [Fact]
    public async Task A_handler_gets_mails_parsed_and_what_is_none_is_told()
    {
        var host = new HostRegistrations();
        host.Add(new Mails("{ mbox: archive.mbox }"));
        Assert.Empty(host.Bind(new ProjectConfig(), ExpressionSyntax.Check));
        await using var models = new ModelSet(new Dictionary<string, ModelHandle>(), () => ValueTask.CompletedTask);
        var flow = host.Pipelines(host.Flows["mails"].Config, "1", new PipelineServices(new EffectPort(), models, host.Steps, TimeProvider.System));

        var result = await flow.RunAsync(Raw("From: anna@example.com\r\nSubject: Hi\r\n\r\nThe printer burns.\r\n"));
        Assert.Equal("\"Hi: The printer burns.\"", Pipelines.Text(Assert.Single(Assert.IsType<PipelineResult.Delivered>(result).Outputs).Message));
        Assert.Equal(FaultClass.Terminal, Assert.IsType<PipelineResult.Failed>(await flow.RunAsync(Raw(""))).Fault.Class);
    }

    [Fact]
    public async Task A_node_runs_a_flow_whose_source_and_sink_are_named_so()
    {
        var folder = Directory.CreateTempSubdirectory("trunkline-code-");
        try
        {
            var file = Path.Combine(folder.FullName, "trunkline.yaml");
            await File.WriteAllTextAsync(file, "topics: { out: {} }\n", TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(Path.Combine(folder.CreateSubdirectory("mails").FullName, "1.eml"), "From: anna@example.com\nSubject: Hi\n\nThe printer burns.\n", TestContext.Current.CancellationToken);
            await using var app = TrunklineApp.Create("-f", file, "--listen", "http://127.0.0.1:0", "--data", Path.Combine(folder.FullName, "data")).AddFlow(new Mails("{ maildir: mails }"));
            await app.StartAsync(TestContext.Current.CancellationToken);
            using var http = new HttpClient { BaseAddress = new Uri(app.Url) };
            await Eventually.HoldsAsync(
                async () => (await http.GetStringAsync(new Uri("/api/v1/topics/out/messages?limit=10", UriKind.Relative), TestContext.Current.CancellationToken)).Contains("The printer burns.", StringComparison.Ordinal),
                "the mail came");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task What_is_wrong_with_the_words_keeps_the_node_from_starting()
    {
        await using var app = TrunklineApp.Create("--listen", "http://127.0.0.1:0", "--data", Path.Combine(Path.GetTempPath(), "trunkline-never")).AddFlow(new Mails("{ maildr: mails }"));
        var refused = await Assert.ThrowsAsync<Trunkline.Server.Hosting.NodeStartException>(() => app.StartAsync(TestContext.Current.CancellationToken));
        Assert.Contains(refused.Faults, fault => fault.Where.File == "Mails (from)" && fault.Remedy.Contains("maildir", StringComparison.Ordinal));
    }

    private static Message Raw(string mail) => new() { Id = new MessageId("m"), ContentType = "message/rfc822", Payload = Encoding.UTF8.GetBytes(mail) };

    private static (FlowConfig? Flow, IReadOnlyList<Fault> Faults) Read(Flow flow)
    {
        var host = new HostRegistrations();
        host.Add(flow);
        var faults = host.Bind(new ProjectConfig { BaseDirectory = "/srv/project" }, ExpressionSyntax.Check);
        return (faults.Count == 0 ? host.Flows["named"].Config : null, faults);
    }

    private sealed record Body(string? Text);

    private sealed class Named(string source, string sink) : Flow<Body>
    {
        public override void Configure(FlowBuilder flow) => flow.From(source).To("way-out", sink);

        public override ValueTask HandleAsync(FlowMessage<Body> message, FlowOutput output, CancellationToken cancellationToken)
        {
            output.Send("way-out", message.Body);
            return ValueTask.CompletedTask;
        }
    }

    private sealed record Mail(string Subject, string Text);

    private sealed class Mails(string source) : Flow<Mail>
    {
        public override void Configure(FlowBuilder flow) => flow.Named("mails").From(source).ParseMail().To("out", "{ topic: out }");

        public override ValueTask HandleAsync(FlowMessage<Mail> message, FlowOutput output, CancellationToken cancellationToken)
        {
            output.Send("out", $"{message.Body.Subject}: {message.Body.Text.Trim()}");
            return ValueTask.CompletedTask;
        }
    }
}
