using System.Text;
using CsCheck;
using Trunkline.Server.Configuration;
using Trunkline.Server.Releases;
using Trunkline.Server.Tests.Configuration;

namespace Trunkline.Server.Tests.Releases;

public sealed class RevisionHashTests
{
    private static readonly byte[] Salt = Encoding.ASCII.GetBytes("0123456789abcdef0123456789abcdef");

    [Fact]
    public void Comments_order_formatting_defaults_and_splitting_make_no_other_revision()
    {
        const string One = """
            topics: { a: { partitions: 4, retention: 7d }, b: {} }
            flows: { f: { from: { topic: a }, to: { topic: b }, lanes: 16, keep: { effects: 30d } } }
            """;
        var other = new Dictionary<string, string>
        {
            ["trunkline.yaml"] = "# the same\ninclude: more.yaml\nflows:\n  f:\n    to:\n      - topic: b\n    from: { group: flow.f, topic: 'a' }\n",
            ["more.yaml"] = "topics:\n  b:\n  a: { retention: { age: 168h } }   # seven days\n",
        };

        Assert.Equal(Hash(Projects.Valid(One)), Hash(Projects.Load(other).Config!));
    }

    [Theory]
    [InlineData("partitions: 8", "partitions: 9")]
    [InlineData("retention: 7d", "retention: 8d")]
    [InlineData("durability: sync", "durability: none")]
    [InlineData("probability > 0.9", "probability > 0.95")]
    [InlineData("output: sentiment", "output: mood")]
    [InlineData("onFailure: park-key", "onFailure: stop")]
    [InlineData("onFailure: park-key", "onFailure: park-key\n    keep: { effects: 2d }")]
    [InlineData("attempts: 5", "attempts: 6")]
    [InlineData("timeout: 5s", "timeout: 6s")]
    [InlineData("{ maildir: ./mails }", "{ maildir: ./mail }")]
    [InlineData("/urgent\", secret", "/urgent?to=x\", secret")]
    [InlineData("key: message.conversation", "name: received")]
    [InlineData("#support-ai\"", "#support\"")]
    public void Whatever_acts_differently_makes_another_revision(string from, string to)
    {
        Assert.Contains(from, Projects.Working, StringComparison.Ordinal);

        Assert.NotEqual(Hash(Projects.Valid(Projects.Working)), Hash(Projects.Valid(Projects.Working.Replace(from, to, StringComparison.Ordinal))));
    }

    [Fact]
    public void Node_settings_and_the_folder_make_no_other_revision()
    {
        var project = Projects.Valid(Projects.Working);
        var moved = ProjectFile.Load(ProjectSource.FromMemory(
            new Dictionary<string, string> { ["trunkline.yaml"] = Projects.Working.Replace("7420", "7421", StringComparison.Ordinal) },
            "trunkline.yaml",
            "/other/place",
            Projects.Variables.GetValueOrDefault)).Config!;

        Assert.Equal(Hash(project), Hash(moved));
    }

    [Fact]
    public void Secrets_count_by_salted_hash_and_are_in_no_fact()
    {
        var project = Projects.Valid(Projects.Working);
        var model = project.Models["reply"];
        var other = project with { Models = new Dictionary<string, ModelConfig>(project.Models) { ["reply"] = model with { Token = new Secret("other") } } };

        Assert.NotEqual(Hash(project), Hash(other));
        Assert.NotEqual(Hash(project), RevisionHash.Of(new ProjectFacts([1], _ => null).Of(project)));
        Assert.DoesNotContain(Facts(project).SelectMany(i => i.Facts.Values), v => v.Contains("sk-hidden", StringComparison.Ordinal) || v.Contains("whsec", StringComparison.Ordinal));
    }

    [Fact]
    public void The_content_of_model_files_counts()
    {
        var project = Projects.Valid(Projects.Working);

        Assert.NotEqual(
            RevisionHash.Of(new ProjectFacts(Salt, _ => "one").Of(project)),
            RevisionHash.Of(new ProjectFacts(Salt, _ => "two").Of(project)));
    }

    [Fact]
    public void Different_facts_never_run_into_each_other() =>
        Gen.Select(Gen.String[0, 4], Gen.String[0, 4], Gen.String[0, 4]).Sample((a, b, c) =>
        {
            var one = new ProjectItem(a, b, new Dictionary<string, string> { [c] = "v" });
            var two = new ProjectItem(a + b, "", new Dictionary<string, string> { [c] = "v" });
            var same = b.Length == 0;
            return same == (RevisionHash.Of([one]) == RevisionHash.Of([two]));
        });

    private static IReadOnlyList<ProjectItem> Facts(ProjectConfig project) => new ProjectFacts(Salt, _ => null).Of(project);

    private static string Hash(ProjectConfig project) => RevisionHash.Of(Facts(project));
}
