using System.Text;
using System.Text.Json;
using Trunkline.Core.Security;
using Trunkline.Models;
using Trunkline.Server.Configuration;
using Trunkline.Server.Inference;
using Trunkline.Server.Steps;
using Trunkline.Server.Tests.Steps;

namespace Trunkline.Server.Tests.Inference;

/// <summary>Answers that must be in a language, told by the real detector.</summary>
public sealed class AnswerLanguageTests
{
    private const string German = "Guten Tag, meine Bestellung ist noch immer nicht angekommen. Wann wird sie endlich geliefert?";
    private const string InGerman = "Es tut uns leid, dass Ihre Bestellung noch nicht da ist. Wir schicken Ihnen morgen eine neue Lieferung.";
    private const string InEnglish = "We are sorry that your order has not arrived yet. We will send you another delivery tomorrow.";

    [Fact]
    public async Task An_answer_in_another_language_than_the_question_is_sent_back_once_and_the_mended_one_counts()
    {
        var model = Answering(InEnglish, InGerman);
        var result = await AskAsync(model, German, code: null);

        Assert.Contains("neue Lieferung", Pipelines.Text(Assert.Single(Assert.IsType<PipelineResult.Delivered>(result).Outputs).Message), StringComparison.Ordinal);
        var again = JsonSerializer.Deserialize<string>(model.Requests[1].Input.Span)!;
        Assert.Contains("Answer again in the language 'de'.", again, StringComparison.Ordinal);
        Assert.Contains(InEnglish, again, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(German, null, InGerman)]
    [InlineData(German, "en", InEnglish)]
    [InlineData("42", null, InEnglish)]
    [InlineData(German, null, "OK")]
    public async Task An_answer_in_the_right_language_or_one_that_cannot_be_told_counts_at_once(string question, string? code, string answer)
    {
        var model = Answering(answer);
        Assert.IsType<PipelineResult.Delivered>(await AskAsync(model, question, code));
        Assert.Single(model.Requests);
    }

    [Fact]
    public async Task An_answer_in_the_wrong_language_twice_is_a_fault_like_one_that_does_not_fit_its_schema()
    {
        var fault = Assert.IsType<PipelineResult.Failed>(await AskAsync(Answering(InGerman, InGerman), "Where is my order? It should have been here last week.", code: "en")).Fault;
        Assert.Equal(("step.model-malformed", FaultClass.Poison), (fault.Code, fault.Class));
        Assert.Contains("not in the language 'en'", fault.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("leid", fault.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_sentences_of_an_answer_with_fields_are_looked_at_and_its_labels_are_not()
    {
        var model = new ScriptedModel((_, _) => ValueTask.FromResult(new ModelAnswer(JsonSerializer.SerializeToUtf8Bytes(new { kind = "delivery", reply = new[] { InGerman } }))));
        Assert.IsType<PipelineResult.Delivered>(await AskAsync(model, German, code: null));
        Assert.Single(model.Requests);
        Assert.IsType<PipelineResult.Failed>(await AskAsync(model, German, code: "en"));
    }

    private static ScriptedModel Answering(params string[] answers)
    {
        var next = 0;
        return new ScriptedModel((_, _) => ValueTask.FromResult(new ModelAnswer(JsonSerializer.SerializeToUtf8Bytes(new { text = answers[next++] }))));
    }

    private static async Task<PipelineResult> AskAsync(ScriptedModel model, string question, string? code)
    {
        await using var catalog = new ModelCatalog(new OutgoingAddressPolicy(), new Dictionary<string, IModel> { ["model"] = model }, TimeProvider.System);
        await using var models = catalog.Lease(new ProjectConfig
        {
            Models = new[]
            {
                new ModelConfig { Name = "model", Kind = "use", Answers = new ModelAnswerConfig { Language = new AnswerLanguageConfig("tongue", code) } },
                new ModelConfig { Name = "tongue", Kind = "lingua", Languages = ["en", "de"] },
            }.ToDictionary(m => m.Name),
        });
        return await Pipelines.Flow(models).RunAsync(Pipelines.Json(Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(new { text = question }))));
    }
}
