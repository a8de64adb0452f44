using Trunkline.Core.Config;

namespace Trunkline.Server.Tests.Configuration;

public sealed class CycleTests
{
    private const string Topics = "topics: { a: {}, b: {}, c: {}, out: {} }\nflows:\n";

    [Theory]
    [InlineData("  f: { from: { topic: a }, to: { topic: a } }", "a -> (f) -> a")]
    [InlineData("  f: { from: { topic: a }, to: { topic: b } }\n  g: { from: { topic: b }, to: { topic: a } }", "a -> (f) -> b -> (g) -> a")]
    [InlineData("  feed: { from: { topic: c }, to: { topic: a } }\n  f: { from: { topic: a }, to: { topic: a } }", "a -> (f) -> a")]
    [InlineData("  f: { from: { topic: a }, to: [ { topic: a }, { topic: out } ] }", "a -> (f) -> a")]
    [InlineData("  f: { from: { topic: a }, branch: [ { when: x, to: { topic: b } }, { otherwise: true, to: { topic: a } } ] }\n"
        + "  g: { from: { topic: b }, to: { topic: a } }", "a -> (f) -> b -> (g) -> a")]
    public void A_loop_without_a_way_out_is_a_fault(string flows, string way)
    {
        var fault = Projects.OnlyFault(Topics + flows);

        Assert.Equal(FaultCodes.Cycle, fault.Code);
        Assert.Contains(way, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("  f: { from: { topic: a }, branch: [ { when: x, to: { topic: a } }, { otherwise: true, to: { topic: out } } ] }")]
    [InlineData("  f: { from: { topic: a }, branch: [ { when: x, to: { topic: a } } ] }")]
    [InlineData("  f: { from: { topic: a }, steps: [ { filter: x } ], to: { topic: b } }\n  g: { from: { topic: b }, to: { topic: a } }")]
    [InlineData("  f: { from: { topic: a }, to: { topic: b } }\n  g: { from: { topic: b }, to: { topic: c } }")]
    public void A_loop_with_a_way_out_is_allowed(string flows) => Projects.Valid(Topics + flows);
}
