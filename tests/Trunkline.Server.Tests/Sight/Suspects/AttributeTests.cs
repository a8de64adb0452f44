using Trunkline.Client.Api;
using Trunkline.Server.Sight.Suspects;

namespace Trunkline.Server.Tests.Sight.Suspects;

/// <summary>Scripted incidents of some messages only: what they have in common is named, and where they have nothing in common nothing is.</summary>
public sealed class AttributeTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static TheoryData<string, string> Incidents => new()
    {
        { "a tenant fails", "steps failing, tenant t7" },
        { "a key is poison", "steps failing, key k3" },
        { "a new version fails", "steps failing, version of model reply v2" },
        { "a channel fails at a sink", "sink hook failing, message.channel voice" },
        { "a language is slow", "message.language tr slower" },
        { "large ones are slow", "size 64 to 256 KiB slower" },
        { "a revision is slow", "revision 8 slower" },
        { "a tenant is tried again", "steps failing, tenant t7" },
        { "nothing: some fail, any of them", "" },
        { "nothing: a tenant always failed", "" },
        { "nothing: large ones were always slow", "" },
        { "nothing: few fail", "" },
    };

    [Theory]
    [MemberData(nameof(Incidents))]
    public void What_they_have_in_common_is_named_and_nothing_where_there_is_nothing(string incident, string expected)
    {
        for (var seed = 1; seed <= 5; seed++)
        {
            var happened = Of(incident);
            var before = incident.Contains("always", StringComparison.Ordinal) ? happened : (_, _) => { };
            var suspects = AttributeSuspects.Alone(new SeenMessages(Messages(seed, happened), Messages(seed + 100, before)), "chat", TimeSpan.FromSeconds(2));
            Assert.Equal(expected, suspects is [var first, ..] ? Told(first, expected) : "");
        }
    }

    [Fact]
    public void Two_causes_are_both_named()
    {
        var both = Messages(1, (m, random) =>
        {
            Of("a tenant fails")(m, random);
            Of("a language is slow")(m, random);
        });
        var suspects = AttributeSuspects.Alone(new SeenMessages(both, Messages(2, (_, _) => { })), "chat", TimeSpan.FromSeconds(2));
        Assert.Equal(["steps", "message.language tr"], suspects.Select(s => s.Hop));
    }

    [Fact]
    public void A_hop_that_stands_out_is_told_with_the_messages_it_fails_for_and_each_claim_has_its_data()
    {
        var seen = new SeenMessages(Messages(1, Of("a tenant fails")), Messages(2, (_, _) => { }));
        var hop = new SuspectView("model reply", "failing", 100, [new EvidenceView("40 of 600 tries failed", "/map")]);
        var told = Assert.Single(AttributeSuspects.Add([hop], seen, "chat", null));
        Assert.StartsWith("40 of 600", told.Evidence[0].Says, StringComparison.Ordinal);
        Assert.Contains("have tenant t7", told.Evidence[1].Says, StringComparison.Ordinal);
        Assert.Equal("/dead?flow=chat&tenant=t7", told.Evidence[1].Link);
    }

    private static string Told(SuspectView first, string expected)
    {
        var place = $"{first.Hop} {first.Kind}";
        return expected.Split(", ") is [var hop, var attribute] && hop == place && first.Evidence[0].Says.Contains($"have {attribute}:", StringComparison.Ordinal) ? expected : place;
    }

    private static Action<Script, Random> Of(string incident) => incident switch
    {
        "a tenant fails" or "nothing: a tenant always failed" => (m, random) => Fail(m, m.Tenant == "t7" && random.NextDouble() < 0.9),
        "a tenant is tried again" => (m, random) => Fail(m, m.Tenant == "t7" && random.NextDouble() < 0.6),
        "a key is poison" => (m, _) => Fail(m, m.Key == "k3"),
        "a new version fails" => (m, random) => Fail(m, m.Version == "v2" && random.NextDouble() < 0.5),
        "a channel fails at a sink" => (m, random) => m.FailedAt = m.Channel == "voice" && random.NextDouble() < 0.7 ? "hook" : m.FailedAt,
        "a language is slow" => (m, random) => m.Took *= m.Language == "tr" ? 8 + random.NextDouble() : 1,
        "large ones are slow" or "nothing: large ones were always slow" => (m, _) => m.Took *= m.Size == "64 to 256 KiB" ? 10 : 1,
        "a revision is slow" => (m, _) => m.Took *= m.Revision == "8" ? 9 : 1,
        "nothing: some fail, any of them" => (m, random) => Fail(m, random.NextDouble() < 0.05),
        "nothing: few fail" => (m, _) => Fail(m, m.Number < 5),
        _ => throw new ArgumentOutOfRangeException(nameof(incident), incident, null),
    };

    private static void Fail(Script message, bool fails) => message.FailedAt = fails ? HopSide.Steps : message.FailedAt;

    private static List<SeenMessage> Messages(int seed, Action<Script, Random> incident)
    {
        var random = new Random(seed);
        var messages = new List<SeenMessage>();
        for (var i = 0; i < 800; i++)
        {
            var script = new Script(i, random);
            incident(script, random);
            messages.Add(new SeenMessage($"m{i}", Now.AddSeconds(-i), TimeSpan.FromSeconds(script.Took), script.FailedAt, script.FailedAt is null ? null : "step.exception", new Dictionary<string, string>
            {
                ["tenant"] = script.Tenant,
                ["key"] = script.Key,
                ["size"] = script.Size,
                ["revision"] = script.Revision,
                ["version of model reply"] = script.Version,
                ["message.language"] = script.Language,
                ["message.channel"] = script.Channel,
            }));
        }

        return messages;
    }

    private sealed class Script(int number, Random random)
    {
        public int Number => number;

        public string Tenant { get; } = $"t{random.Next(20)}";

        public string Key { get; } = $"k{random.Next(40)}";

        public string Version { get; } = random.NextDouble() < 0.2 ? "v2" : "v1";

        public string Revision { get; } = random.NextDouble() < 0.2 ? "8" : "7";

        public string Language { get; } = new[] { "de", "en", "en", "fr", "tr" }[random.Next(5)];

        public string Channel { get; } = new[] { "chat", "mail", "voice" }[random.Next(3)];

        public string Size { get; } = new[] { "under 1 KiB", "1 to 4 KiB", "4 to 16 KiB", "64 to 256 KiB" }[random.Next(4)];

        public double Took { get; set; } = 0.3 * Math.Exp((random.NextDouble() - 0.5) * 1.2);

        public string? FailedAt { get; set; }
    }
}
