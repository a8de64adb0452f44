using System.Runtime.InteropServices;

namespace Trunkline.Bench.Flows;

/// <summary>
/// Waits of tens of microseconds. The runtime's own end a whole millisecond later at the least, and a loop that yields takes one of two cores
/// from what is measured.
/// </summary>
internal static partial class Pace
{
    private const uint Micros = 50;

    public static void Pause() => _ = Sleep(Micros);

    [LibraryImport("libc", EntryPoint = "usleep")]
    private static partial int Sleep(uint micros);
}
