using System.Text.Json;
using Trunkline.Messaging;
using Trunkline.Models;
using Trunkline.Server.Configuration;
using Trunkline.Server.Effects;
using Trunkline.Server.Inference;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Tests.Steps;

/// <summary>The flows of samples/mail over its own mails, through the real pipelines and models.</summary>
public sealed class SampleMailTests
{
    private static readonly string s_folder = Path.Combine(Repository.Root, "samples", "mail");

    [Fact]
    public async Task Every_bundled_mail_goes_through_intake_and_triage_to_one_topic()
    {
        var project = ProjectFile.Load(ProjectSource.FromDisk(s_folder, _ => null)).Config!;
        await using var spam = ModelFactory.Create(new ModelOptions { Name = "spam", Kind = "mlnet", Path = project.Models["spam"].Path });
        await using var sentiment = ModelFactory.Create(new ModelOptions { Name = "sentiment", Kind = "lexicon" });
        using var intake = Factory(project, "intake").Create();
        var factory = Factory(project, "triage", ("spam", spam), ("sentiment", sentiment));
        using var triage = factory.Create();
        var labels = File.ReadLines(Path.Combine(s_folder, "bundled", "labels.tsv")).Select(line => line.Split('\t')).ToArray();
        var taken = new List<(string Label, string Topic)>();
        foreach (var label in labels)
        {
            var bytes = await File.ReadAllBytesAsync(Path.Combine(s_folder, "bundled", "mails", label[0]), TestContext.Current.CancellationToken);
            var mail = new Message { Id = new MessageId(label[0]), Source = "/mails", ContentType = "message/rfc822", Payload = bytes };
            var received = Assert.Single(Assert.IsType<PipelineResult.Delivered>(await RunAsync(intake, mail)).Outputs).Message;
            Assert.False(received.Key!.Value.Bytes.IsEmpty);
            var sorted = Assert.IsType<PipelineResult.Delivered>(await RunAsync(triage, received));
            taken.Add((label[1], ((TopicSinkConfig)factory.Sinks[sorted.Outputs[0].Sink]).Topic));
            Assert.Equal(sorted.Branch == 1 ? 2 : 1, sorted.Outputs.Count);
        }

        // How well the sample models judge stands in samples/mail/README.md; here they must only point the right way.
        var table = string.Join(", ", taken.CountBy(mail => mail).OrderBy(pair => pair.Key).Select(pair => $"{pair.Key} {pair.Value}"));
        TestContext.Current.TestOutputHelper?.WriteLine(table);
        Assert.True(Share("spam", "mail.spam") > 5 * Share("ham", "mail.spam"), table);
        Assert.True(Share("urgent", "mail.urgent") > 5 * Share("ham", "mail.urgent"), table);

        double Share(string label, string topic) =>
            taken.Count(mail => mail.Label == label && mail.Topic == topic) / (double)taken.Count(mail => mail.Label == label);
    }

    [Fact]
    public async Task An_urgent_mail_becomes_a_draft_with_its_address_and_subject()
    {
        var project = ProjectFile.Load(ProjectSource.FromDisk(s_folder, _ => null)).Config!;
        await using var model = new DraftModel();
        var reply = Factory(project, "reply", ("reply", model));

        var draft = await reply.BodyAsync(Pipelines.Json("""{"id":"1@x","from":{"address":"ann@example.org","name":"Ann"},"subject":"Fire","text":"Help!"}"""));
        var unknown = await reply.BodyAsync(Pipelines.Json("""{"id":"2@x","from":null,"subject":"","text":""}"""));

        Assert.Equal("""{"mail":"1@x","to":"ann@example.org","subject":"Re: Fire","text":"about Fire\n\nHelp!"}""", draft);
        Assert.Equal("""{"mail":"2@x","to":null,"subject":"Re: ","text":"about \n\n"}""", unknown);
    }

    private static ValueTask<PipelineResult> RunAsync(IPipeline pipeline, Message message) =>
        pipeline.RunAsync(Pipelines.Input(message), TestContext.Current.CancellationToken);

    private static ProjectPipelineFactory Factory(ProjectConfig project, string flow, params (string Name, IModel Model)[] models)
    {
        var handles = models.ToDictionary(named => named.Name, named => new ModelHandle(new Lazy<IModel>(named.Model), TimeSpan.FromSeconds(30)));
        var set = new ModelSet(handles, () => ValueTask.CompletedTask);
        return new ProjectPipelineFactory(
            project.Flows[flow], "1-abc", new PipelineServices(new EffectPort(), set, new Dictionary<string, CustomStep>(), TimeProvider.System));
    }

    private sealed class DraftModel : IModel
    {
        public string Kind => "test";

        public string Version => "test@1";

        public ValueTask<ModelAnswer> InferAsync(ModelRequest request, CancellationToken cancellationToken) =>
            ValueTask.FromResult(new ModelAnswer(JsonSerializer.SerializeToUtf8Bytes(
                new { text = "about " + JsonSerializer.Deserialize<string>(request.Input.Span), finishReason = "stop" })));

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
