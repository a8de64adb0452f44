using System.Text;

namespace Trunkline.Models.Tests.Lexicon;

public sealed class LexiconModelTests
{
    private static readonly IModel s_model = ModelFactory.Create(new ModelOptions { Name = "sentiment", Kind = "lexicon" });

    // The examples and values published with the word list: npm vader-sentiment 1.1.3, and where it differs (it drops words of one
    // letter, and overlooks "But") the README of vaderSentiment 3.3.
    [Theory]
    [InlineData("VADER is smart, handsome, and funny.", 0.8316, 0.746, 0.254, 0.0)]
    [InlineData("VADER is not smart, handsome, nor funny.", -0.7424, 0.0, 0.354, 0.646)]
    [InlineData("VADER is smart, handsome, and funny!", 0.8439, 0.752, 0.248, 0.0)]
    [InlineData("VADER is very smart, handsome, and funny.", 0.8545, 0.701, 0.299, 0.0)]
    [InlineData("VADER is VERY SMART, handsome, and FUNNY.", 0.9227, 0.754, 0.246, 0.0)]
    [InlineData("VADER is VERY SMART, handsome, and FUNNY!!!", 0.9342, 0.767, 0.233, 0.0)]
    [InlineData("VADER is VERY SMART, uber handsome, and FRIGGIN FUNNY!!!", 0.9469, 0.706, 0.294, 0.0)]
    [InlineData("The book was good.", 0.4404, 0.492, 0.508, 0.0)]
    [InlineData("The book was kind of good.", 0.3832, 0.343, 0.657, 0.0)]
    [InlineData("The book was only kind of good.", 0.3832, 0.303, 0.697, 0.0)]
    [InlineData("The plot was good, but the characters are uncompelling and the dialog is not great.", -0.7042, 0.094, 0.579, 0.327)]
    [InlineData("At least it isn't a horrible book.", 0.431, 0.322, 0.678, 0.0)]
    [InlineData("Make sure you :) or :D today!", 0.8633, 0.706, 0.294, 0.0)]
    [InlineData("Today SUX!", -0.5461, 0.0, 0.221, 0.779)]
    [InlineData("Today only kinda sux! But I'll get by, lol", 0.5249, 0.317, 0.556, 0.127)]
    [InlineData("Not bad at all", 0.431, 0.487, 0.513, 0.0)]
    public async Task Published_examples_get_their_published_values(string text, double compound, double positive, double neutral, double negative)
    {
        var sentiment = await Ask.AboutAsync(s_model, text);

        Assert.Equal(compound, sentiment.GetProperty("compound").GetDouble());
        Assert.Equal(positive, sentiment.GetProperty("pos").GetDouble());
        Assert.Equal(neutral, sentiment.GetProperty("neu").GetDouble());
        Assert.Equal(negative, sentiment.GetProperty("neg").GetDouble());
    }

    [Theory]
    [InlineData("It isn\u2019t good", "It isn't good")]
    [InlineData("good  BUT\n\tbad", "good BUT bad")]
    public async Task Ways_of_writing_the_same_are_felt_the_same(string one, string other) =>
        Assert.Equal((await Ask.AboutAsync(s_model, one)).GetRawText(), (await Ask.AboutAsync(s_model, other)).GetRawText());

    [Theory]
    [InlineData("never so good", "good")]
    [InlineData("without a doubt good", "without good")]
    [InlineData("the food is great, but good", "the food is good, but great", false)]
    [InlineData("a good book", "no good book")]
    [InlineData("a very good book", "a slightly good book")]
    [InlineData("good!!!!", "good!!")]
    [InlineData("a GOOD book", "a good book")]
    [InlineData("this is the shit", "this is shit")]
    public async Task The_first_is_felt_better_than_the_second(string better, string worse, bool expected = true)
    {
        var one = (await Ask.AboutAsync(s_model, better)).GetProperty("compound").GetDouble();
        var other = (await Ask.AboutAsync(s_model, worse)).GetProperty("compound").GetDouble();

        Assert.Equal(expected, one > other);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   \n")]
    [InlineData("!!! ???")]
    [InlineData("\u0001\u0002 \uFFFD")]
    public async Task Text_without_words_is_neutral(string text) =>
        Assert.Equal(0, (await Ask.AboutAsync(s_model, text)).GetProperty("compound").GetDouble());

    [Fact]
    public async Task Long_text_is_judged_in_time_and_stays_in_range()
    {
        var text = string.Concat(Enumerable.Repeat("not very good, kind of bad!!! ", 100_000));

        var sentiment = await Ask.AboutAsync(s_model, text);

        Assert.InRange(sentiment.GetProperty("compound").GetDouble(), -1, 1);
    }

    [Theory]
    [InlineData("{\"a\":1}")]
    [InlineData("null")]
    [InlineData("\"open")]
    [InlineData("\"\\ud800\"")]
    [InlineData("")]
    public async Task What_is_not_text_is_refused(string json)
    {
        var request = new ModelRequest(Encoding.UTF8.GetBytes(json), "key");

        var failure = await Assert.ThrowsAsync<ModelException>(async () => await s_model.InferAsync(request, TestContext.Current.CancellationToken));

        Assert.Equal(ModelFailure.Refused, failure.Failure);
    }

    [Fact]
    public async Task An_own_word_list_is_used_and_has_its_own_version()
    {
        var path = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"));
        await File.WriteAllTextAsync(path, "broken\t-3\n", TestContext.Current.CancellationToken);
        await using var model = ModelFactory.Create(new ModelOptions { Name = "own", Kind = "lexicon", Path = path });
        File.Delete(path);

        Assert.True((await Ask.AboutAsync(model, "it is broken")).GetProperty("compound").GetDouble() < -0.5);
        Assert.Equal(0, (await Ask.AboutAsync(model, "it is good")).GetProperty("compound").GetDouble());
        Assert.NotEqual(s_model.Version, model.Version);
    }

    [Fact]
    public void A_wrong_word_list_is_refused_with_its_line()
    {
        var path = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"));
        File.WriteAllText(path, "good\t2\nbad\n");

        var fault = Assert.Throws<InvalidModelException>(() => ModelFactory.Create(new ModelOptions { Name = "own", Kind = "lexicon", Path = path }));
        File.Delete(path);

        Assert.Contains(":2 ", fault.Message, StringComparison.Ordinal);
    }
}
