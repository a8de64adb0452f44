using System.Globalization;
using Trunkline.Server.Sight.CriticalPaths;

namespace Trunkline.Server.Tests.Sight.CriticalPaths;

/// <summary>Paths through one trace are those CRISP and Jaeger find.</summary>
public sealed class TracePathTests
{
    public static TheoryData<int> Crisp => [.. Enumerable.Range(1, 25)];

    public static TheoryData<int> Jaeger => [.. Enumerable.Range(1, 9)];

    public static TheoryData<int, int> Errors => new(from pattern in Enumerable.Range(1, 4) from number in Enumerable.Range(1, 2) select (pattern, number));

    [Theory]
    [MemberData(nameof(Crisp))]
    public void The_25_traces_of_CRISP_give_its_answers_and_Jaegers(int number)
    {
        var name = number.ToString(CultureInfo.InvariantCulture) + ".json";
        var trace = TraceVectors.Read($"crisp/test_cases/{name}").GetProperty("data")[0];
        var spans = TraceVectors.Spans(trace);
        var crisp = TracePath.Of(spans, PathRules.Crisp);
        var reference = TraceVectors.Read("crisp/reference-crisp-output.json").GetProperty(name);
        Assert.Equal(TraceVectors.Numbers(reference.GetProperty("exclusiveBySpan")), TraceVectors.Sums(crisp, s => s.Span));
        Assert.Equal(reference.GetProperty("rootDuration").GetInt64(), crisp.Sum(s => s.Length));
        var jaeger = TracePath.Of(spans, PathRules.Jaeger);
        var other = TraceVectors.Read("crisp/reference-jaeger-ui-output.json").GetProperty(name);
        var sections = other.GetProperty("sections").EnumerateArray()
            .Select(s => (s.GetProperty("spanID").GetString()!, s.GetProperty("sectionStart").GetInt64(), s.GetProperty("sectionEnd").GetInt64()));
        Assert.Equal(sections, jaeger.Select(s => (s.Span, s.Start, s.End)));
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public void The_8_traces_of_CRISP_with_errors_give_its_times(int pattern, int number)
    {
        var file = TraceVectors.Read($"crisp/test_cases/err_pattern{pattern}/err{number}.json");
        var path = TracePath.Of(TraceVectors.Spans(file.GetProperty("data")[0]), PathRules.Crisp);
        var testing = file.GetProperty("testing");
        var expected = testing.ValueKind == System.Text.Json.JsonValueKind.Array ? testing[0] : testing;
        Assert.Equal(TraceVectors.Numbers(expected.GetProperty("opTimeExclusive")), TraceVectors.Sums(path, s => s.Owner));
    }

    [Theory]
    [MemberData(nameof(Jaeger))]
    public void The_9_cases_of_Jaeger_give_its_sections(int number)
    {
        var file = TraceVectors.Read($"jaeger-ui/critical-path-{number}.json");
        var expected = file.GetProperty("expectedCriticalPathSections").EnumerateArray()
            .Select(s => (s.GetProperty("spanID").GetString()!, s.GetProperty("sectionStart").GetInt64(), s.GetProperty("sectionEnd").GetInt64()));
        Assert.Equal(expected, TracePath.Of(TraceVectors.Spans(file.GetProperty("trace")), PathRules.Jaeger).Select(s => (s.Span, s.Start, s.End)));
    }

    [Fact]
    public void A_circle_or_a_trace_nested_too_deep_is_refused()
    {
        Assert.Throws<ArgumentException>(() => TracePath.Of([new PathSpan("a", "b", "o", 0, 1), new PathSpan("b", "a", "o", 0, 1)], PathRules.Jaeger));
        var deep = Enumerable.Range(0, TracePath.DepthMax + 10).Select(i => new PathSpan($"{i}", i == 0 ? null : $"{i - 1}", "o", 0, 10)).ToList();
        Assert.Throws<ArgumentException>(() => TracePath.Of(deep, PathRules.Jaeger));
    }
}
