using System.Text.Json;
using Trunkline.Testing.Processes;

namespace Trunkline.EndToEnd.Tests.Clients;

/// <summary>What the how-to pages tell to type works as told.</summary>
public sealed class HowToPageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("python3", "consume-from-python.md", "publish.py")]
    [InlineData("node", "consume-from-node.md", "publish.mjs")]
    public async Task What_is_published_as_told_is_consumed_with_curl_as_told(string interpreter, string page, string name)
    {
        await using var node = await NodeAsync();
        using var publish = ClientProgram.TryStart(interpreter, [Write(page, name), "notes", "k"], node.Url, "{\"number\":1}\n{\"number\":2,\"lease\":\"\\\"lease\\\":\\\"x\"}\n");
        Assert.SkipWhen(publish is null, $"{interpreter} is not installed here");
        await publish.EndedAsync(Cancel);
        Assert.True(publish.ExitCode == 0, publish.Errors);
        Assert.Equal(2, publish.Lines.Count);

        using var consume = ClientProgram.TryStart("sh", [Write("consume-from-curl.md", "consume.sh"), "notes", "readers"], node.Url);
        await Waiting.UntilAsync(() => consume!.Lines.Count >= 2 || consume.HasEnded, () => $"{consume!.Lines.Count} of 2 consumed. {consume.Errors}", Cancel);
        Assert.False(consume!.HasEnded, consume.Errors);
        Assert.Equal([1, 2], consume.Lines.Take(2).Select(NumberOf));
    }

    [Theory]
    [InlineData("python3", "consume-from-python.md", "publish.py", "consume.py")]
    [InlineData("node", "consume-from-node.md", "publish.mjs", "consume.mjs")]
    [InlineData("sh", "consume-from-curl.md", null, "consume.sh")]
    public async Task A_refusal_is_told_and_ends_the_program(string interpreter, string page, string? publishing, string consuming)
    {
        await using var node = await NodeAsync();
        foreach (var name in new[] { publishing, consuming }.OfType<string>())
        {
            using var program = ClientProgram.TryStart(interpreter, [Write(page, name), "no.such.topic", "readers"], node.Url, "{\"number\":1}\n");
            Assert.SkipWhen(program is null, $"{interpreter} is not installed here");
            await program.EndedAsync(Cancel);
            Assert.NotEqual(0, program.ExitCode);
            Assert.Contains("404", program.Errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_page_for_dotnet_shows_the_sample() => Assert.Equal(
        HowToPage.Source("samples/csharp-consumer/Program.cs"), HowToPage.Program("consume-from-dotnet.md", "Program.cs"));

    private static int NumberOf(string fetched)
    {
        using var document = JsonDocument.Parse(fetched);
        return document.RootElement.GetProperty("messages")[0].GetProperty("event").GetProperty("data").GetProperty("number").GetInt32();
    }

    private string Write(string page, string name) => _folder.Write(name, HowToPage.Program(page, name));

    private Task<NodeProcess> NodeAsync()
    {
        _folder.Write("trunkline.yaml", "topics:\n  notes: {}\n");
        return NodeProcess.StartAsync(new CommandSetting { Folder = _folder.Path }, Cancel);
    }
}
