namespace Trunkline.Models.Tests.Languages;

public sealed class LinguaModelTests
{
    [Fact]
    public async Task The_language_of_a_text_is_told_with_its_confidence()
    {
        await using var model = Create("en", "de");
        var german = await Ask.AboutAsync(model, "Guten Morgen, ich habe eine Frage zu meiner Rechnung.");

        Assert.Equal("de", german.GetProperty("language").GetString());
        Assert.InRange(german.GetProperty("confidence").GetDouble(), 0.8, 1);
        Assert.Equal("en", (await Ask.AboutAsync(model, "Good morning, I have a question about my invoice.")).GetProperty("language").GetString());
        Assert.EndsWith("/de+en", model.Version, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("12345 !!!")]
    public async Task A_text_without_a_clue_has_no_language(string text)
    {
        await using var model = Create("en", "de");

        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await Ask.AboutAsync(model, text)).GetProperty("language").ValueKind);
    }

    [Theory]
    [InlineData("en")]
    [InlineData("en", "EN")]
    [InlineData("en", "klingon")]
    public void Languages_that_are_unknown_or_too_few_are_refused(params string[] languages) =>
        Assert.Throws<InvalidModelException>(() => Create(languages));

    private static IModel Create(params string[] languages) =>
        ModelFactory.Create(new ModelOptions { Name = "language", Kind = "lingua", Languages = languages });
}
