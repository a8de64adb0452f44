using Trunkline.Core.Config;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.Tests.Configuration;

/// <summary>Projects as texts, loaded without a disk.</summary>
internal static class Projects
{
    /// <summary>The example of the design, with all it shows.</summary>
    public const string Example = """
        include: [ flows/*.yaml ]
        node: { listen: "http://127.0.0.1:7420", data: ./.trunkline, broker: { kind: embedded } }   # comments count for nothing
        owners: { support-ai: { email: support-ai@example.com, chat: "#support-ai" } }
        topics:
          mail.received: { partitions: 8, retention: 7d, durability: sync, subject: mail-received, owner: support-ai }
          mail.urgent:   { owner: support-ai }
          mail.inbox:    {}
          mail.spam:     { retention: { age: 2d, size: 1GB } }
        models:
          language:  { kind: lingua, languages: [en, de, fr, es] }
          spam:      { kind: mlnet, path: models/spam-v1.zip }
          sentiment: { kind: lexicon }
          reply:     { kind: openai, endpoint: "${OPENAI_URL}", model: small, token: "${file:/run/secrets/openai}", timeout: 5s }
        flows:
          intake:
            from: { maildir: ./mails }
            steps: [ { parse: mail } ]
            to: { topic: mail.received, key: message.conversation }
          triage:
            from: { topic: mail.received }
            steps:
              - infer: { model: spam,      input: message.text, output: spam, overload: buffer }
              - infer: { model: sentiment, input: message.text, output: sentiment }
              - map: "({ ...message, seenAt: meta.time })"
            branch:
              - when: message.spam.probability > 0.9
                to: { topic: mail.spam }
              - when: message.sentiment.compound < -0.5
                to: [ { topic: mail.urgent }, { webhook: { url: "http://127.0.0.1:9000/urgent", secret: "${HOOK_SECRET}" } } ]
              - otherwise: true
                to: { topic: mail.inbox }
            retry: { attempts: 5, backoff: 200ms..30s }
            onFailure: park-key            # or park-message (default), stop
            owner: support-ai
        """;

    /// <summary>The example with its token in a variable.</summary>
    public static string Working { get; } = Example.Replace("${file:/run/secrets/openai}", "${OPENAI_TOKEN}", StringComparison.Ordinal);

    public static Dictionary<string, string> Variables { get; } = new(StringComparer.Ordinal)
    {
        ["OPENAI_URL"] = "https://models.example.com/v1",
        ["OPENAI_TOKEN"] = "sk-hidden",
        ["HOOK_SECRET"] = "whsec_hidden",
    };

    public static ProjectLoad Load(string text, Func<string, string?>? expressionCheck = null) =>
        Load(new Dictionary<string, string> { ["trunkline.yaml"] = text }, expressionCheck);

    public static ProjectLoad Load(IReadOnlyDictionary<string, string> files, Func<string, string?>? expressionCheck = null) =>
        ProjectFile.Load(ProjectSource.FromMemory(files, "trunkline.yaml", "/srv/project", Variables.GetValueOrDefault) with { ExpressionCheck = expressionCheck });

    /// <summary>The project of a text that must be without fault.</summary>
    public static ProjectConfig Valid(string text)
    {
        var load = Load(text);
        Assert.Empty(load.Faults);
        return load.Config!;
    }

    /// <summary>The only fault of a text.</summary>
    public static Fault OnlyFault(string text)
    {
        var load = Load(text);
        Assert.Null(load.Config);
        return Assert.Single(load.Faults);
    }
}
