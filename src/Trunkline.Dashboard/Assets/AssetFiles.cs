using System.Collections.Frozen;
using System.Security.Cryptography;

namespace Trunkline.Dashboard.Assets;

/// <summary>Style, script and icon. Their addresses carry a hash of their content, so that browsers keep them for good.</summary>
internal static class AssetFiles
{
    private static readonly FrozenDictionary<string, (byte[] Bytes, string Type)> Files =
        new[] { ("dashboard.css", "text/css; charset=utf-8"), ("dashboard.js", "text/javascript; charset=utf-8"), ("map.js", "text/javascript; charset=utf-8"), ("icon.svg", "image/svg+xml") }
            .Select(file => (File: file, Bytes: Read(file.Item1)))
            .ToFrozenDictionary(asset => Hashed(asset.File.Item1, asset.Bytes), asset => (asset.Bytes, asset.File.Item2), StringComparer.Ordinal);

    /// <summary>The address of an asset.</summary>
    public static string Address(string name) => "/assets/" + Hashed(name, Read(name));

    /// <summary>Answers with an asset, or 404.</summary>
    public static Results<FileContentHttpResult, NotFound> Serve(string name, HttpContext context)
    {
        if (!Files.TryGetValue(name, out var file))
        {
            return TypedResults.NotFound();
        }

        context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return TypedResults.File(file.Bytes, file.Type);
    }

    /// <summary>The text of an asset.</summary>
    public static string Text(string name) => System.Text.Encoding.UTF8.GetString(Read(name));

    private static string Hashed(string name, byte[] bytes) =>
        Path.GetFileNameWithoutExtension(name) + "." + Convert.ToHexStringLower(SHA256.HashData(bytes))[..12] + Path.GetExtension(name);

    private static byte[] Read(string name)
    {
        using var stream = typeof(AssetFiles).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not embedded in Trunkline.Dashboard.");
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
