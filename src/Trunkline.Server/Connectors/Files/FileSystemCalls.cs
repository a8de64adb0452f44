using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Trunkline.Messaging.Records;

namespace Trunkline.Server.Connectors.Files;

/// <summary>
/// What the library of .NET does not ask the system: what file a name or handle stands for, and that a folder's names become durable. Elsewhere than
/// on Linux a file is known by its name and time of birth, and folders are left to the system.
/// </summary>
internal static partial class FileSystemCalls
{
    // linux/stat.h and linux/fcntl.h; the layout of statx is the same on every architecture.
    private const int StatxBytes = 256;
    private const int ModeAt = 28;
    private const int InodeAt = 32;
    private const int LengthAt = 40;
    private const int BirthSecondsAt = 80;
    private const int BirthNanosecondsAt = 88;
    private const int DeviceAt = 136;
    private const uint WantedFields = 0x1 | 0x100 | 0x200 | 0x800;
    private const int TypeMask = 0xF000;
    private const int RegularType = 0x8000;
    private const int CurrentFolder = -100;
    private const int EmptyPath = 0x1000;
    private const int NoFollow = 0x100;
    private const int OpenFolder = 0x10000;

    /// <summary>What an open file is.</summary>
    /// <exception cref="IOException">The system does not say.</exception>
    public static FileIdentity IdentityOf(SafeFileHandle file, string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return ByName(path);
        }

        var held = false;
        try
        {
            file.DangerousAddRef(ref held);
            return Read((int)file.DangerousGetHandle(), "", EmptyPath)?.Identity ?? throw new IOException("The file's inode cannot be read.");
        }
        finally
        {
            if (held)
            {
                file.DangerousRelease();
            }
        }
    }

    /// <summary>What has this name now, also behind a link; null if nothing has.</summary>
    public static FileIdentity? IdentityAt(string path) => OperatingSystem.IsLinux() ? Read(CurrentFolder, path, 0)?.Identity : File.Exists(path) ? ByName(path) : null;

    /// <summary>The plain file of this name, no link and no device, and its bytes; null if there is none.</summary>
    public static (FileIdentity Identity, long Length)? PlainFileAt(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            var info = new FileInfo(path);
            return info.Exists && !info.Attributes.HasFlag(FileAttributes.ReparsePoint) ? (ByName(path), info.Length) : null;
        }

        return Read(CurrentFolder, path, NoFollow) is { IsPlain: true } found ? (found.Identity, found.Length) : null;
    }

    /// <summary>Makes the names in a folder survive a power cut.</summary>
    /// <exception cref="IOException">The system could not.</exception>
    public static void SyncFolder(string folder)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var descriptor = Open(folder, OpenFolder);
        if (descriptor < 0)
        {
            throw Failed("opened");
        }

        var failure = Sync(descriptor) < 0 ? Failed("synced") : null;
        _ = Close(descriptor);
        if (failure is not null)
        {
            throw failure;
        }
    }

    private static FileIdentity ByName(string path) => new(0, Checksum.Crc32C(Encoding.UTF8.GetBytes(path)), File.GetCreationTimeUtc(path).Ticks);

    private static (FileIdentity Identity, long Length, bool IsPlain)? Read(int folder, string path, int flags)
    {
        var stat = new byte[StatxBytes];
        if (Statx(folder, path, flags, WantedFields, stat) != 0)
        {
            return null;
        }

        var born = (BinaryPrimitives.ReadInt64LittleEndian(stat.AsSpan(BirthSecondsAt)) * 1_000_000_000) + BinaryPrimitives.ReadUInt32LittleEndian(stat.AsSpan(BirthNanosecondsAt));
        var identity = new FileIdentity(
            BinaryPrimitives.ReadUInt64LittleEndian(stat.AsSpan(DeviceAt)), BinaryPrimitives.ReadUInt64LittleEndian(stat.AsSpan(InodeAt)), born);
        var isPlain = (BinaryPrimitives.ReadUInt16LittleEndian(stat.AsSpan(ModeAt)) & TypeMask) == RegularType;
        return (identity, BinaryPrimitives.ReadInt64LittleEndian(stat.AsSpan(LengthAt)), isPlain);
    }

    private static IOException Failed(string what)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"The folder cannot be {what}: {new Win32Exception(error).Message}", error);
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Statx(int folder, string path, int flags, uint mask, [Out] byte[] stat);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
