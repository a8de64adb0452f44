using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Trunkline.Brokers.Embedded.Storage;

/// <summary>
/// What .NET has no call for: syncing a file's bytes without its times, which fsync would put through the file system's journal although
/// nothing else of the file changed; and syncing a folder, without which a power loss may take a new file's name.
/// </summary>
internal static unsafe class DurableFiles
{
    private const int Interrupted = 4;
    private const int ReadOnly = 0;

    /// <summary>Makes a file's bytes durable.</summary>
    /// <exception cref="IOException">They may not be, whatever a later sync says.</exception>
    public static void SyncData(SafeFileHandle file)
    {
        if (OperatingSystem.IsLinux())
        {
            Check(Posix.FDataSync, (int)file.DangerousGetHandle(), "syncing the file");
        }
        else
        {
            RandomAccess.FlushToDisk(file);
        }
    }

    /// <summary>Makes the names in a folder durable. Only Linux needs it.</summary>
    public static void SyncFolder(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        int folder;
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        {
            folder = Posix.Open(name, ReadOnly);
        }

        if (folder < 0)
        {
            throw Failed($"opening the folder {path}");
        }

        try
        {
            Check(Posix.FSync, folder, $"syncing the folder {path}");
        }
        finally
        {
            _ = Posix.Close(folder);
        }
    }

    /// <summary>Gives a file a second name, or where that cannot be (another volume, another system than Linux), makes a copy of it.</summary>
    public static void Link(string path, string target)
    {
        if (OperatingSystem.IsLinux())
        {
            fixed (byte* from = Encoding.UTF8.GetBytes(path + '\0'), to = Encoding.UTF8.GetBytes(target + '\0'))
            {
                if (Posix.Link(from, to) == 0)
                {
                    return;
                }
            }
        }

        File.Copy(path, target);
    }

    private static void Check(delegate* unmanaged<int, int> sync, int descriptor, string doing)
    {
        while (sync(descriptor) != 0)
        {
            if (Marshal.GetLastSystemError() != Interrupted)
            {
                throw Failed(doing);
            }
        }
    }

    private static IOException Failed(string doing)
    {
        var error = Marshal.GetLastSystemError();
        return new IOException($"{new Win32Exception(error).Message}, {doing}", error);
    }

    /// <summary>Found in the process as a whole, not in one library: what is loaded before the C library, as a test of power loss is, sees the calls.</summary>
    private static class Posix
    {
        private static readonly IntPtr Program = NativeLibrary.GetMainProgramHandle();

        public static readonly delegate* unmanaged<int, int> FDataSync = (delegate* unmanaged<int, int>)NativeLibrary.GetExport(Program, "fdatasync");
        public static readonly delegate* unmanaged<int, int> FSync = (delegate* unmanaged<int, int>)NativeLibrary.GetExport(Program, "fsync");
        public static readonly delegate* unmanaged<byte*, byte*, int> Link = (delegate* unmanaged<byte*, byte*, int>)NativeLibrary.GetExport(Program, "link");
        public static readonly delegate* unmanaged<byte*, int, int> Open = (delegate* unmanaged<byte*, int, int>)NativeLibrary.GetExport(Program, "open");
        public static readonly delegate* unmanaged<int, int> Close = (delegate* unmanaged<int, int>)NativeLibrary.GetExport(Program, "close");
    }
}
