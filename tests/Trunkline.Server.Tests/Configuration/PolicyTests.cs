using Trunkline.Core.Config;

namespace Trunkline.Server.Tests.Configuration;

/// <summary>What a project holds itself to.</summary>
public sealed class PolicyTests
{
    [Fact]
    public void Every_missing_thing_is_told_where_it_is_missing()
    {
        var load = Projects.Load("""
            policies: { owner: required, subject: required, slo: required, topicNames: "[a-z.]+", flowNames: "[a-z-]+", except: [ legacy ] }
            owners: { desk: {} }
            topics:
              good: { owner: desk, subject: good, readers: { a: { fields: [x], owner: desk }, b: { fields: [y] } } }
              Bad_1: {}
              legacy: {}
            flows:
              keep: { from: { topic: good }, to: { topic: legacy }, owner: desk, slo: { within: 5s } }
              Move: { from: { topic: good }, to: { topic: legacy } }
            """);
        Assert.Null(load.Config);
        Assert.Equal(
            ["4 reader 'b' of topic 'good' owner", "5 topic 'Bad_1' name", "5 topic 'Bad_1' owner", "5 topic 'Bad_1' subject", "9 flow 'Move' name", "9 flow 'Move' owner", "9 flow 'Move' slo"],
            load.Faults.Select(fault => $"{fault.Where.Line} {Short(fault)}").Order(StringComparer.Ordinal));
        Assert.All(load.Faults, fault => Assert.Equal(FaultCodes.Policy, fault.Code));
    }

    [Theory]
    [InlineData("policies: { topicNames: \"(a\" }", FaultCodes.BadValue)]
    [InlineData("policies: { topicNames: \"(a)\\\\1\" }", FaultCodes.BadValue)]
    [InlineData("topics: { a: { deprecated: 2027-02-30 } }", FaultCodes.BadValue)]
    [InlineData("topics: { a: { deprecated: { sunset: 2027-02-20, use: b } } }", FaultCodes.MissingTopic)]
    public void What_cannot_be_meant_is_a_fault(string text, string code) => Assert.Equal(code, Projects.OnlyFault(text).Code);

    [Fact]
    public void Without_policies_nothing_is_asked_for() => Projects.Valid("topics: { A_1: { deprecated: 2027-03-31 } }");

    private static string Short(Fault fault) => fault.Message.StartsWith("The name of ", StringComparison.Ordinal)
        ? fault.Message["The name of ".Length..fault.Message.IndexOf(" does", StringComparison.Ordinal)] + " name"
        : fault.Message[4..fault.Message.IndexOf(',', StringComparison.Ordinal)].Replace(" names no", "", StringComparison.Ordinal);
}
