namespace Trunkline.Bench;

/// <summary>A new folder for one measurement, removed afterwards.</summary>
internal static class BenchFolder
{
    public static async Task<T> UseAsync<T>(BenchOptions options, Func<string, Task<T>> run)
    {
        var folder = Directory.CreateDirectory(Path.Combine(options.Data, "trunkline-bench-" + Guid.NewGuid().ToString("N")[..8]));
        try
        {
            return await run(folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
