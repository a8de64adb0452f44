using System.Globalization;
using System.Text;
using System.Text.Json;
using Trunkline.Testing.Processes;

namespace Trunkline.EndToEnd.Tests.Browser;

/// <summary>The map of two hundred flows of thirty owners, in a real browser.</summary>
[Trait("speed", "slow")]
public sealed class BigMapTests : IDisposable
{
    private const int Stages = 5;
    private const int Wide = 40;
    private const int Owners = 30;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_fits_by_owner_and_is_found_hidden_and_drawn_whole()
    {
        var missing = await BrowserParts.MissingAsync();
        Assert.SkipUnless(missing is null, missing ?? "");
        _folder.Write("trunkline.yaml", Project());
        await using var node = await NodeProcess.StartAsync(new CommandSetting { Folder = _folder.Path, Executable = BrowserParts.Executable }, TestContext.Current.CancellationToken);
        var settings = JsonSerializer.Serialize(new { url = node.Url.GetLeftPart(UriPartial.Authority), chromium = BrowserParts.Chromium, screenshots = BrowserParts.Screenshots, owners = Owners, nodes = (Stages * Wide) + ((Stages + 1) * Wide) });
        var came = new Dictionary<string, string?>();
        await BrowserParts.RunAsync("bigmap.mjs", settings, came, TestContext.Current.CancellationToken);
        Assert.Equal(4, came.Count);
        Assert.All(came, one => Assert.True(one.Value is null, $"{one.Key}: {one.Value}"));
    }

    /// <summary>Stages of topics, and flows that lead from each topic to one of the next stage.</summary>
    private static string Project()
    {
        var yaml = new StringBuilder();
        void Line(FormattableString line) => yaml.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
        Line($"owners: {{ {string.Join(", ", Enumerable.Range(0, Owners).Select(n => $"team-{n}: {{ email: team-{n}@example.com }}"))} }}");
        Line($"topics:");
        foreach (var (stage, n) in Enumerable.Range(0, (Stages + 1) * Wide).Select(i => (i / Wide, i % Wide)))
        {
            Line($"  t{stage}.{n}: {{ partitions: 1, owner: team-{((stage * Wide) + n) % Owners} }}");
        }

        Line($"flows:");
        foreach (var (stage, n) in Enumerable.Range(0, Stages * Wide).Select(i => (i / Wide, i % Wide)))
        {
            Line($"  f{stage}-{n}: {{ from: {{ topic: t{stage}.{n} }}, to: {{ topic: t{stage + 1}.{((n * 7) + 3) % Wide} }}, owner: team-{((stage * Wide) + n) % Owners} }}");
        }

        return yaml.ToString();
    }
}
