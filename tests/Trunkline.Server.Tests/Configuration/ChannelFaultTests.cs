namespace Trunkline.Server.Tests.Configuration;

/// <summary>What is wrong with channels is told all at once, each with its line.</summary>
public sealed class ChannelFaultTests
{
    [Fact]
    public void Every_fault_of_the_channels_is_told_with_its_line()
    {
        var load = Projects.Load("""
            topics: { t: {} }
            flows:
              a:
                from: { webhook: { path: /x, verify: twilio, secret: s } }
                to:
                  - slack: { url: "https://hooks.slack.com/services/T0/B0/verysecret", text: "{{ message.text" }
                  - teams: { url: "ftp://example.com/topsecret" }
              b:
                from: { webhook: { path: /x, verify: github, secret: [ s ], url: "https://example.com/" } }
                to: { slack: { url: "http://10.0.0.1/hook", text: { template: "{% include 'a' %}" } } }
              c:
                from: { webhook: { path: /c, verify: standard-webhooks, secret: "whsec_%%" } }
                to: { use: { timeout: 1s } }
              d:
                from: { webhook: { verify: pagerduty, secret: [] } }
                to: { topic: t }
              e:
                from: { topic: t }
                to:
                  - file: { path: out.jsonl, folder: out, durability: never }
                  - file: { path: out.jsonl, name: "{{ meta.id }}", rotate: { keep: 3 } }
                  - file: { folder: out, rotate: { size: 1 }, name: "{% include 'x' %}" }
              f:
                from: { file: { path: "*.log", encoding: ebcdic, maxLine: 1GB } }
                to:
                  - sse: { path: chat, secret: short }
                  - websocket: { path: /chat, clients: 0 }
                  - websocket: /chat
              g:
                from: { websocket: { path: /x/../y, secret: [ short, "0123456789abcdef0123456789abcdef" ], maxSize: 1 } }
                to: { topic: t }
            """);
        Assert.Equal(
            [4, 6, 7, 9, 9, 10, 10, 12, 13, 15, 15, 15, 20, 20, 21, 21, 22, 22, 22, 24, 24, 26, 26, 27, 28, 30, 30, 30],
            load.Faults.Select(fault => fault.Where.Line).Order());
        Assert.All(load.Faults, fault => Assert.NotEmpty(fault.Remedy));
        Assert.DoesNotContain(load.Faults, fault => $"{fault.Message}{fault.Remedy}".Contains("secret'", StringComparison.Ordinal) && $"{fault.Message}".Contains("verysecret", StringComparison.Ordinal));
        Assert.DoesNotContain(load.Faults, fault => $"{fault.Message}{fault.Remedy}".Contains("topsecret", StringComparison.Ordinal));
    }

    [Fact]
    public void What_a_streamed_step_cannot_have_is_told()
    {
        var load = Projects.Load("""
            topics: { t: {} }
            models:
              plain: { kind: openai, endpoint: "https://a.example/v1", model: m }
              twice: { kind: openai, endpoint: "https://a.example/v1", model: m, hedge: 1s, fallback: words }
              words: { kind: lexicon }
            flows:
              nobody: { from: { topic: t }, steps: [ { infer: { model: plain, stream: true } } ], to: { topic: t } }
              followed:
                from: { topic: t }
                steps:
                  - infer: { model: plain, stream: true }
                  - infer: { model: twice, stream: true }
                  - infer: { model: words, stream: true }
                  - infer: { model: words }
                to: [ { sse: /x } ]
            """);
        Assert.Equal([7, 12, 13], load.Faults.Where(fault => fault.Message.Contains("streams", StringComparison.Ordinal)).Select(fault => fault.Where.Line));
    }
}
