using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Trunkline.Server.Steps.Scripts;

/// <summary>
/// The processes a program has become: those of its session, and those that left it but still have the mark in their environment. Linux only.
/// </summary>
/// <param name="leader">The first process, which leads the session.</param>
/// <param name="mark">A variable with a value nobody else has, <c>NAME=value</c>.</param>
internal sealed partial class ProcessTree(int leader, string mark)
{
    private const int SigKill = 9;

    // New ones may start while others are killed; each round leaves fewer that could start any. A round takes some milliseconds.
    private const int RoundsMax = 500;

    private static readonly long s_pageBytes = Environment.SystemPageSize;
    private readonly byte[] _mark = Encoding.UTF8.GetBytes(mark);

    /// <summary>How many processes there are in the session, and the memory they hold.</summary>
    public (int Processes, long Bytes) Load()
    {
        var (processes, bytes) = (0, 0L);
        foreach (var process in All())
        {
            if (SessionOf(process) == leader)
            {
                processes++;
                bytes += ResidentBytes(process);
            }
        }

        return (processes, bytes);
    }

    /// <summary>Kills them all; false if some could not be killed.</summary>
    public bool Kill()
    {
        for (var round = 0; round < RoundsMax; round++)
        {
            // All of a group at once: a fork that is under way is killed with them.
            _ = KillProcess(-leader, SigKill);
            var left = All().Where(IsMember).ToArray();
            if (left.Length == 0)
            {
                return true;
            }

            foreach (var process in left)
            {
                _ = KillProcess(process, SigKill);
            }
        }

        return false;
    }

    private static IEnumerable<int> All()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(folder.AsSpan("/proc/".Length), NumberStyles.None, CultureInfo.InvariantCulture, out var process))
            {
                yield return process;
            }
        }
    }

    private bool IsMember(int process) => Read(process, "stat") is { Length: > 0 } stat && !IsGone(stat) && (SessionOf(stat) == leader || HasMark(process));

    private static int SessionOf(int process) => SessionOf(Read(process, "stat"));

    // "pid (name) state ppid pgrp session …": the name may hold anything, so the fields are counted from its end.
    private static int SessionOf(byte[] stat) =>
        FieldsOf(stat) is { Length: > 3 } fields && int.TryParse(fields[3], NumberStyles.Integer, CultureInfo.InvariantCulture, out var session) ? session : -1;

    // A dead one that nobody has taken leave of yet.
    private static bool IsGone(byte[] stat) => FieldsOf(stat) is ["Z" or "X", ..];

    private static string[] FieldsOf(byte[] stat)
    {
        var end = Array.LastIndexOf(stat, (byte)')');
        return end < 0 ? [] : Encoding.ASCII.GetString(stat, end + 1, stat.Length - end - 1).Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    private static long ResidentBytes(int process) =>
        Encoding.ASCII.GetString(Read(process, "statm")).Split(' ') is [_, var pages, ..] && long.TryParse(pages, NumberStyles.None, CultureInfo.InvariantCulture, out var resident)
            ? resident * s_pageBytes
            : 0;

    private bool HasMark(int process) => Read(process, "environ").AsSpan().IndexOf(_mark) >= 0;

    /// <summary>What the kernel tells of a process; nothing if it is gone, or another user's.</summary>
    private static byte[] Read(int process, string file)
    {
        try
        {
            return File.ReadAllBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/{file}"));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int KillProcess(int process, int signal);
}
