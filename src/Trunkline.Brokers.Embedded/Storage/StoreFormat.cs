using System.Globalization;
using System.Text;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Storage;

/// <summary>The store's format, in a file of its own that is looked at before RocksDB touches anything.</summary>
internal static class StoreFormat
{
    public const int Version = 1;
    private const string FileName = "FORMAT";
    private const string Head = "trunkline-embedded-store ";

    /// <summary>Checks the format of an existing store, or marks a new one.</summary>
    public static void CheckOrCreate(string directory)
    {
        var path = Path.Combine(directory, FileName);
        if (!File.Exists(path))
        {
            if (File.Exists(Path.Combine(directory, "CURRENT")))
            {
                throw new BrokerException(BrokerErrorCode.StoreDamaged, $"{path} is missing beside an existing store. Restore it from a backup.");
            }

            using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write);
            RandomAccess.Write(file, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Head}{Version}\n")), 0);
            RandomAccess.FlushToDisk(file);
            return;
        }

        var text = File.ReadAllText(path).TrimEnd('\n');
        if (!text.StartsWith(Head, StringComparison.Ordinal) || !int.TryParse(text.AsSpan(Head.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var version))
        {
            // A crash in the very first start leaves the file empty; there is nothing to lose then.
            if (text.Length == 0 && !File.Exists(Path.Combine(directory, "CURRENT")))
            {
                File.Delete(path);
                CheckOrCreate(directory);
                return;
            }

            throw new BrokerException(BrokerErrorCode.StoreDamaged, $"{path} does not name a store format. Restore it from a backup.");
        }

        if (version > Version)
        {
            throw new BrokerException(BrokerErrorCode.StoreNewer,
                $"The store in {directory} has format {version}; this version of Trunkline reads up to {Version}. Nothing was changed. Use the newer version.");
        }
    }
}
