using System.Globalization;
using System.Text.Json.Serialization;
using Trunkline.Client;
using Trunkline.Client.Publishing;
using Trunkline.Testing.Processes;

namespace Trunkline.EndToEnd.Tests.Clients;

/// <summary>The consumers of the how-to pages, word for word, killed with messages in hand while a producer goes on.</summary>
public sealed partial class KilledConsumerTests : IDisposable
{
    private const int Messages = 3000;
    private const int Keys = 40;
    private const int Kills = 3;

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("python")]
    [InlineData("node")]
    [InlineData("dotnet")]
    public async Task A_consumer_killed_again_and_again_under_load_loses_nothing(string language)
    {
        _folder.Write("trunkline.yaml", "topics:\n  notes: { partitions: 4 }\n");
        await using var node = await NodeProcess.StartAsync(new CommandSetting { Folder = _folder.Path }, Cancel);
        using var client = new TrunklineClient(node.Url);
        using var fleet = new ConsumerFleet(Consumer(language, node.Url));
        fleet.Start();
        fleet.Start();
        var publishing = PublishAsync(client);
        for (var kill = 1; kill <= Kills; kill++)
        {
            var enough = kill * Messages / (Kills + 2);
            await Waiting.UntilAsync(() => fleet.Handled >= enough, () => $"{fleet.Handled} of {enough} handled. {fleet.Errors}", Cancel);
            await fleet.KillOldestAsync(Cancel);
            fleet.Start();
        }

        var published = await publishing;
        await Waiting.UntilAsync(
            () => fleet.Handled >= Messages && published.IsSubsetOf(fleet.HandledIds), () => $"{fleet.HandledIds.Distinct().Count()} of {Messages} handled. {fleet.Errors}", Cancel);
        await Waiting.UntilAsync(async () => await LagAsync(client) == 0, () => "all is acknowledged", Cancel);
        await fleet.StopAsync(Cancel);
        fleet.CheckOrder();
        var dead = (await client.ListTopicsAsync(Cancel)).Topics.FirstOrDefault(topic => topic.Name == "readers.dead");
        Assert.Equal(0, dead?.Messages ?? 0);
    }

    private static async Task<long> LagAsync(TrunklineClient client) => (await client.GetTopicAsync("notes", Cancel)).Groups.Single(g => g.Group == "readers").Lag;

    private static async Task<HashSet<string>> PublishAsync(TrunklineClient client)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var batch in Enumerable.Range(0, Messages).Chunk(50))
        {
            var notes = batch.Select(n => new OutgoingMessage<Note>(new Note(n)) { Key = string.Create(CultureInfo.InvariantCulture, $"k{n % Keys}") }).ToArray();
            await client.PublishAsync("notes", notes, NoteJson.Default.Note, null, Cancel);
            ids.UnionWith(notes.Select(note => note.Id));
        }

        return ids;
    }

    private Func<ClientProgram?> Consumer(string language, Uri node) => language switch
    {
        "python" => Script("python3", "consume-from-python.md", "consume.py", node),
        "node" => Script("node", "consume-from-node.md", "consume.mjs", node),
        _ => () => ClientProgram.TryStart(Path.Combine(AppContext.BaseDirectory, "Trunkline.Samples.CSharpConsumer"), ["notes", "readers"], node),
    };

    private Func<ClientProgram?> Script(string interpreter, string page, string name, Uri node)
    {
        var path = _folder.Write(name, HowToPage.Program(page, name));
        return () => ClientProgram.TryStart(interpreter, [path, "notes", "readers"], node);
    }

    internal sealed record Note(int Number);

    [JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
    [JsonSerializable(typeof(Note))]
    internal sealed partial class NoteJson : JsonSerializerContext;
}
