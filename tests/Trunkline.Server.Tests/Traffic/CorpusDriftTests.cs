using System.Text;
using Trunkline.Messaging;
using Trunkline.Server.Traffic;

namespace Trunkline.Server.Tests.Traffic;

/// <summary>
/// Drift over the mails of the demo, as its intake writes them: 100,000 that do not drift raise no alarm, and what is planted is told. The mails that come with the program always; the
/// public corpus where the demo has fetched it.
/// </summary>
[Trait("speed", "slow")]
public sealed class CorpusDriftTests
{
    private const int Messages = 100_000;

    private static readonly Message Written = new() { Source = "/mail", ContentType = "application/json" };

    private readonly TopicTraffic _traffic = new();

    [Theory]
    [InlineData(Corpus.Bundled)]
    [InlineData(Corpus.Public)]
    public void A_hundred_thousand_mails_that_do_not_drift_raise_no_alarm_and_planted_drift_is_told_within_a_thousand(string corpus)
    {
        var (mails, dice) = (Corpus.Read(corpus), new Random(42));
        Assert.Empty(Add(Rounds(mails, dice).Take(Messages)));
        Assert.Equal(Messages, _traffic.Producers[Written.Source].Messages);
        var told = Add(Rounds(mails, dice).Take(1000).Select(mail => Changed(mail)));
        Assert.Contains(told, finding => finding is { Kind: DriftKind.Retyped, Path: "subject" });
        Assert.Contains(told, finding => finding is { Kind: DriftKind.NewField, Path: "x" });
    }

    [Fact]
    public void Mails_that_come_in_the_same_order_again_and_again_raise_no_alarm()
    {
        var mails = Corpus.Read(Corpus.Bundled);
        Assert.Empty(Add(Enumerable.Repeat(mails, (Messages / mails.Count) + 1).SelectMany(round => round).Take(Messages)));
    }

    /// <summary>All mails, each once, in an order of chance; then all again in another.</summary>
    private static IEnumerable<byte[]> Rounds(IReadOnlyList<byte[]> mails, Random dice)
    {
        var order = mails.ToArray();
        while (true)
        {
            dice.Shuffle(order);
            foreach (var mail in order)
            {
                yield return mail;
            }
        }
    }

    private static byte[] Changed(byte[] mail) =>
        Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(mail).Replace("\"subject\":\"", "\"subject\":7,\"x\":\"", StringComparison.Ordinal));

    private List<DriftFinding> Add(IEnumerable<byte[]> mails) => [.. mails.SelectMany(mail => _traffic.Add(Written, mail, "", null).Findings)];
}
