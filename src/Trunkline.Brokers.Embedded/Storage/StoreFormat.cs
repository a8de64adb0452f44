using System.Globalization;
using System.Text;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Storage;

/// <summary>The store's format, in a file of its own that is looked at before RocksDB touches anything.</summary>
internal static class StoreFormat
{
    /// <summary>What this version writes. A change of what is stored raises it and adds a step to <see cref="StoreMigration.Steps"/>.</summary>
    public const int Version = 3;

    /// <summary>The first there was.</summary>
    public const int Oldest = 1;

    private const string FileName = "FORMAT";
    private const string Head = "trunkline-embedded-store ";

    /// <summary>The format of an existing store, which may be older than <see cref="Version"/>; a new store is marked.</summary>
    public static int CheckOrCreate(string directory)
    {
        var path = Path.Combine(directory, FileName);
        if (!File.Exists(path))
        {
            if (File.Exists(Path.Combine(directory, "CURRENT")))
            {
                throw new BrokerException(BrokerErrorCode.StoreDamaged, $"{path} is missing beside an existing store. Restore it from a backup.");
            }

            Write(directory, Version);
            return Version;
        }

        var text = File.ReadAllText(path).TrimEnd('\n');
        if (!text.StartsWith(Head, StringComparison.Ordinal) || !int.TryParse(text.AsSpan(Head.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            || version < Oldest)
        {
            // A crash in the very first start leaves the file empty; there is nothing to lose then.
            if (text.Length == 0 && !File.Exists(Path.Combine(directory, "CURRENT")))
            {
                Write(directory, Version);
                return Version;
            }

            throw new BrokerException(BrokerErrorCode.StoreDamaged, $"{path} does not name a store format. Restore it from a backup.");
        }

        return version <= Version ? version : throw new BrokerException(BrokerErrorCode.StoreNewer,
            $"The store in {directory} has format {version}; this version of Trunkline reads up to {Version}. Nothing was changed. Use the newer version.");
    }

    /// <summary>Marks a store with a format: wholly or, after a crash, not.</summary>
    public static void Write(string directory, int version)
    {
        var path = Path.Combine(directory, FileName);
        using (var file = File.OpenHandle(path + ".new", FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(file, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Head}{version}\n")), 0);
            RandomAccess.FlushToDisk(file);
        }

        File.Move(path + ".new", path, overwrite: true);
    }
}
