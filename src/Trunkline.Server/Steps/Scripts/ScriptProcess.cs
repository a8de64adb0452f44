using System.Diagnostics;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.Steps.Scripts;

/// <summary>A program of an <c>exec</c> step, watched while it works: past a bound it is killed with all it started. One message at a time.</summary>
internal sealed class ScriptProcess : IDisposable
{
    /// <summary>The most it may print for a message.</summary>
    public const int OutputBytesMax = 1024 * 1024;

    private const int ErrorCharactersMax = 4 * 1024;
    private const int DataError = 65;
    private const string SetSid = "/usr/bin/setsid";
    private static readonly string[] s_passedOn = ["PATH", "HOME", "LANG", "TZ"];
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    private readonly ExecStepConfig _config;
    private readonly TimeProvider _time;
    private readonly Process _process;
    private readonly ProcessTree _tree;
    private readonly char[] _error = new char[ErrorCharactersMax];
    private int _errorLength;
    private volatile string? _overLimit;

    private ScriptProcess(ExecStepConfig config, TimeProvider time, Process process, ProcessTree tree)
    {
        (_config, _time, _process, _tree) = (config, time, process, tree);
        _ = DrainErrorsAsync();
    }

    /// <summary>What it wrote to standard error, the beginning.</summary>
    public string Error => new(_error, 0, _errorLength);

    /// <summary>True as long as it can take a message.</summary>
    public bool IsAlive => !_process.HasExited;

    /// <summary>Starts it, in a session of its own, with nothing of the node's environment but where programs are.</summary>
    /// <exception cref="StepException">It cannot be started.</exception>
    public static ScriptProcess Start(ExecStepConfig config, TimeProvider time)
    {
        var mark = Guid.NewGuid().ToString("N");
        var start = new ProcessStartInfo(SetSid)
        {
            WorkingDirectory = config.Directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var part in config.Command)
        {
            start.ArgumentList.Add(part);
        }

        var own = s_passedOn.Select(name => (name, Environment.GetEnvironmentVariable(name))).ToArray();
        start.Environment.Clear();
        foreach (var (name, value) in own.Where(variable => variable.Item2 is not null))
        {
            start.Environment[name] = value;
        }

        foreach (var (name, value) in config.Environment)
        {
            start.Environment[name] = value.Value;
        }

        start.Environment["TRUNKLINE_SCRIPT"] = mark;
        try
        {
            var process = Process.Start(start)!;
            return new ScriptProcess(config, time, process, new ProcessTree(process.Id, $"TRUNKLINE_SCRIPT={mark}"));
        }
        catch (Exception failed) when (failed is System.ComponentModel.Win32Exception or IOException or InvalidOperationException)
        {
            throw Failed(config, "step.script-failed", "It cannot be started here: programs run on Linux, with setsid of util-linux.", FaultClass.Retryable, failed);
        }
    }

    /// <summary>Gives it one message and the end of its input; what it prints until it ends.</summary>
    public Task<ReadOnlyMemory<byte>> RunToEndAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken) => WatchedAsync(
        async token =>
        {
            var writing = WriteAsync(body, andClose: true, token);
            var printed = ReadAsync(untilLine: false, token);
            await _process.WaitForExitAsync(token).ConfigureAwait(false);

            // What it started and left behind keeps its output open; it ends with it.
            await Task.Run(_tree.Kill, CancellationToken.None).ConfigureAwait(false);
            await writing.ConfigureAwait(false);
            var output = await printed.ConfigureAwait(false);
            return _process.ExitCode == 0 ? output : throw Ended();
        },
        cancellationToken);

    /// <summary>Gives it one message as a line; the line it answers.</summary>
    public Task<ReadOnlyMemory<byte>> RunLineAsync(ReadOnlyMemory<byte> line, CancellationToken cancellationToken) => WatchedAsync(
        async token =>
        {
            await WriteAsync(line, andClose: false, token).ConfigureAwait(false);
            var answer = await ReadAsync(untilLine: true, token).ConfigureAwait(false);
            if (!answer.IsEmpty)
            {
                return answer;
            }

            await _process.WaitForExitAsync(token).ConfigureAwait(false);
            throw Ended();
        },
        cancellationToken);

    /// <summary>Kills it with all it started.</summary>
    public void Dispose()
    {
        _tree.Kill();
        _process.Dispose();
    }

    private async Task<ReadOnlyMemory<byte>> WatchedAsync(Func<CancellationToken, Task<ReadOnlyMemory<byte>>> run, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_config.Timeout, _time);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var watching = WatchAsync(done);
        try
        {
            return await run(done.Token).ConfigureAwait(false);
        }
        catch (Exception failed) when (failed is OperationCanceledException or IOException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw _overLimit is { } limit ? Failed(_config, "step.script-over-limit", limit, FaultClass.Poison)
                : deadline.IsCancellationRequested ? Failed(_config, "step.script-timeout", $"It gave no answer within {_config.Timeout.TotalSeconds} s and was killed.", FaultClass.Retryable)
                : Failed(_config, "step.script-failed", "It broke off.", FaultClass.Retryable, failed);
        }
        finally
        {
            await done.CancelAsync().ConfigureAwait(false);
            await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WatchAsync(CancellationTokenSource done)
    {
        while (!done.IsCancellationRequested)
        {
            await Task.Delay(s_look, _time, done.Token).ConfigureAwait(false);
            var (processes, bytes) = _tree.Load();
            _overLimit ??= processes > _config.ProcessesMax ? FormattableString.Invariant($"It was more than {_config.ProcessesMax} processes and was killed with them.")
                : bytes > _config.MemoryMax ? FormattableString.Invariant($"It held more than {_config.MemoryMax} bytes of memory and was killed.")
                : null;
            if (_overLimit is not null)
            {
                _tree.Kill();
                await done.CancelAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> body, bool andClose, CancellationToken cancellationToken)
    {
        try
        {
            var input = _process.StandardInput.BaseStream;
            await input.WriteAsync(body, cancellationToken).ConfigureAwait(false);
            await input.FlushAsync(cancellationToken).ConfigureAwait(false);
            if (andClose)
            {
                _process.StandardInput.Close();
            }
        }
        catch (IOException)
        {
            // It reads no more, which is its right; what it prints and how it ends tells the rest.
        }
    }

    private async Task<ReadOnlyMemory<byte>> ReadAsync(bool untilLine, CancellationToken cancellationToken)
    {
        var stream = _process.StandardOutput.BaseStream;
        using var output = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var read)
        {
            output.Write(buffer, 0, read);
            if (output.Length > OutputBytesMax)
            {
                _tree.Kill();
                throw Failed(_config, "step.script-malformed", "It printed more than 1 MiB.", FaultClass.Poison);
            }

            if (untilLine && buffer.AsSpan(0, read).Contains((byte)'\n'))
            {
                break;
            }
        }

        return output.ToArray();
    }

    private async Task DrainErrorsAsync()
    {
        var more = new char[ErrorCharactersMax];
        try
        {
            while (await _process.StandardError.ReadAsync(more.AsMemory()).ConfigureAwait(false) is > 0 and var read)
            {
                var kept = Math.Min(read, ErrorCharactersMax - _errorLength);
                more.AsSpan(0, kept).CopyTo(_error.AsSpan(_errorLength));
                _errorLength += kept;
            }
        }
        catch (Exception ended) when (ended is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The process is gone, and with it what it would have said.
        }
    }

    private StepException Ended() => _process.ExitCode switch
    {
        _ when _overLimit is { } limit => Failed(_config, "step.script-over-limit", limit, FaultClass.Poison),
        DataError => Failed(_config, "step.script-refused", "It ended with 65: the message is at fault.", FaultClass.Terminal),
        126 or 127 => Failed(_config, "step.script-failed", "Its program was not found, or is none.", FaultClass.Retryable),
        var code => Failed(_config, "step.script-failed", FormattableString.Invariant($"It ended with {code}."), FaultClass.Retryable),
    };

    private static StepException Failed(ExecStepConfig config, string code, string detail, FaultClass faultClass, Exception? inner = null) =>
        inner is null ? new StepException(new StepFault(code, config.Name, detail, faultClass)) : new StepException(new StepFault(code, config.Name, detail, faultClass), inner);
}
