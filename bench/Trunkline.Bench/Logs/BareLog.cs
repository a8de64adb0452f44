using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Trunkline.Bench.Logs;

/// <summary>The least a durable log can do: write the bytes of all messages in flight, fsync (or fdatasync), repeat. No checks, no keys, no readers.</summary>
internal static partial class BareLog
{
    public static Outcome Run(string folder, int size, int inFlight, double seconds, bool dataOnly)
    {
        using var file = File.OpenHandle(Path.Combine(folder, "bare"), FileMode.Create, FileAccess.Write);
        var bytes = new byte[size * inFlight];
        Random.Shared.NextBytes(bytes);
        long at = 0;
        var measure = new Measure(seconds);
        while (measure.Runs)
        {
            var since = Stopwatch.GetTimestamp();
            RandomAccess.Write(file, bytes, at);
            if (dataOnly)
            {
                if (SyncData((int)file.DangerousGetHandle()) != 0)
                {
                    throw new IOException("fdatasync failed");
                }
            }
            else
            {
                RandomAccess.FlushToDisk(file);
            }

            at += bytes.Length;
            measure.Acknowledged(inFlight, since);
        }

        return measure.End();
    }

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int SyncData(int file);
}
