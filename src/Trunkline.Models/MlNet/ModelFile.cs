using System.IO.Compression;

namespace Trunkline.Models.MlNet;

/// <summary>Reads a model file and checks, before ML.NET sees it, that it is an archive of bounded size.</summary>
internal static class ModelFile
{
    public const long FileBytesMax = 256L * 1024 * 1024;
    private const long UnpackedBytesMax = 1024L * 1024 * 1024;
    private const int EntriesMax = 1000;

    /// <exception cref="InvalidModelException">The file is missing, too large, or no model.</exception>
    public static byte[] Read(string model, string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (file.Length > FileBytesMax)
            {
                throw new InvalidModelException($"Model '{model}': {path} has {file.Length} bytes, at most {FileBytesMax} are read.");
            }

            var content = File.ReadAllBytes(path);
            CheckArchive(model, path, content);
            return content;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidModelException($"Model '{model}': the file {path} cannot be read. Check 'path' and the file's permissions.", e);
        }
    }

    public static InvalidModelException NotAModel(string model, string path, Exception? inner = null) =>
        new($"Model '{model}': {path} is not an ML.NET model of a text classifier. Train it again, or check 'path'.", inner);

    private static void CheckArchive(string model, string path, byte[] content)
    {
        try
        {
            using var archive = new ZipArchive(new MemoryStream(content, writable: false), ZipArchiveMode.Read);
            var unpacked = archive.Entries.Take(EntriesMax + 1).Sum(entry => entry.Length);
            if (archive.Entries.Count is 0 or > EntriesMax || unpacked > UnpackedBytesMax)
            {
                throw NotAModel(model, path);
            }
        }
        catch (InvalidDataException e)
        {
            throw NotAModel(model, path, e);
        }
    }
}
