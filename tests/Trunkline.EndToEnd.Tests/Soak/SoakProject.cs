namespace Trunkline.EndToEnd.Tests.Soak;

/// <summary>
/// The project the node runs: one flow with a model, a topic and a webhook behind it. Every bound is small, so that a run of some minutes reaches
/// them all and growth beyond them shows: what topics keep, what is kept beside the outputs, the store's memory and its log.
/// </summary>
internal static class SoakProject
{
    public const int Partitions = 4;
    private const double MB = 1e6;
    private const double KeptMB = 2;
    private const double LogMB = 16;
    private const double RemovedMB = 64;
    private const double MessageMB = 4096 / MB;

    /// <summary>
    /// What the data may take on disk, in MB: what is kept in the partitions of four topics and in the outcomes, as much again as garbage beside it and what
    /// is not yet worth a rewrite, two minutes' messages since retention last ran (each stored up to five times, about 3 KB; the average counts minutes in which the
    /// node was down), and the log.
    /// </summary>
    /// <param name="messagesPerMinute">Messages acknowledged in a minute.</param>
    public static double DiskMax(double messagesPerMinute) => (2 * KeptMB * ((4 * Partitions) + 1)) + (2 * RemovedMB) + (2 * messagesPerMinute * MessageMB) + LogMB;

    public static string Text(Uri outside) => $$"""
        node: { allowAddresses: [ "127.0.0.1/32" ], broker: { kind: embedded, memory: 32MiB } }
        topics:
          in: { partitions: {{Partitions}}, retention: { size: 2MB }, dedupeWindow: 3m }
          out: { partitions: {{Partitions}}, retention: { size: 2MB } }
        models:
          opinion: { kind: openai, endpoint: "{{outside}}v1", model: small, timeout: 10s }
        flows:
          work:
            from: { topic: in }
            steps:
              - infer: { model: opinion, input: message.text, output: said }
              - map: "({ id: message.id, n: message.n, text: message.text, said: message.said })"
            to: [ { topic: out }, { webhook: { url: "{{outside}}hook" } } ]
            keep: { effects: { size: 2MB }, outcomes: { size: 2MB }, sent: { size: 2MB } }
            retry: { attempts: 100, backoff: 50ms..500ms }
        """;
}
