using System.Collections.Concurrent;
using Trunkline.Client.Api;
using Trunkline.Client.Consuming;

namespace Trunkline.Client.Tests.Consuming;

public sealed class ConsumeTests : ClientTest
{
    private static readonly Dictionary<string, string> Binary = new() { ["ce-specversion"] = "1.0", ["ce-id"] = "1", ["ce-source"] = "/", ["ce-type"] = "t" };

    [Fact]
    public async Task Every_message_is_handled_once_and_acknowledged()
    {
        await PublishAsync(500);
        var seen = new ConcurrentBag<int>();
        await using var consumer = Consume(new ConsumeOptions(), (note, _) =>
        {
            seen.Add(note.Body.Number);
            return ValueTask.CompletedTask;
        });
        await UntilAsync(async () => await LagAsync() == 0, "all are acknowledged");
        Assert.Equal(Enumerable.Range(1, 500), seen.Order());
        Assert.True(Connection.Reached("ack") < 250, $"{Connection.Reached("ack")} requests acknowledged 500 messages.");
    }

    [Fact]
    public async Task Messages_of_a_key_are_handled_in_order_though_many_run_at_once()
    {
        await PublishAsync([.. Enumerable.Range(0, 200).Select(n => new Note(n, $"k{n % 4}"))]);
        var (seen, at) = (new ConcurrentQueue<Note>(), new ConcurrentDictionary<string, int>());
        await using var consumer = Consume(new ConsumeOptions { Concurrency = 16 }, async (note, _) =>
        {
            Assert.Equal(1, at.AddOrUpdate(note.Body.Key!, 1, (_, n) => n + 1));
            await Task.Yield();
            seen.Enqueue(note.Body);
            at.AddOrUpdate(note.Body.Key!, 0, (_, n) => n - 1);
        });
        await UntilAsync(async () => await LagAsync() == 0, "all are acknowledged");
        Assert.All(seen.GroupBy(n => n.Key), of => Assert.Equal(of.Select(n => n.Number).Order(), of.Select(n => n.Number)));
    }

    [Fact]
    public async Task A_message_whose_handler_fails_comes_again_later()
    {
        await PublishAsync(1);
        var attempts = new ConcurrentQueue<int>();
        var trouble = new ConcurrentQueue<(Exception Failure, EventView? Message)>();
        var options = new ConsumeOptions { RetryMin = TimeSpan.FromMinutes(1), RetryMax = TimeSpan.FromMinutes(9), Trouble = (failure, message) => trouble.Enqueue((failure, message)) };
        await using var consumer = Consume(options, (note, _) =>
        {
            attempts.Enqueue(note.Attempt);
            return note.Attempt < 3 ? throw new InvalidOperationException("not yet") : ValueTask.CompletedTask;
        });
        await UntilAsync(() => Connection.Reached("nack") == 1, "it was given back");
        Assert.Equal(0, await FreeAsync());
        NodeTime.Advance(TimeSpan.FromSeconds(61));
        await UntilAsync(() => Comes(2) && Connection.Reached("nack") == 2, "it was given back again");
        NodeTime.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(0, await FreeAsync());
        NodeTime.Advance(TimeSpan.FromSeconds(60));
        await UntilAsync(async () => Comes(3) && await LagAsync() == 0, "it is acknowledged");
        Assert.Equal([1, 2, 3], attempts);
        Assert.Equal(2, trouble.Count(t => t.Failure is InvalidOperationException && t.Message is not null));

        // A fetch that looked just before the clock moved waits from then on: the clock goes on until the message has come.
        bool Comes(int attempt)
        {
            if (attempts.Count < attempt)
            {
                NodeTime.Advance(TimeSpan.FromMilliseconds(500));
            }

            return attempts.Count >= attempt;
        }
    }

    [Fact]
    public async Task A_body_that_cannot_be_read_ends_among_the_dead_letters_and_holds_up_nobody()
    {
        await Client.PublishAsync("in", new PublishContent { Body = "\"text\""u8.ToArray() }, Cancel);
        await Client.PublishAsync("in", new PublishContent { Body = "text"u8.ToArray(), ContentType = "text/plain", Headers = Binary }, Cancel);
        await PublishAsync(1);
        var seen = new ConcurrentBag<int>();
        await using var consumer = Consume(new ConsumeOptions { RetryMin = TimeSpan.Zero, RetryMax = TimeSpan.Zero }, (note, _) =>
        {
            seen.Add(note.Body.Number);
            return ValueTask.CompletedTask;
        });
        await UntilAsync(async () => await LagAsync() == 0, "all are settled");
        Assert.Equal([1], seen);
        Assert.Equal(2, (await Client.GetTopicAsync("readers.dead", Cancel)).Messages);
    }

    [Fact]
    public async Task Slow_handlers_make_the_rest_wait_at_the_node()
    {
        await PublishAsync(20);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = 0;
        await using var consumer = Consume(new ConsumeOptions { Concurrency = 2, InHandMax = 4 }, async (_, cancel) =>
        {
            Interlocked.Increment(ref running);
            await go.Task.WaitAsync(cancel);
        });
        await UntilAsync(() => Volatile.Read(ref running) == 2, "two run");
        Assert.Equal(16, await FreeAsync());
        Assert.Equal(2, Volatile.Read(ref running));
        go.SetResult();
        await UntilAsync(async () => await LagAsync() == 16, "its four are acknowledged");
    }

    [Fact]
    public async Task A_stop_finishes_what_runs_and_gives_back_what_has_not_begun()
    {
        await PublishAsync(5);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = 0;
        await using var consumer = Consume(new ConsumeOptions { Concurrency = 1, DrainTime = TimeSpan.FromSeconds(60) }, async (_, cancel) =>
        {
            Interlocked.Increment(ref running);
            await go.Task.WaitAsync(cancel);
        });
        await UntilAsync(() => Volatile.Read(ref running) == 1, "one runs");
        var stopping = consumer.StopAsync();
        go.SetResult();
        await stopping;
        Assert.Equal(4, await LagAsync());

        // What the node lent to the fetch that was broken off comes as soon as it notices.
        var free = 0;
        await UntilAsync(async () => (free += await FreeAsync()) == 4, "the others have the rest");
    }

    [Fact]
    public async Task A_handler_that_does_not_end_is_cancelled_after_the_drain_time()
    {
        await PublishAsync(1);
        var running = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var consumer = Consume(new ConsumeOptions { DrainTime = TimeSpan.FromMilliseconds(50) }, async (_, cancel) =>
        {
            running.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel);
        });
        await running.Task.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, Cancel);
        await consumer.StopAsync();
        Assert.Equal(1, await FreeAsync());
    }

    [Fact]
    public async Task Options_out_of_range_are_refused() => await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
        () => Group.ConsumeAsync((_, _) => ValueTask.CompletedTask, new ConsumeOptions { Concurrency = 8, InHandMax = 4 }, Cancel));
}
