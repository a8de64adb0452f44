using Trunkline.Client.Api;
using Trunkline.Dashboard.Data;
using Trunkline.Dashboard.Pages;

namespace Trunkline.Cli.Tests.Dashboard;

/// <summary>The pages on subjects of the registry.</summary>
public sealed class SubjectPageTests
{
    private const string Hostile = "\"><script>alert(1)</script>";

    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
    private static readonly Loaded<NodeView> Node = new(new NodeView("0.1.0", "embedded", [], 1, Now.AddHours(-1)), null);

    [Fact]
    public async Task Subjects_are_found_by_their_name_or_topic_and_an_empty_registry_is_taught()
    {
        SubjectSummary[] all = [new("orders/v1", "JSON", 3, 2, "BACKWARD", ["shop.orders"], 4), new("mails", "AVRO", 1, 1, "NONE", [], 0)];
        var found = await Pages.RenderAsync<SubjectsPage>("Board", new SubjectsBoard(Now, "SHOP", Node, new(new SubjectList(all), null)));
        Assert.Contains("href=\"/subject?name=orders%2Fv1\"", found, StringComparison.Ordinal);
        Assert.DoesNotContain("mails", found, StringComparison.Ordinal);
        Assert.Contains("trunkline schemas register", await Pages.RenderAsync<SubjectsPage>("Board", new SubjectsBoard(Now, "", Node, new(new SubjectList([]), null))), StringComparison.Ordinal);
        Assert.Contains("names “x”", await Pages.RenderAsync<SubjectsPage>("Board", new SubjectsBoard(Now, "x", Node, new(new SubjectList(all[1..]), null))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_subject_tells_what_changed_field_by_field_who_reads_it_and_whether_it_may_follow()
    {
        var html = await RenderAsync(View("orders"));
        foreach (var shown in new[]
        {
            "What changed from version 1 to 2", "not compatible", "READER_FIELD_MISSING", "number, sometimes missing", "billing", "goes to the dead letters", "/shop/checkout", "href=\"/topics/orders\"",
            "trunkline schemas diff orders --from 1 --version 2", "href=\"/subject?name=orders&to=1\"",
        })
        {
            Assert.Contains(shown, html, StringComparison.Ordinal);
        }

        Assert.Contains("any version may follow", await RenderAsync(View("orders") with { Level = "NONE" }), StringComparison.Ordinal);
        Assert.Contains("This is the first version", await RenderAsync(View("orders") with { Diff = null }), StringComparison.Ordinal);
        Assert.Contains("Nobody is known to read it", await RenderAsync(View("orders") with { Readers = [], Topics = [] }), StringComparison.Ordinal);
        Assert.Contains("no subject 'x'", await Pages.RenderAsync<SubjectPage>("Board", new SubjectBoard(Now, "x", Node, new(null, "There is no subject 'x'."))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hostile_names_stay_text() => Assert.DoesNotContain("<script>alert", await RenderAsync(View(Hostile)), StringComparison.Ordinal);

    private static Task<string> RenderAsync(SubjectView view) => Pages.RenderAsync<SubjectPage>("Board", new SubjectBoard(Now, view.Subject, Node, new(view, null)));

    private static SubjectView View(string name) => new()
    {
        Subject = name,
        Level = "BACKWARD",
        Mode = "READWRITE",
        Versions = [new SubjectVersion(1, 7, "JSON"), new SubjectVersion(2, 8, "JSON")],
        Schema = new CatalogSchema { Subject = name, SchemaType = "JSON", Schema = """{"type":"object"}""", Version = 2, Fields = [new CatalogField("total", "number", false)] },
        Diff = new SubjectDiff(1, 2, [new FieldChange("total", "changed", "integer", "number, sometimes missing", ["billing"]), new FieldChange(name, "removed", "text", null, [])], ["READER_FIELD_MISSING"]),
        Topics = [new SubjectTopic(name, "dead-letter", "shop", ["intake"], ["/shop/checkout"])],
        Readers = [new ReaderView { Topic = name, Kind = "group", Name = "billing", Fields = ["total"], Origin = "told", Owner = "finance" }],
    };
}
