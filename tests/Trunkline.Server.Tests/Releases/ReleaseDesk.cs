using Microsoft.Extensions.Logging.Abstractions;
using Trunkline.Brokers.Embedded.Memory;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;
using Trunkline.Server.Configuration;
using Trunkline.Server.Releases;
using Trunkline.Server.Tests.Configuration;

namespace Trunkline.Server.Tests.Releases;

/// <summary>Releases over a broker in memory; what is put to work is noted, and can be made to fail.</summary>
internal sealed class ReleaseDesk : IAsyncDisposable
{
    public const string Main = "trunkline.yaml";

    public MemoryBroker Broker { get; } = new(TimeProvider.System);

    /// <summary>Revisions put to work, in order.</summary>
    public List<(int Revision, ProjectConfig Project)> Activated { get; } = [];

    public Dictionary<string, string> Variables { get; } = new(Projects.Variables, StringComparer.Ordinal);

    public Dictionary<string, string> FileHashes { get; } = new(StringComparer.Ordinal);

    public Exception? ActivationFailure { get; set; }

    public Func<Task> AfterActivation { get; set; } = () => Task.CompletedTask;

    public static RevisionFiles Files(string text) => new(Main, new Dictionary<string, string> { [Main] = text });

    /// <summary>A node that comes up on the broker as it is.</summary>
    public Task<ProjectReleases> OpenAsync() => ProjectReleases.OpenAsync(
        new ReleaseEnvironment
        {
            Broker = Broker,
            Activate = ActivateAsync,
            Load = Load,
            FileHash = FileHashes.GetValueOrDefault,
            Time = TimeProvider.System,
            Log = NullLogger.Instance,
        },
        TestContext.Current.CancellationToken);

    /// <summary>The same, started with a file.</summary>
    public async Task<ProjectReleases> StartAsync(string text)
    {
        var releases = await OpenAsync();
        Assert.IsType<ReleaseOutcome.Done>(await StartAsync(releases, text));
        return releases;
    }

    public Task<ReleaseOutcome> StartAsync(ProjectReleases releases, string text) =>
        releases.StartAsync(Load(Files(text)).Config!, Files(text), TestContext.Current.CancellationToken);

    public ProjectLoad Load(RevisionFiles files) =>
        ProjectFile.Load(ProjectSource.FromMemory(files.Files, files.Main, "/srv/project", Variables.GetValueOrDefault));

    public async Task PublishAsync(string topic, int count)
    {
        var messages = Enumerable.Range(0, count).Select(_ => new Message()).ToArray();
        await Broker.AppendAsync(new TopicAppend { Topic = topic, Messages = messages }, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync() => await Broker.DisposeAsync();

    private async Task ActivateAsync(ProjectConfig project, int revision, CancellationToken cancellationToken)
    {
        if (ActivationFailure is not null)
        {
            throw ActivationFailure;
        }

        foreach (var topic in project.Topics.Values)
        {
            await Broker.CreateTopicAsync(topic.Settings, cancellationToken);
        }

        foreach (var sink in project.Flows.Values.SelectMany(f => f.Branches.SelectMany(b => b.To).OfType<WebhookSinkConfig>().Select(s => (f.Name, Sink: s.Name))))
        {
            await Broker.CreateTopicAsync(new TopicSettings { Name = $"trunkline.outbox.{sink.Name}.{sink.Sink}" }, cancellationToken);
        }

        Activated.Add((revision, project));
        await AfterActivation();
    }
}
