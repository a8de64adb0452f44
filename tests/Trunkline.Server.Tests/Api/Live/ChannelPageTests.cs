using System.Diagnostics;
using System.Text.RegularExpressions;
using Trunkline.Server.Tests.Configuration;

namespace Trunkline.Server.Tests.Api.Live;

/// <summary>The how-to pages on files and streams: what they show as a project is one, and the ticket their Python makes is taken.</summary>
public sealed partial class ChannelPageTests : LiveTest
{
    [Theory]
    [InlineData("write-files.md")]
    [InlineData("follow-files.md")]
    [InlineData("stream-to-browsers.md")]
    [InlineData("take-messages-over-websocket.md")]
    public void Every_project_of_the_page_is_one(string page)
    {
        var projects = Blocks(page, "yaml");
        Assert.NotEmpty(projects);
        Assert.All(projects, project => Assert.Empty(Projects.Load(project.Replace("${CHAT_SECRET}", Secret, StringComparison.Ordinal)).Faults));
    }

    [Fact]
    public async Task The_ticket_that_python_makes_is_taken()
    {
        var program = Assert.Single(Blocks("stream-to-browsers.md", "python")) + $"\nprint(ticket('{Secret}', 'mine', '/out/mine'), end='')\n";
        string ticket;
        try
        {
            using var python = Process.Start(new ProcessStartInfo("python3", ["-c", program]) { RedirectStandardOutput = true })!;
            ticket = await python.StandardOutput.ReadToEndAsync(Cancel);
            await python.WaitForExitAsync(Cancel);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("needs python3");
            return;
        }

        await PublishAsync("mine", 7);
        using var stream = await SseClient.OpenAsync(Http, "/out/mine?from=earliest&ticket=" + ticket, null, Cancel);
        Assert.Equal(7, (await stream.NextAsync(Cancel)).Json.GetProperty("data").GetProperty("n").GetInt32());
    }

    private static List<string> Blocks(string page, string language) =>
    [
        .. Block().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "how-to", page))).Where(block => block.Groups["language"].Value == language).Select(block => block.Groups["text"].Value),
    ];

    [GeneratedRegex(@"^```(?<language>[a-z]+)\n(?<text>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline, 1000)]
    private static partial Regex Block();
}
