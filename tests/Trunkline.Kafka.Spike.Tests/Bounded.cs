namespace Trunkline.Kafka.Spike.Tests;

/// <summary>
/// Native calls of librdkafka that take no timeout (close, destroy) wait for its threads, and have been seen to wait for ever.
/// Here such a wait ends the test with the call's name instead.
/// </summary>
internal static class Bounded
{
    /// <summary>What one test may take; each wait inside it has a shorter bound with a message of its own.</summary>
    public const int TestMilliseconds = 180_000;

    /// <summary>What one wait may take, on a machine that is busy with other things too.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Runs a call on a thread of its own, which is left behind when the call does not return.</summary>
    public static void Run(string call, Action action)
    {
        var done = Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        if (Task.WaitAny([done], Patience) < 0)
        {
            throw new TimeoutException($"librdkafka: {call} did not return within {Patience.TotalSeconds} s.");
        }

        done.GetAwaiter().GetResult();
    }
}
