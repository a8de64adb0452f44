using Microsoft.Extensions.Time.Testing;
using Trunkline.Client.Consuming;

namespace Trunkline.Client.Tests.Consuming;

public sealed class LeaseTests : ClientTest
{
    private readonly FakeTimeProvider _clientTime = new();

    [Fact]
    public async Task A_lease_is_extended_for_as_long_as_the_handler_takes()
    {
        await PublishAsync(1);
        var (go, running) = (Signal(), Signal());
        await using var consumer = Consume(new ConsumeOptions { Time = _clientTime }, async (_, cancel) =>
        {
            running.SetResult();
            await go.Task.WaitAsync(cancel);
        });
        await running.Task.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, Cancel);
        for (var tick = 1; tick <= 9; tick++)
        {
            NodeTime.Advance(TimeSpan.FromSeconds(11));
            _clientTime.Advance(TimeSpan.FromSeconds(11));
            var expected = tick;
            await UntilAsync(() => Connection.Reached("extend") >= expected, "it was extended");
        }

        Assert.Equal(0, await FreeAsync());
        go.SetResult();
        await UntilAsync(async () => await LagAsync() == 0, "it is acknowledged");
    }

    [Fact]
    public async Task A_handler_whose_lease_is_lost_is_told()
    {
        await PublishAsync(1);
        var (running, told) = (Signal(), Signal());
        await using var consumer = Consume(new ConsumeOptions { Time = _clientTime }, async (note, cancel) =>
        {
            if (note.Attempt == 1)
            {
                using var telling = cancel.Register(told.SetResult);
                running.SetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel);
            }
        });
        await running.Task.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, Cancel);
        NodeTime.Advance(TimeSpan.FromSeconds(31));
        _clientTime.Advance(TimeSpan.FromSeconds(11));
        await told.Task.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, Cancel);
        await UntilAsync(async () => await LagAsync() == 0, "it came again and was acknowledged");
    }

    private static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
