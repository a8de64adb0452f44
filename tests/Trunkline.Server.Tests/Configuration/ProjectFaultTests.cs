using Trunkline.Core.Config;

namespace Trunkline.Server.Tests.Configuration;

public sealed class ProjectFaultTests
{
    [Fact]
    public void Ten_faults_of_ten_kinds_are_all_told_with_their_lines()
    {
        var load = Projects.Load("""
            topics:
              orders: { partitons: 8 }
              orders: {}
              bills:  { retention: 7days, owner: nobody }
              returns: { durability: interval(0ms) }
            models:
              mood: { kind: lexicon, timeout: "${MOOD_TIMEOUT}" }
            flows:
              first:
                from: { topic: orders }
                steps: [ { infer: { model: mod } } ]
                to: { topic: missing }
              second:
                from: { topic: orders, group: flow.first }
                to: { webhook: { url: "ftp://example.com" } }
              round:
                from: { topic: returns }
                to: { topic: returns }
                sample: 1
            """);

        Assert.Null(load.Config);
        Assert.Equal(
            [
                (2, FaultCodes.UnknownKey),
                (3, FaultCodes.DuplicateName),
                (4, FaultCodes.BadDuration),
                (4, FaultCodes.MissingOwner),
                (5, FaultCodes.BadValue),
                (7, FaultCodes.VariableUnset),
                (11, FaultCodes.MissingModel),
                (12, FaultCodes.MissingTopic),
                (14, FaultCodes.GroupConflict),
                (15, FaultCodes.BadUrl),
                (17, FaultCodes.Cycle),
                (19, FaultCodes.NotYet),
            ],
            load.Faults.Select(f => (f.Where.Line, f.Code)).OrderBy(f => f.Line).ThenBy(f => f.Code, StringComparer.Ordinal));
        Assert.All(load.Faults, f => Assert.Equal("trunkline.yaml", f.Where.File));
        Assert.Equal("Did you mean 'partitions'?", load.Faults[0].Remedy);
        Assert.Contains(load.Faults, f => f.Remedy == "Did you mean 'mood'?");
    }

    [Theory]
    [InlineData("topics: { a: { partitions: 0 } }", FaultCodes.BadValue)]
    [InlineData("topics: { a: { partitions: [1] } }", FaultCodes.WrongShape)]
    [InlineData("topics: { a: { partitions: 1025 } }", FaultCodes.BadValue)]
    [InlineData("topics: { a: { partitions: 99999999999999999999 } }", FaultCodes.BadValue)]
    [InlineData("topics: { a: { retention: 5 } }", FaultCodes.BadDuration)]
    [InlineData("topics: { a: { retention: { size: 1gb } } }", FaultCodes.BadSize)]
    [InlineData("topics: { a: { retention: { age: -1d } } }", FaultCodes.BadDuration)]
    [InlineData("topics: { 'a b': {} }", FaultCodes.BadName)]
    [InlineData("topics: { trunkline.changes: {} }", FaultCodes.InternalTopic)]
    [InlineData("topics: { a: { slo: x } }", FaultCodes.NotYet)]
    [InlineData("topics: [ a ]", FaultCodes.WrongShape)]
    [InlineData("hello", FaultCodes.WrongShape)]
    [InlineData("gateway: { }", FaultCodes.NotYet)]
    [InlineData("node: { listen: 'http://0.0.0.0:80' }", FaultCodes.AuthRequired)]
    [InlineData("node: { listen: '127.0.0.1:80' }", FaultCodes.BadUrl)]
    [InlineData("node: { broker: kafka }", FaultCodes.NotYet)]
    [InlineData("node: { broker: { kind: rabbit } }", FaultCodes.BadValue)]
    [InlineData("node: { origins: ['https://a.example/x'] }", FaultCodes.BadUrl)]
    [InlineData("node: { allowAddresses: ['10.0.0.0/99'] }", FaultCodes.BadValue)]
    [InlineData("auth: { a: { token: x, scopes: read } }", FaultCodes.UnknownKey)]
    [InlineData("models: { m: { kind: mlnet } }", FaultCodes.MissingKey)]
    [InlineData("models: { m: { kind: lexicon, endpoint: 'https://a.example' } }", FaultCodes.KeyConflict)]
    [InlineData("models: { m: { kind: onnx, path: a.onnx } }", FaultCodes.MissingKey)]
    [InlineData("models: { m: { kind: lingua } }", FaultCodes.MissingKey)]
    [InlineData("models: { m: { kind: lexicon, request: message } }", FaultCodes.KeyConflict)]
    [InlineData("models: { m: { kind: lexicon, fallback: n } }", FaultCodes.MissingModel)]
    [InlineData("models: { m: { kind: lexicon, fallback: m } }", FaultCodes.BadValue)]
    [InlineData("models: { m: { kind: lexicon, fallback: { model: m, on: tired } } }", FaultCodes.BadValue, FaultCodes.BadValue)]
    [InlineData("models: { m: { versions: { n: 1 } } }", FaultCodes.MissingModel)]
    [InlineData("models: { m: { versions: { n: 0 } }, n: { kind: lexicon } }", FaultCodes.BadValue)]
    [InlineData("models: { m: { versions: { n: 1 } }, n: { versions: { o: 1 } }, o: { kind: lexicon } }", FaultCodes.BadValue)]
    [InlineData("models: { m: { versions: { n: 1 }, timeout: 5s }, n: { kind: lexicon } }", FaultCodes.KeyConflict)]
    [InlineData("models: { m: { kind: mlnett } }", FaultCodes.BadValue)]
    [InlineData("models: { m: { kind: lexicon, use: x } }", FaultCodes.KeyConflict)]
    [InlineData("models: { m: { kind: lexicon, budget: { calls: 1 } } }", FaultCodes.MissingKey)]
    [InlineData("models: { m: { kind: lexicon, budget: { per: 1h } } }", FaultCodes.MissingKey)]
    [InlineData("models: { m: { kind: lexicon, budget: { calls: 1, per: 0s } } }", FaultCodes.BadDuration)]
    [InlineData("models: { m: { kind: lexicon, budget: { money: -1, per: 1h } } }", FaultCodes.BadValue)]
    [InlineData("models: { m: { kind: lexicon, budget: { calls: 1, per: 1h, each: flow } } }", FaultCodes.BadValue)]
    [InlineData("models: { m: { kind: openai, model: s, endpoint: 'https://a.example', budget: { tokens: 9, per: 1h } } }", FaultCodes.MissingKey)]
    [InlineData("models: { m: { kind: lexicon, concurrency: { min: 9, max: 3 } } }", FaultCodes.BadValue)]
    [InlineData("models: { m: { kind: lexicon, concurrency: 0 } }", FaultCodes.BadValue)]
    [InlineData("models: { m: { kind: lexicon, price: { input: -0.5 } } }", FaultCodes.BadValue)]
    [InlineData("models: { m: { kind: openai, model: s, endpoint: 'https://user:pw@a.example' } }", FaultCodes.BadUrl)]
    [InlineData("models: { m: { kind: openai, model: s, endpoint: 'http://169.254.169.254/v1' } }", FaultCodes.AddressRefused)]
    [InlineData("models: { m: { kind: openai, model: s, endpoint: 'http://[::ffff:10.0.0.1]/v1' } }", FaultCodes.AddressRefused)]
    [InlineData("topics: { a: !!str {} }", FaultCodes.BrokenYaml)]
    [InlineData("topics: { a: *nowhere }", FaultCodes.BrokenYaml)]
    [InlineData("a: 1\n---\nb: 2", FaultCodes.UnknownKey, FaultCodes.BrokenYaml)]
    [InlineData("topics: { a: {} ", FaultCodes.BrokenYaml)]
    [InlineData("topics:\n\ta: {}", FaultCodes.BrokenYaml)]
    [InlineData("topics: \"a\u0007\"", FaultCodes.BrokenYaml)]
    [InlineData("include: /etc/passwd", FaultCodes.BadInclude)]
    [InlineData("include: ../x.yaml", FaultCodes.BadInclude)]
    [InlineData("include: nowhere.yaml", FaultCodes.BadInclude)]
    [InlineData("include: trunkline.yaml", FaultCodes.BadInclude)]
    [InlineData("owners: { a: { email: \"${}\" } }", FaultCodes.VariableInvalid)]
    [InlineData("owners: { a: { email: \"${X\" } }", FaultCodes.VariableInvalid)]
    [InlineData("owners: { a: { email: \"${file:/nowhere/at/all}\" } }", FaultCodes.VariableInvalid)]
    public void A_single_fault_is_told_alone(string text, params string[] codes)
    {
        var load = Projects.Load(text);

        Assert.Null(load.Config);
        Assert.Equal(codes, load.Faults.Select(f => f.Code));
        Assert.All(load.Faults, f => Assert.True(f.Message.Length > 0 && f.Remedy.Length > 0));
    }

    [Theory]
    [InlineData("{}", FaultCodes.MissingKey, FaultCodes.MissingKey)]
    [InlineData("", FaultCodes.WrongShape)]
    [InlineData("{ from: { topic: a }, to: [] }", FaultCodes.BadValue)]
    [InlineData("{ from: { topic: a }, branch: [] }", FaultCodes.BadValue)]
    [InlineData("{ from: { topic: a }, to: { topic: b }, branch: [ { otherwise: true, to: { topic: b } } ] }", FaultCodes.KeyConflict)]
    [InlineData("{ from: { topic: a, http: /x }, to: { topic: b } }", FaultCodes.KeyConflict)]
    [InlineData("{ from: { http: /x, group: g }, to: { topic: b } }", FaultCodes.KeyConflict)]
    [InlineData("{ from: { http: x }, to: { topic: b } }", FaultCodes.BadValue)]
    [InlineData("{ from: { http: /../x }, to: { topic: b } }", FaultCodes.BadValue)]
    [InlineData("{ from: { slack: x }, to: { topic: b } }", FaultCodes.NotYet)]
    [InlineData("{ from: { topic: trunkline.changes }, to: { topic: b } }", FaultCodes.InternalTopic)]
    [InlineData("{ from: { topic: a }, to: { topic: f.dead } }", FaultCodes.InternalTopic)]
    [InlineData("{ from: { topic: f.dead }, to: { topic: b } }", FaultCodes.Cycle)]
    [InlineData("{ from: { topic: a }, to: [ { topic: b }, { topic: b } ] }", FaultCodes.DuplicateName)]
    [InlineData("{ from: { topic: a }, to: { http: x } }", FaultCodes.NotYet)]
    [InlineData("{ from: { topic: a }, to: { webhook: { url: 'http://10.0.0.1/' } } }", FaultCodes.AddressRefused)]
    [InlineData("{ from: { topic: a }, to: { webhook: { url: 'http://localhost/', key: x } } }", FaultCodes.UnknownKey)]
    [InlineData("{ from: { topic: a }, to: { webhook: 'http://localhost/', key: x } }", FaultCodes.KeyConflict)]
    [InlineData("{ from: { topic: a }, steps: [ { map: '' } ], to: { topic: b } }", FaultCodes.BadExpression)]
    [InlineData("{ from: { topic: a }, steps: [ { map: x, filter: y } ], to: { topic: b } }", FaultCodes.KeyConflict)]
    [InlineData("{ from: { topic: a }, steps: [ { mapp: x } ], to: { topic: b } }", FaultCodes.UnknownKey)]
    [InlineData("{ from: { topic: a }, steps: [ { validate: x } ], to: { topic: b } }", FaultCodes.NotYet)]
    [InlineData("{ from: { topic: a }, steps: [ { parse: xml } ], to: { topic: b } }", FaultCodes.BadValue)]
    [InlineData("{ from: { topic: a }, steps: [ { map: x, name: n }, { map: y, name: n } ], to: { topic: b } }", FaultCodes.DuplicateName)]
    [InlineData("{ from: { topic: a }, steps: [ { infer: { model: m, overload: drop } } ], to: { topic: b } }", FaultCodes.BadValue)]
    [InlineData("{ from: { topic: a }, steps: [ { infer: { model: m, output: __proto__ } } ], to: { topic: b } }", FaultCodes.BadValue)]
    [InlineData("{ from: { topic: a }, steps: [ { infer: {} } ], to: { topic: b } }", FaultCodes.MissingKey)]
    [InlineData("{ from: { topic: a }, branch: [ { otherwise: true, to: { topic: b } }, { when: x, to: { topic: b } } ] }", FaultCodes.UnreachableBranch)]
    [InlineData("{ from: { topic: a }, branch: [ { otherwise: false, to: { topic: b } } ] }", FaultCodes.BadValue)]
    [InlineData("{ from: { topic: a }, branch: [ { to: { topic: b } } ] }", FaultCodes.MissingKey)]
    [InlineData("{ from: { topic: a }, to: { topic: b }, retry: { attempts: 0 } }", FaultCodes.BadValue)]
    [InlineData("{ from: { topic: a }, to: { topic: b }, retry: { backoff: 30s..1s } }", FaultCodes.BadRange)]
    [InlineData("{ from: { topic: a }, to: { topic: b }, onFailure: parkkey }", FaultCodes.BadValue)]
    [InlineData("{ from: { topic: a }, to: { topic: b }, deadline: 30 }", FaultCodes.BadDuration)]
    [InlineData("{ from: { topic: a }, to: { topic: b }, late: { topic: b } }", FaultCodes.MissingKey)]
    [InlineData("{ from: { topic: a }, to: { topic: b }, sample: x }", FaultCodes.NotYet)]
    [InlineData("{ from: { topic: a }, to: { topic: b }, lanes: 0 }", FaultCodes.BadValue)]
    public void A_fault_of_a_flow_is_told_alone(string flow, params string[] codes)
    {
        var load = Projects.Load("topics: { a: {}, b: {} }\nmodels: { m: { kind: lexicon } }\nflows:\n  f: " + flow);

        Assert.Equal(codes, load.Faults.Select(f => f.Code));
        Assert.All(load.Faults, f => Assert.Equal(4, f.Where.Line));
    }

    [Fact]
    public void A_secret_is_in_no_fault()
    {
        var load = Projects.Load("""
            models:
              a: { kind: openai, model: s, endpoint: "${OPENAI_TOKEN}", token: [ "${OPENAI_TOKEN}" ] }
              b: { kind: "${OPENAI_TOKEN}", timeout: "${OPENAI_TOKEN}" }
            topics: { t: { partitions: "${OPENAI_TOKEN}", durability: "${HOOK_SECRET}", messageSize: "x${HOOK_SECRET}" } }
            node: { auth: { n: { sha256: plain-text-by-mistake, scopes: read } }, origins: ["${HOOK_SECRET}"], allowAddresses: ["${HOOK_SECRET}"] }
            """);

        Assert.True(load.Faults.Count >= 8);
        Assert.All(load.Faults, f => Assert.DoesNotContain("hidden", f.Message + f.Remedy, StringComparison.Ordinal));
        Assert.All(load.Faults, f => Assert.DoesNotContain("by-mistake", f.Message + f.Remedy, StringComparison.Ordinal));
    }

    [Fact]
    public void Names_written_twice_are_found_across_files()
    {
        var load = Projects.Load(new Dictionary<string, string>
        {
            ["trunkline.yaml"] = "include: [ parts/*.yaml ]\nnode: {}\ntopics: { a: {} }",
            ["parts/one.yaml"] = "topics:\n  a: {}\n  b: {}",
            ["parts/two.yaml"] = "node: {}\ntopics:\n  b: {}\n  c: {}",
        });

        Assert.Equal(
            [("parts/one.yaml", 2), ("parts/two.yaml", 1), ("parts/two.yaml", 3)],
            load.Faults.Select(f => (f.Where.File, f.Where.Line)));
        Assert.All(load.Faults, f => Assert.Equal(FaultCodes.DuplicateName, f.Code));
        Assert.Contains("first in trunkline.yaml:3", load.Faults[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Broken_yaml_in_one_file_hides_no_fault_of_the_others_and_invents_none()
    {
        var load = Projects.Load(new Dictionary<string, string>
        {
            ["trunkline.yaml"] = "include: [ topics.yaml ]\nflows:\n  f: { from: { topic: a }, to: { topic: z }, lanes: 0 }",
            ["topics.yaml"] = "topics:\n  a: { partitions: 0 }\n  b: { : : }}\n  z: {}",
        });

        Assert.Equal(
            [(FaultCodes.BadValue, "trunkline.yaml", 3), (FaultCodes.BadValue, "topics.yaml", 2), (FaultCodes.BrokenYaml, "topics.yaml", 3)],
            load.Faults.Select(f => (f.Code, f.Where.File, f.Where.Line)).OrderByDescending(f => f.File).ThenBy(f => f.Line));
    }

    [Fact]
    public void Includes_that_go_in_a_circle_are_refused_with_the_circle()
    {
        var load = Projects.Load(new Dictionary<string, string>
        {
            ["trunkline.yaml"] = "include: a.yaml",
            ["a.yaml"] = "include: sub/b.yaml",
            ["sub/b.yaml"] = "include: ../a.yaml",
        });

        var fault = Assert.Single(load.Faults);
        Assert.Equal((FaultCodes.BadInclude, "sub/b.yaml", 1), (fault.Code, fault.Where.File, fault.Where.Line));
        Assert.Contains("a.yaml -> sub/b.yaml -> a.yaml", fault.Message, StringComparison.Ordinal);
    }
}
