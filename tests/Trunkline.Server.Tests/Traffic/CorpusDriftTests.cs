using Trunkline.Mail;
using Trunkline.Messaging;
using Trunkline.Server.Traffic;

namespace Trunkline.Server.Tests.Traffic;

/// <summary>Drift over the mails of the demo: 100,000 drawn from them raise no alarm, and what is planted is told. The public corpus where it is in the cache, else the bundled mails.</summary>
[Trait("speed", "slow")]
public sealed class CorpusDriftTests
{
    private const string Public = ".cache/spamassassin-0.2.3";

    [Fact]
    public void A_hundred_thousand_mails_that_do_not_drift_raise_no_alarm_and_planted_drift_is_told_within_a_thousand()
    {
        var mails = Mails();
        var (dice, traffic) = (new Random(42), new TopicTraffic());
        var message = new Message { Source = "/mail", ContentType = "application/json" };
        Assert.Empty(Draw(100_000, mail => mail));
        var told = Draw(1000, mail => mail.Replace("\"subject\":\"", "\"subject\":7,\"x\":\"", StringComparison.Ordinal));
        Assert.Contains(told, finding => finding is { Kind: DriftKind.Retyped, Path: "subject" });
        Assert.Contains(told, finding => finding is { Kind: DriftKind.NewField, Path: "x" });

        List<DriftFinding> Draw(int count, Func<string, string> change)
        {
            var found = new List<DriftFinding>();
            for (var i = 0; i < count; i++)
            {
                var mail = System.Text.Encoding.UTF8.GetBytes(change(mails[dice.Next(mails.Count)]));
                found.AddRange(traffic.Add(message, mail, "", null).Findings);
            }

            return found;
        }
    }

    private static List<string> Mails()
    {
        var cached = Path.Combine(Repository.Root, Public);
        var folder = Directory.Exists(cached) ? cached : Path.Combine(Repository.Root, "samples/mail/bundled/mails");
        var parser = new MailParser();
        var mails = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(file => parser.Parse(File.ReadAllBytes(file), TestContext.Current.CancellationToken)).OfType<MailParseResult.Parsed>()
            .Select(mail => System.Text.Encoding.UTF8.GetString(mail.Body.Span)).ToList();
        Assert.InRange(mails.Count, 200, 20_000);
        return mails;
    }
}
