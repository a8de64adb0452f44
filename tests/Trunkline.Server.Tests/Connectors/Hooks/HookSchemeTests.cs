using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors.Hooks;

namespace Trunkline.Server.Tests.Connectors.Hooks;

/// <summary>The examples the senders publish, and what differs from them by a little.</summary>
public sealed class HookSchemeTests
{
    private const string SlackBody = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA"
        + "&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        + "&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";

    private const string TwilioBody = "CallSid=CA1234567890ABCDE&Caller=%2B12349013030&Digits=1234&From=%2B12349013030&To=%2B18005551212";
    private const string Form = "application/x-www-form-urlencoded";
    private const string StandardSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string GitHubSignature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    private static readonly (string, string)[] Standard =
        [("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"), ("webhook-timestamp", "1614265330"), ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")];

    private static readonly (string, string)[] Slack =
        [("X-Slack-Request-Timestamp", "1531420618"), ("X-Slack-Signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503")];

    [Fact]
    public void The_examples_the_senders_publish_are_genuine()
    {
        Genuine(Judge(HookKind.Slack, "8f742231b10e8888abcd99yyyzzz85a5", SlackBody, 1531420618, Form, Slack));
        Genuine(Judge(HookKind.GitHub, "It's a Secret to Everybody", "Hello, World!", 0, "text/plain", ("X-Hub-Signature-256", GitHubSignature)));
        Genuine(Judge(HookKind.StandardWebhooks, StandardSecret, "{\"test\": 2432232314}", 1614265330, "application/json", Standard));
        Genuine(Twilio(TwilioBody, "?foo=1&bar=2", "0/KCTR6DLpKmkAf8muzZqo1nDgQ="));
    }

    [Fact]
    public void Of_several_secrets_and_signatures_one_that_fits_is_enough()
    {
        const string Body = """{"id":"evt_1","type":"charge.succeeded"}""";
        var good = Hex("old", "1700000000." + Body);
        Genuine(Judge(HookKind.Stripe, ["new", "old"], Body, 1700000000, ("Stripe-Signature", $"t=1700000000,v1={Hex("other", "x")},v1={good},v0=ffff")));
        Genuine(Judge(HookKind.StandardWebhooks, ["plain", StandardSecret], "{\"test\": 2432232314}", 1614265330, Standard[0], Standard[1], ("webhook-signature", "v1,AAAA v2,x " + Standard[2].Item2)));
        Assert.IsType<HookVerdict.Forged>(Judge(HookKind.Stripe, ["new"], Body, 1700000000, ("Stripe-Signature", $"t=1700000000,v1={good}")));
    }

    [Fact]
    public void What_was_signed_too_long_ago_or_too_far_ahead_is_stale()
    {
        foreach (var (offset, isStale) in new[] { (300, false), (301, true), (-300, false), (-301, true) })
        {
            var verdict = Judge(HookKind.Slack, "8f742231b10e8888abcd99yyyzzz85a5", SlackBody, 1531420618 + offset, Form, Slack);
            Assert.Equal(isStale, verdict is HookVerdict.Stale);
            Assert.Equal(isStale, Judge(HookKind.StandardWebhooks, StandardSecret, "{\"test\": 2432232314}", 1614265330 + offset, "application/json", Standard) is HookVerdict.Stale);
        }
    }

    [Fact]
    public void Whatever_is_changed_of_what_is_signed_is_forged()
    {
        var forged = new List<HookVerdict>
        {
            Judge(HookKind.Slack, "8f742231b10e8888abcd99yyyzzz85a5", SlackBody + "&x=1", 1531420618, Form, Slack),
            Judge(HookKind.Slack, "8f742231b10e8888abcd99yyyzzz85a5", SlackBody, 1531420618, Form, ("X-Slack-Request-Timestamp", "1531420619"), Slack[1]),
            Judge(HookKind.Slack, "another", SlackBody, 1531420618, Form, Slack),
            Judge(HookKind.Slack, "another", SlackBody, 1531420618, Form),
            Judge(HookKind.GitHub, "It's a Secret to Everybody", "Hello, World?", 0, "text/plain", ("X-Hub-Signature-256", GitHubSignature)),
            Judge(HookKind.StandardWebhooks, StandardSecret, "{\"test\": 2432232314}", 1614265330, "application/json", ("webhook-id", "msg_other"), Standard[1], Standard[2]),
            Twilio(TwilioBody, "?foo=1&bar=3", "0/KCTR6DLpKmkAf8muzZqo1nDgQ="),
            Twilio(TwilioBody.Replace("1234&", "1235&", StringComparison.Ordinal), "?foo=1&bar=2", "0/KCTR6DLpKmkAf8muzZqo1nDgQ="),
        };
        foreach (var odd in new[] { "", "sha256=", "sha256=zz", "sha1=00", "sha256=" + new string('a', 5000), GitHubSignature + "00", GitHubSignature[..^2] })
        {
            forged.Add(Judge(HookKind.GitHub, "It's a Secret to Everybody", "Hello, World!", 0, "text/plain", ("X-Hub-Signature-256", odd)));
        }

        foreach (var odd in new[] { "", "t=,v1=", "t=1700000000", "v1=00", "t=99999999999999999999,v1=00", "t=-1,v1=00", new string(',', 4000) })
        {
            forged.Add(Judge(HookKind.Stripe, ["s"], "{}", 1700000000, ("Stripe-Signature", odd)));
        }

        Assert.All(forged, verdict => Assert.IsType<HookVerdict.Forged>(verdict));
    }

    [Fact]
    public void Twilio_signs_the_hash_of_what_is_no_form()
    {
        const string Body = """{"a":1}""";
        var query = "?bodySHA256=" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Body)));
        var signature = Convert.ToBase64String(Mac(HashAlgorithmName.SHA1, "12345", "https://mycompany.com/myapp.php" + query));
        Genuine(Twilio(Body, query, signature, "application/json"));
        Assert.IsType<HookVerdict.Forged>(Twilio(Body + " ", query, signature, "application/json"));
    }

    [Fact]
    public void Repeats_have_one_identity_however_they_are_dressed_up()
    {
        const string Body = """{"event_id":"Ev1","type":"event_callback"}""";
        var identities = new[] { 1700000000, 1700000060 }.Select(at => Genuine(Judge(
            HookKind.Slack, ["s"], Body, at, ("X-Slack-Request-Timestamp", $"{at}"), ("X-Slack-Signature", "v0=" + Hex("s", $"v0:{at}:{Body}")))));
        Assert.Single(identities.Distinct());
        var gitHub = new[] { GitHubSignature, "sha256=" + GitHubSignature[7..].ToUpperInvariant() }.Select((signature, i) => Genuine(Judge(
            HookKind.GitHub, "It's a Secret to Everybody", "Hello, World!", 0, "text/plain", ("X-Hub-Signature-256", signature), ("X-GitHub-Delivery", $"{i}"))));
        Assert.Single(gitHub.Distinct());
        var slackCase = Genuine(Judge(HookKind.Slack, "8f742231b10e8888abcd99yyyzzz85a5", SlackBody, 1531420618, Form, Slack[0], (Slack[1].Item1, "v0=" + Slack[1].Item2[3..].ToUpperInvariant())));
        Assert.Equal(Genuine(Judge(HookKind.Slack, "8f742231b10e8888abcd99yyyzzz85a5", SlackBody, 1531420618, Form, Slack)), slackCase);
    }

    [Fact]
    public void A_form_becomes_json()
    {
        Assert.Equal("""{"a":"1 2","b":["x","y"],"\u00E4":""}""", Encoding.UTF8.GetString(HookForm.ToJson("a=1+2&b=x&b=y&%C3%A4"u8.ToArray())));
        Assert.Equal("""{"type":"block_actions"}""", Encoding.UTF8.GetString(HookForm.ToJson("payload=%7B%22type%22%3A%22block_actions%22%7D"u8.ToArray())));
        Assert.Equal("""{"payload":"{"}""", Encoding.UTF8.GetString(HookForm.ToJson("payload=%7B"u8.ToArray())));
    }

    private static string Genuine(HookVerdict verdict) => Assert.IsType<HookVerdict.Genuine>(verdict).Identity;

    private static HookVerdict Twilio(string body, string query, string signature, string contentType = Form) => HookSchemes
        .Of(new WebhookSourceConfig("/t", HookKind.Twilio, [new Secret("12345")], default) { Url = new Uri("https://mycompany.com/myapp.php") })
        .Judge(Request(body, query, 0, contentType, ("X-Twilio-Signature", signature)));

    private static HookVerdict Judge(HookKind kind, string secret, string body, long now, string contentType, params (string, string)[] headers) =>
        HookSchemes.Of(new WebhookSourceConfig("/h", kind, [new Secret(secret)], default)).Judge(Request(body, "", now, contentType, headers));

    private static HookVerdict Judge(HookKind kind, string[] secrets, string body, long now, params (string, string)[] headers) =>
        HookSchemes.Of(new WebhookSourceConfig("/h", kind, [.. secrets.Select(s => new Secret(s))], default)).Judge(Request(body, "", now, "application/json", headers));

    private static HookRequest Request(string body, string query, long now, string contentType, params (string Name, string Value)[] headers)
    {
        var all = new HeaderDictionary();
        foreach (var (name, value) in headers)
        {
            all[name] = value;
        }

        return new HookRequest(all, query, contentType, Encoding.UTF8.GetBytes(body), DateTimeOffset.FromUnixTimeSeconds(now));
    }

    private static string Hex(string secret, string text) => Convert.ToHexStringLower(Mac(HashAlgorithmName.SHA256, secret, text));

    private static byte[] Mac(HashAlgorithmName algorithm, string secret, string text)
    {
        using var mac = IncrementalHash.CreateHMAC(algorithm, Encoding.UTF8.GetBytes(secret));
        mac.AppendData(Encoding.UTF8.GetBytes(text));
        return mac.GetHashAndReset();
    }
}
