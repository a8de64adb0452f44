using System.Text.Json;
using System.Text.Json.Serialization;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Backups;

/// <summary>What a backup is of: the file <c>BACKUP.json</c> in its folder, beside the store's files in <c>store/</c>.</summary>
/// <param name="Format">Of this file; 1.</param>
/// <param name="Store">The store it was taken from, as a number that no two stores share.</param>
/// <param name="Sequence">The number of the last change that is certainly in it.</param>
/// <param name="TakenAt">The node's clock when it was begun.</param>
/// <param name="Topics">Topics in it.</param>
/// <param name="Messages">Messages in them, counted by offsets.</param>
public sealed record BackupNote(int Format, long Store, ulong Sequence, DateTimeOffset TakenAt, int Topics, long Messages)
{
    internal const int FormatVersion = 1;
    internal const string StoreFolder = "store";
    private const string FileName = "BACKUP.json";

    /// <summary>Reads the note of a backup.</summary>
    /// <param name="directory">The backup's folder.</param>
    /// <exception cref="BrokerException">
    /// <see cref="BrokerErrorCode.StoreFailed"/>: there is no backup; <see cref="BrokerErrorCode.StoreDamaged"/>: its note cannot be read;
    /// <see cref="BrokerErrorCode.StoreNewer"/>: a newer version wrote it.
    /// </exception>
    public static BackupNote Read(string directory)
    {
        var path = Path.Combine(directory, FileName);
        try
        {
            var note = JsonSerializer.Deserialize(File.ReadAllBytes(path), BackupJson.Default.BackupNote)
                ?? throw new BrokerException(BrokerErrorCode.StoreDamaged, $"{path} is empty. Use another backup.");
            return note.Format <= FormatVersion ? note : throw new BrokerException(
                BrokerErrorCode.StoreNewer, FormattableString.Invariant($"{path} has format {note.Format}; this version reads up to {FormatVersion}. Use the version that made it."));
        }
        catch (JsonException broken)
        {
            throw new BrokerException(BrokerErrorCode.StoreDamaged, $"{path} cannot be read: {broken.Message}. Use another backup.", broken);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BrokerException(BrokerErrorCode.StoreFailed, $"There is no backup in {directory}: it has no {FileName}.", missing);
        }
    }

    internal void Write(string directory)
    {
        using var file = new FileStream(Path.Combine(directory, FileName), FileMode.CreateNew);
        JsonSerializer.Serialize(file, this, BackupJson.Default.BackupNote);
        file.Flush(flushToDisk: true);
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(BackupNote))]
internal sealed partial class BackupJson : JsonSerializerContext;
