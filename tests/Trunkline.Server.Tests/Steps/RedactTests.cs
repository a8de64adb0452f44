using System.Text.Json;
using Trunkline.Server.Configuration;
using Trunkline.Server.Effects;
using Trunkline.Server.Steps;
using Trunkline.Server.Tests.Inference;

namespace Trunkline.Server.Tests.Steps;

/// <summary>What a redaction takes out and what it leaves.</summary>
public sealed class RedactTests
{
    private static readonly RedactKind[] All = [RedactKind.Mail, RedactKind.Phone, RedactKind.Card];

    [Theory]
    [InlineData("Write to anna.smith+x@mail.example.com today", "Write to [mail] today")]
    [InlineData("müller@exämple.de,bob@x.org", "[mail],[mail]")]
    [InlineData("Call +49 30 1234567 or (030) 123-45 67", "Call [phone] or [phone]")]
    [InlineData("0301234567", "[phone]")]
    [InlineData("card 4111 1111 1111 1111, or 5500-0000-0000-0004.", "card [card], or [card].")]
    [InlineData("4111111111111111", "[card]")]
    [InlineData("4111 1111 1111 1112", "4111 1111 1111 1112")]
    [InlineData("On 2026-03-01 at 12:30, server 192.168.100.200", "On 2026-03-01 at 12:30, server 192.168.100.200")]
    [InlineData("order 12345678 costs 1234567.89", "order 12345678 costs 1234567.89")]
    [InlineData("1.3.2026 and 01/03/2026", "1.3.2026 and 01/03/2026")]
    [InlineData("nothing here, a@b", "nothing here, a@b")]
    public async Task Addresses_phones_and_cards_go_and_what_only_looks_like_them_stays(string text, string expected)
    {
        var body = await Pipelines.Factory([new RedactStepConfig("redact-1", All, Pipelines.Here)]).BodyAsync(Pipelines.Json(JsonSerializer.Serialize(new { text })));
        Assert.Equal(expected, JsonDocument.Parse(body).RootElement.GetProperty("text").GetString());
    }

    [Fact]
    public async Task All_texts_are_looked_at_however_deep_and_only_those_of_the_fields_that_are_named()
    {
        const string Body = """{"a@b.de":{"list":["x@y.de",{"n":4111111111111111,"m":12}]},"note":"x@y.de","flag":true}""";
        Assert.Equal(
            """{"a@b.de":{"list":["[mail]",{"n":"[card]","m":12}]},"note":"[mail]","flag":true}""",
            await Pipelines.Factory([new RedactStepConfig("redact-1", All, Pipelines.Here)]).BodyAsync(Pipelines.Json(Body)));
        Assert.Equal(
            """{"a@b.de":{"list":["x@y.de",{"n":4111111111111111,"m":12}]},"note":"***mail","flag":true}""",
            await Pipelines.Factory([new RedactStepConfig("redact-1", All, Pipelines.Here) { Fields = ["note"], With = "***{kind}" }]).BodyAsync(Pipelines.Json(Body)));
    }

    [Theory]
    [InlineData("""["Anna Smith","Anna"]""")]
    [InlineData("""{"names":["Anna","Anna Smith"]}""")]
    public async Task Names_are_found_by_a_model_that_sees_only_what_is_left(string answer)
    {
        var model = new ScriptedModel(answer);
        var factory = Pipelines.Factory([new RedactStepConfig("redact-1", All, Pipelines.Here) { Names = "model" }], [Pipelines.To("out")], new EffectPort(), model);

        Assert.Equal(
            """{"text":"[name] wrote from [mail]. [name]'s cat, Annabel, too.","n":1}""",
            await factory.BodyAsync(Pipelines.Json("""{"text":"Anna Smith wrote from anna@x.de. Anna's cat, Annabel, too.","n":1}""")));
        Assert.DoesNotContain("anna@x.de", JsonSerializer.Deserialize<string>(Assert.Single(model.Requests).Input.Span)!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_that_answers_no_names_but_something_else_fails_the_message()
    {
        var factory = Pipelines.Factory(
            [new RedactStepConfig("redact-1", All, Pipelines.Here) { Names = "model" }], [Pipelines.To("out")], new EffectPort(), new ScriptedModel("""{"text":"Anna"}"""));
        Assert.Equal(("step.model-malformed", FaultClass.Poison), await factory.FaultAsync(Pipelines.Json("""{"text":"Anna"}""")) is var fault ? (fault.Code, fault.Class) : default);
    }

    [Fact]
    public async Task A_text_of_a_megabyte_of_digits_takes_no_time_to_speak_of()
    {
        var text = string.Concat(Enumerable.Repeat("1-", 500_000)) + "@";
        var factory = Pipelines.Factory([new RedactStepConfig("redact-1", All, Pipelines.Here)]);
        Assert.NotEmpty(await factory.BodyAsync(Pipelines.Json(JsonSerializer.Serialize(new { text }))).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
    }
}
