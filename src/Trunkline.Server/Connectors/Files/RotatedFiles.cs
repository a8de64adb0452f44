using System.Globalization;
using System.Text.RegularExpressions;

namespace Trunkline.Server.Connectors.Files;

/// <summary>Files put aside: <c>orders.20260131T120000Z.jsonl</c>, or <c>orders.20260131T120000Z-2.jsonl</c> for one more in a second.</summary>
internal static partial class RotatedFiles
{
    /// <summary>Gives a file its name among those put aside; none is overwritten.</summary>
    public static void Add(string path, DateTimeOffset now)
    {
        var stamp = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var target = NameOf(path, stamp);
        for (var number = 2; File.Exists(target); number++)
        {
            target = NameOf(path, FormattableString.Invariant($"{stamp}-{number}"));
        }

        File.Move(path, target, overwrite: false);
    }

    /// <summary>Removes the oldest, so that at most so many are left.</summary>
    public static void Thin(string path, int keep)
    {
        var (name, extension) = (Path.GetFileNameWithoutExtension(path), Path.GetExtension(path));
        var aside = Directory.EnumerateFiles(Path.GetDirectoryName(path)!)
            .Select(file => (Path: file, Name: Path.GetFileName(file)))
            .Where(file => file.Name.Length > name.Length + extension.Length
                && file.Name.StartsWith(name, StringComparison.Ordinal) && file.Name.EndsWith(extension, StringComparison.Ordinal))
            .Select(file => (file.Path, Stamp: Stamp().Match(file.Name[name.Length..^extension.Length])))
            .Where(file => file.Stamp.Success)
            .OrderBy(file => file.Stamp.Groups["time"].Value, StringComparer.Ordinal)
            .ThenBy(file => file.Stamp.Groups["number"] is { Success: true } number ? int.Parse(number.Value, CultureInfo.InvariantCulture) : 1)
            .ToList();
        foreach (var (old, _) in aside.SkipLast(keep))
        {
            File.Delete(old);
        }
    }

    private static string NameOf(string path, string stamp) =>
        Path.Combine(Path.GetDirectoryName(path)!, $"{Path.GetFileNameWithoutExtension(path)}.{stamp}{Path.GetExtension(path)}");

    [GeneratedRegex(@"^\.(?<time>[0-9]{8}T[0-9]{6}Z)(-(?<number>[0-9]{1,6}))?\z")]
    private static partial Regex Stamp();
}
