using Trunkline.Crash.Tests.Harness;

namespace Trunkline.Crash.Tests;

/// <summary>The judge itself is judged: each planted fault is found, by its own name.</summary>
public class StoreModelTests
{
    private static JournalMessage At(string id, long offset, long counter, string hash = "h") =>
        new("in", id, "k", counter, hash) { Unit = 1, Partition = 0, Offset = offset };

    private static (StoreModel Model, List<JournalMessage> Stored, List<JournalLine> Others) Clean()
    {
        var model = new StoreModel();
        List<JournalMessage> messages = [At("a", 0, 1), At("b", 1, 2), At("c", 2, 3)];
        model.Note(new JournalLine { Kind = "try", Unit = 1, Messages = messages });
        model.Note(new JournalLine { Kind = "ok", Unit = 1, Messages = messages });
        return (model, messages, [new JournalLine { Kind = "state", Name = "unit-1", Value = "done" }, new JournalLine { Kind = "position", Name = "in/0", Value = "2" }]);
    }

    private static IReadOnlyList<string> Judge(Func<List<JournalMessage>, List<JournalMessage>> plant, Func<List<JournalLine>, List<JournalLine>>? plantRest = null)
    {
        var (model, messages, rest) = Clean();
        return model.Judge([new JournalLine { Kind = "message", Messages = plant(messages) }, .. (plantRest ?? (r => r))(rest)]);
    }

    [Fact]
    public void A_clean_store_has_no_finding() => Assert.Empty(Judge(m => m));

    [Fact]
    public void A_lost_message_is_found() => Assert.Contains(Judge(m => m[..2]), f => f.StartsWith("lost:", StringComparison.Ordinal));

    [Fact]
    public void A_doubled_message_is_found() =>
        Assert.Contains(Judge(m => [.. m, At("a", 3, 4)]), f => f.StartsWith("doubled:", StringComparison.Ordinal));

    [Fact]
    public void Swapped_messages_are_found() =>
        Assert.Contains(Judge(m => [At("b", 0, 2), At("a", 1, 1), m[2]]), f => f.StartsWith("reordered:", StringComparison.Ordinal));

    [Fact]
    public void An_altered_message_is_found() =>
        Assert.Equal(["altered: b at in/0/1"], Judge(m => [m[0], m[1] with { Hash = "x" }, m[2]]));

    [Fact]
    public void A_position_ahead_is_found() =>
        Assert.Equal(
            ["position ahead: in/0 is at 9, the end is 3"],
            Judge(m => m, r => [r[0], new JournalLine { Kind = "position", Name = "in/0", Value = "9" }]));

    [Fact]
    public void Half_a_unit_is_found() =>
        Assert.Contains(Judge(m => m, r => r[1..]), f => f.StartsWith("torn:", StringComparison.Ordinal));
}
