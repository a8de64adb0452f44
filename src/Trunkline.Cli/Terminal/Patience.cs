namespace Trunkline.Cli.Terminal;

/// <summary>Says on stderr what is waited for, once it takes over a second and then every ten.</summary>
internal static class Patience
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Then = TimeSpan.FromSeconds(10);

    public static async Task<T> WaitAsync<T>(Output output, string what, Task<T> work)
    {
        var started = TimeProvider.System.GetTimestamp();
        var pause = First;
        while (!work.IsCompleted)
        {
            using var done = new CancellationTokenSource();
            if (await Task.WhenAny(work, Task.Delay(pause, TimeProvider.System, done.Token)) == work)
            {
                await done.CancelAsync();
                break;
            }

            output.Note($"{what} … {TimeProvider.System.GetElapsedTime(started).TotalSeconds:0} s");
            pause = Then;
        }

        return await work;
    }
}
