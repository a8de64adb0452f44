using System.Text;
using System.Text.Json;
using Trunkline.Client;

namespace Trunkline.Server.Tests.Hosting;

/// <summary>A node of its own for one test: its project, folder and port. It can be stopped and started again on its store.</summary>
/// <param name="name">Part of the folder's name.</param>
/// <param name="project">The project file's text.</param>
internal sealed class NodeFixture(string name, string project) : IAsyncDisposable
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public string Folder { get; } = Directory.CreateTempSubdirectory($"trunkline-{name}-").FullName;

    public string ProjectPath => Path.Combine(Folder, "trunkline.yaml");

    public string Data => Path.Combine(Folder, "data");

    public TrunklineApp App { get; private set; } = null!;

    public TrunklineClient Client { get; private set; } = null!;

    public HttpClient Http { get; private set; } = null!;

    public async ValueTask StartAsync()
    {
        await File.WriteAllTextAsync(ProjectPath, project, Cancel);
        App = TrunklineApp.Create("-f", ProjectPath, "--listen", "http://127.0.0.1:0", "--data", Data);
        await App.StartAsync(Cancel);
        Client = new TrunklineClient(new Uri(App.Url));
        Http = new HttpClient { BaseAddress = new Uri(App.Url) };
    }

    public async ValueTask StopAsync()
    {
        Client.Dispose();
        Http.Dispose();
        await App.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>Publishes plain JSON.</summary>
    public async Task PublishAsync(string topic, string json, string? key = null)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        if (key is not null)
        {
            content.Headers.Add("Trunkline-Key", key);
        }

        await PostAsync(topic, content);
    }

    /// <summary>Publishes a CloudEvent with its own id.</summary>
    public async Task PublishEventAsync(string topic, string id, string key, string? tenant, string json)
    {
        var attributes = tenant is null ? "" : $",\"tenant\":\"{tenant}\"";
        using var content = new StringContent(
            $"{{\"specversion\":\"1.0\",\"type\":\"t\",\"source\":\"/test\",\"id\":{JsonSerializer.Serialize(id)},\"partitionkey\":\"{key}\"{attributes},\"datacontenttype\":\"application/json\",\"data\":{json}}}",
            Encoding.UTF8,
            "application/cloudevents+json");
        await PostAsync(topic, content);
    }

    private async Task PostAsync(string topic, HttpContent content)
    {
        using var answer = await Http.PostAsync($"/api/v1/topics/{topic}/messages", content, Cancel);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancel));
    }
}
