using System.Text;
using Microsoft.Extensions.Time.Testing;
using Trunkline.Messaging;
using Trunkline.Server.Steps;
using Trunkline.Server.Taps;
using Trunkline.Server.Tests.Steps;

namespace Trunkline.Server.Tests.Taps;

public sealed class TapTests
{
    private readonly TapBoard _board = new(new FakeTimeProvider(Pipelines.Noon));

    [Fact]
    public void Values_and_keys_are_masked_unless_asked_for()
    {
        var (masked, open) = (_board.Open("f", null, false)!, _board.Open("f", "in", true)!);
        Pass("""{"name":"Ann","age":7,"tags":["x"],"vip":true,"none":null}""");

        Assert.True(masked.Reader.TryRead(out var seen));
        Assert.Equal("""{"name":"string of 3 characters","age":"number","tags":["string of 1 characters"],"vip":"boolean","none":null}""", seen.Body!.Value.GetRawText());
        Assert.Equal(("in", "5 bytes", 1), (seen.Step, seen.Key, seen.Attempt));
        Assert.True(open.Reader.TryRead(out var whole));
        Assert.Equal(("Ann", "ann@x"), (whole.Body!.Value.GetProperty("name").GetString(), whole.Key));
    }

    [Fact]
    public void A_slow_reader_is_shown_a_sample_with_the_count_of_what_it_missed()
    {
        var tap = _board.Open("f", "in", false)!;
        for (var i = 0; i < Tap.WaitingMax + 50; i++)
        {
            Pass("{}");
        }

        var read = 0;
        while (tap.Reader.TryRead(out var seen))
        {
            read++;
            Assert.Equal(0, seen.Missed);
        }

        Assert.Equal(Tap.WaitingMax, read);
        Pass("{}");
        Assert.True(tap.Reader.TryRead(out var next));
        Assert.Equal(50, next.Missed);
    }

    [Fact]
    public void What_is_no_JSON_or_too_large_is_told_by_its_length()
    {
        var tap = _board.Open("f", "in", true)!;
        Pass("From: ann");
        Pass("\"" + new string('x', Tap.BodyBytesMax) + "\"");

        Assert.True(tap.Reader.TryRead(out var text));
        Assert.True(tap.Reader.TryRead(out var large));
        Assert.Null(text.Body);
        Assert.Equal(9, text.BodyBytes);
        Assert.Null(large.Body);
    }

    [Fact]
    public void A_tap_sees_its_own_flow_only_and_there_is_a_bound_on_taps()
    {
        var other = _board.Open("g", null, false)!;
        Pass("{}");
        Assert.False(other.Reader.TryRead(out _));
        _board.Close(other);
        for (var i = 0; i < TapBoard.TapsMax; i++)
        {
            Assert.NotNull(_board.Open("f", null, false));
        }

        Assert.Null(_board.Open("f", null, false));
    }

    private void Pass(string body)
    {
        var message = new Message { Id = new MessageId("m"), Key = MessageKey.FromText("ann@x"), Payload = Encoding.UTF8.GetBytes(body) };
        _board.Of("f").Began(new PipelineInput("in", new StoredMessage(message, new Position(0, 3), Pipelines.Noon), 1));
    }
}
