using System.Collections.Concurrent;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.Steps.Scripts;

/// <summary>
/// Programs that stay: each takes one message at a time. One that fails is replaced, one that nobody needed for a minute ends. Thread-safe.
/// </summary>
internal sealed class ScriptPool
{
    private static readonly TimeSpan s_idleMax = TimeSpan.FromMinutes(1);

    private readonly ExecStepConfig _config;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _places;
    private readonly ConcurrentStack<ScriptProcess> _idle = new();
    private readonly ITimer _ending;

    public ScriptPool(ExecStepConfig config, TimeProvider time)
    {
        (_config, _time, _places) = (config, time, new SemaphoreSlim(config.Pool));
        _ending = time.CreateTimer(_ => End(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The line a program answers to a line. Waits while all are at work.</summary>
    /// <param name="line">The message, in one line.</param>
    /// <param name="ended">Told of a program that is used no more.</param>
    /// <param name="cancellationToken">Ends the wait, and kills the program.</param>
    public async Task<ReadOnlyMemory<byte>> RunAsync(ReadOnlyMemory<byte> line, Action<ScriptProcess> ended, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
        var process = default(ScriptProcess);
        var isWell = false;
        try
        {
            process = TakeIdle() ?? ScriptProcess.Start(_config, _time);
            var answer = await process.RunLineAsync(line, cancellationToken).ConfigureAwait(false);
            isWell = true;
            return answer;
        }
        finally
        {
            if (isWell)
            {
                _idle.Push(process!);
                _ending.Change(s_idleMax, Timeout.InfiniteTimeSpan);
            }
            else if (process is not null)
            {
                ended(process);
                process.Dispose();
            }

            _places.Release();
        }
    }

    private ScriptProcess? TakeIdle()
    {
        while (_idle.TryPop(out var idle))
        {
            if (idle.IsAlive)
            {
                return idle;
            }

            idle.Dispose();
        }

        return null;
    }

    private void End()
    {
        while (_idle.TryPop(out var idle))
        {
            idle.Dispose();
        }
    }
}
