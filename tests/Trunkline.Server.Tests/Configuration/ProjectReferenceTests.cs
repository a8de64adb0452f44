using System.Text.Json.Nodes;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.Tests.Configuration;

public sealed class ProjectReferenceTests
{
    private readonly SchemaCheck _schema = new(ProjectReference.Schema());

    [Fact]
    public void The_schema_accepts_the_example_of_the_design()
    {
        Assert.True(_schema.Accepts(Projects.Working));
        Assert.True(_schema.Accepts(Projects.Example));
    }

    [Theory]
    [InlineData("topics: { a: { partitions: 0 } }")]
    [InlineData("topics: { a: { partitons: 1 } }")]
    [InlineData("topics: { a: { retention: 5 } }")]
    [InlineData("topics: { a: { retention: { size: 1gb } } }")]
    [InlineData("topics: { a: { durability: interval } }")]
    [InlineData("topics: { 'a b': {} }")]
    [InlineData("topics: { a: { slo: x } }")]
    [InlineData("topics: [ a ]")]
    [InlineData("gateway: { }")]
    [InlineData("node: { broker: kafka }")]
    [InlineData("models: { m: { kind: mlnet } }")]
    [InlineData("models: { m: { kind: lexicon, endpoint: 'https://a.example' } }")]
    [InlineData("models: { m: { kind: lexicon, use: x } }")]
    [InlineData("flows: { f: {} }")]
    [InlineData("flows: { f: { from: { topic: a }, to: [] } }")]
    [InlineData("flows: { f: { from: { topic: a, http: /x }, to: { topic: b } } }")]
    [InlineData("flows: { f: { from: { topic: a }, to: { smtp: b } } }")]
    [InlineData("flows: { f: { from: { topic: a }, steps: [ { map: x, filter: y } ], to: { topic: b } } }")]
    [InlineData("flows: { f: { from: { topic: a }, branch: [ { otherwise: false, to: { topic: b } } ] } }")]
    [InlineData("flows: { f: { from: { topic: a }, to: { topic: b }, retry: { attempts: 0 } } }")]
    [InlineData("flows: { f: { from: { topic: a }, to: { topic: b }, onFailure: park } }")]
    public void The_schema_refuses_what_the_reader_refuses(string text)
    {
        Assert.NotEmpty(Projects.Load(text).Faults);
        Assert.False(_schema.Accepts(text));
    }

    [Theory]
    [InlineData("topics: { a: { partitions: '${P:-3}', retention: '${R:-7d}', durability: interval(50ms), compacted: true, dedupeWindow: 0s, messageSize: 1 KB } }")]
    [InlineData("topics:\n  a:\nmodels:\nflows:")]
    [InlineData("node: { broker: memory, auth: { me: { token: abc, scopes: admin } } }")]
    [InlineData("models: { m: { use: mine, timeout: 1m } }")]
    [InlineData("topics: { a: {} }\nflows: { f: { from: { topic: a, group: g, start: latest }, to: { webhook: 'https://example.com/' } } }")]
    public void The_schema_accepts_what_the_reader_accepts(string text)
    {
        Assert.Empty(Projects.Load(text).Faults);
        Assert.True(_schema.Accepts(text));
    }

    [Fact]
    public void Every_key_is_described()
    {
        var schema = JsonNode.Parse(ProjectReference.Schema())!.AsObject();
        var objects = schema["$defs"]!.AsObject().Select(d => d.Value!.AsObject()).Append(schema);
        foreach (var (name, value) in objects.SelectMany(o => o["properties"]!.AsObject()))
        {
            Assert.False(string.IsNullOrWhiteSpace(value!["description"]?.GetValue<string>()), name);
        }
    }

    [Fact]
    public void The_reference_page_is_up_to_date()
    {
        var path = Path.Combine(Repository.Root, "docs", "reference", "project-file.md");
        if (Environment.GetEnvironmentVariable("TRUNKLINE_WRITE_DOCS") == "1")
        {
            File.WriteAllText(path, ProjectReference.Page());
        }

        Assert.Equal(ProjectReference.Page(), File.ReadAllText(path));
    }
}
