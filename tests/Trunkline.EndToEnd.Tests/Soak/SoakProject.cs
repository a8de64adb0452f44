namespace Trunkline.EndToEnd.Tests.Soak;

/// <summary>The project the node runs: one flow with a model, a topic and a webhook behind it; topics that forget, so that the disk can stay flat.</summary>
internal static class SoakProject
{
    public const int Partitions = 4;

    public static string Text(Uri outside) => $$"""
        node: { allowAddresses: [ "127.0.0.1/32" ] }
        topics:
          in: { partitions: {{Partitions}}, retention: { size: 8MB } }
          out: { partitions: {{Partitions}}, retention: { size: 8MB } }
        models:
          opinion: { kind: openai, endpoint: "{{outside}}v1", model: small, timeout: 10s }
        flows:
          work:
            from: { topic: in }
            steps:
              - infer: { model: opinion, input: message.text, output: said }
              - map: "({ id: message.id, n: message.n, text: message.text, said: message.said })"
            to: [ { topic: out }, { webhook: { url: "{{outside}}hook" } } ]
            retry: { attempts: 100, backoff: 50ms..500ms }
        """;
}
