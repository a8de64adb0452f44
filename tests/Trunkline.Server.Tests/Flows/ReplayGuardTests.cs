using Trunkline.Messaging;
using Trunkline.Server.Configuration;
using Trunkline.Server.Flows;
using Trunkline.Server.Steps;
using Trunkline.Server.Tests.Steps;

namespace Trunkline.Server.Tests.Flows;

public sealed class ReplayGuardTests
{
    [Theory]
    [InlineData(null, true)]
    [InlineData("replay-1; send", true)]
    [InlineData("replay-1", false)]
    public async Task What_a_replay_made_passes_a_sink_outside_only_if_it_was_asked_to_send(string? mark, bool passes)
    {
        using var pipeline = new ReplayGuard(new Sender()).Create();
        var message = new Message { Id = new MessageId("m"), Payload = "{}"u8.ToArray(), Headers = mark is null ? Headers.Empty : Headers.Of(new Header(HeaderNames.Replay, mark)) };

        var result = await pipeline.RunAsync(new PipelineInput("outbox", new StoredMessage(message, new Position(0, 0), Pipelines.Noon), 1), TestContext.Current.CancellationToken);

        Assert.Equal(passes, result is PipelineResult.Delivered);
    }

    [Fact]
    public async Task The_mark_goes_on_to_what_a_flow_makes_of_a_message()
    {
        var message = new Message { Id = new MessageId("m"), Payload = "{}"u8.ToArray(), Headers = Headers.Of(new Header(HeaderNames.Replay, "replay-1")) };
        var made = Assert.IsType<PipelineResult.Delivered>(await Pipelines.Factory([]).RunAsync(message)).Outputs[0].Message;
        Assert.Equal("replay-1", made.Headers.Text(HeaderNames.Replay));
        Assert.False(ReplayMark.MaySend(made));
    }

    private sealed class Sender : IPipelineFactory, IPipeline
    {
        public IReadOnlyList<SinkConfig> Sinks => [];

        public IPipeline Create() => this;

        public ValueTask<PipelineResult> RunAsync(PipelineInput input, CancellationToken cancellationToken) => ValueTask.FromResult<PipelineResult>(new PipelineResult.Delivered(0, []));

        public void Dispose()
        {
            // Holds nothing.
        }
    }
}
