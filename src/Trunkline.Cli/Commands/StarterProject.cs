namespace Trunkline.Cli.Commands;

/// <summary>What <c>trunkline init</c> writes. A test runs it from beginning to end.</summary>
internal static class StarterProject
{
    public const string GitIgnore = """
        .trunkline/

        """;

    public const string Project = """
        # A Trunkline project. 'trunkline check' tells every fault in it, 'trunkline run' runs it,
        # 'trunkline apply' puts a changed one in force without a stop.
        #
        #   trunkline run
        #   trunkline publish notes.received '{"text":"The update broke everything. Terrible!"}'
        #   trunkline read notes.unhappy

        # Topics keep messages safe and in order. A message is acknowledged only after it is on disk.
        topics:
          notes.received: { partitions: 4, retention: 7d }
          notes.unhappy: {}
          notes.other: {}

        # Models read messages. This one comes with Trunkline and needs no network.
        models:
          sentiment: { kind: lexicon }

        # A flow takes messages from a topic, works on them step by step, and hands them on, all of it as one unit:
        # after a crash nothing is lost and nothing is written twice.
        flows:
          triage:
            from: { topic: notes.received }
            steps:
              # A message without text ends here, and is counted as filtered.
              - filter: typeof message.text === 'string'
              # The model's answer is put into the message under 'sentiment'; compound runs from -1 to 1.
              - infer: { model: sentiment, input: message.text, output: sentiment }
            branch:
              - when: message.sentiment.compound < -0.3
                to: { topic: notes.unhappy }
              - otherwise: true
                to: { topic: notes.other }
            # A message that keeps failing goes to 'triage.dead' with its cause, and the others go on.
            retry: { attempts: 5, backoff: 200ms..30s }
            onFailure: park-message

        """;
}
