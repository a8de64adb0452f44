using System.Globalization;
using System.Text;
using System.Text.Json;
using Trunkline.Client;
using Trunkline.Client.Api;
using Trunkline.Server.Configuration;

namespace Trunkline.Cli.Demo.Planted;

/// <summary>
/// A chat whose model is slow on purpose, so that there is trouble to find: questions of two tenants, more than its model answers in the time the flow
/// promises. It is no part of the sample, and says so.
/// </summary>
internal sealed class PlantedChat : IAsyncDisposable
{
    /// <summary>The flow.</summary>
    public const string Flow = "chat";

    /// <summary>The model that is slow.</summary>
    public const string Model = "planted-slow";

    private const string Questions = "chat.questions";
    private const int Places = 64;
    private static readonly TimeSpan Work = TimeSpan.FromMilliseconds(700);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly string[] Texts = ["Where is my order?", "This is terrible, nobody answers.", "Thank you, that was quick.", "How do I change my address?"];

    private readonly SlowModelServer _model;
    private int _sent;

    private PlantedChat(SlowModelServer model) => _model = model;

    /// <summary>The chat as a file of a project.</summary>
    public string Project => $$"""
        # Planted by the demo: a chat whose model is slow on purpose, so that there is trouble to find. It is no part of the sample.
        #   trunkline slo {{Flow}}; trunkline alerts list; trunkline why {{Flow}}
        topics: { {{Questions}}: { partitions: 2, retention: 1d }, chat.answers: { retention: 1d } }
        models:
          chat-tone: { kind: lexicon }
          {{Model}}: { kind: openai, endpoint: "{{_model.Endpoint}}", model: demo }
        flows:
          {{Flow}}:
            from: { topic: {{Questions}} }
            steps:
              - infer: { model: chat-tone, input: message.text, output: tone }
              - infer: { model: {{Model}}, input: message.text, output: answer }
            to: { topic: chat.answers }
            slo: { within: 500ms, latency: 99%, least: 20 }

        """;

    /// <summary>Starts its model.</summary>
    public static async Task<PlantedChat> StartAsync(CancellationToken cancellationToken)
    {
        var model = await SlowModelServer.StartAsync(Places, cancellationToken);
        model.Work = Work;
        return new PlantedChat(model);
    }

    /// <summary>Takes it out of a project: a demo that is gone on with begins without it.</summary>
    public static void Remove(DemoFolder folder) => File.Delete(PathIn(folder));

    /// <summary>Puts it into a project, and that in force.</summary>
    public async Task AddAsync(DemoFolder folder, TrunklineClient client, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(PathIn(folder), Project, cancellationToken);

        // Variables are the node's own: one that is unset here is no fault.
        var load = ProjectFile.Load(ProjectSource.FromDisk(folder.Project, _ => "unset"));
        await client.ApplyAsync(new ApplyRequest { Main = "trunkline.yaml", Files = load.Files }, cancellationToken);
    }

    /// <summary>Asks the next question, and gives others time.</summary>
    public async Task AskAsync(TrunklineClient client, CancellationToken cancellationToken)
    {
        var number = _sent++;
        var tenant = number % 3 == 0 ? "acme" : "globex";
        await client.PublishAsync(
            Questions,
            new PublishContent
            {
                Body = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new { text = Texts[number % Texts.Length], tenant, channel = "chat" })),
                Key = string.Create(CultureInfo.InvariantCulture, $"{tenant}-{number % 20}"),
            },
            cancellationToken);
        await Task.Delay(Pause, TimeProvider.System, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _model.DisposeAsync();

    private static string PathIn(DemoFolder folder) => Path.Combine(folder.Project, "flows", "planted-chat.yaml");
}
