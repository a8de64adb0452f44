namespace Trunkline.Cli.Demo.Failure;

/// <summary>The project of the failure demo, as it is at first and as mended: only then it can read a mail without a text.</summary>
internal static class FailureProject
{
    public const string Flow = "desk";

    public const string Source = "mail.received";

    public const string Target = "mail.out";

    private const string Text = """
        node: { broker: { kind: embedded } }
        topics: { mail.received: { partitions: 2 }, mail.out: { partitions: 2 } }
        flows:
          desk:
            from: { topic: mail.received }
            steps: [ { parse: json }, { map: "({ ...message, words: WORDS.split(' ').length })" } ]
            to: [ { topic: mail.out }, { webhook: { url: "${DEMO_SINK}" } } ]
            retry: { attempts: 2, backoff: 20ms..100ms, later: [1s, 1s, 2s, 2s, 4s, 4s, 8s, 8s, 16s, 16s] }
            onFailure: park-key
        """;

    /// <summary>The project as text.</summary>
    public static string Of(bool isMended) => Text.Replace("WORDS", isMended ? "(message.text || '')" : "message.text", StringComparison.Ordinal);
}
