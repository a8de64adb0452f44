using System.Text.Json;

namespace Trunkline.EndToEnd.Tests.Soak;

/// <summary><c>./dev soak --minutes N [--seed S] [--json]</c></summary>
internal static class SoakCommand
{
    public const string Verb = "soak";
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static async Task<int> RunAsync(IReadOnlyList<string> args)
    {
        if (SoakOptions.Parse(args) is not { } options)
        {
            await Console.Error.WriteLineAsync("usage: ./dev soak [--minutes N] [--seed S] [--json]");
            return 2;
        }

        var folder = Directory.CreateTempSubdirectory("trunkline-soak-").FullName;
        await Console.Error.WriteLineAsync($"journals and the node's log are in {folder}");
        var verdict = await new SoakRun(options, Console.Error.WriteLine).RunAsync(folder, CancellationToken.None);
        Console.Write(options.Json ? JsonSerializer.Serialize(verdict, Json) + "\n" : verdict.Text());
        if (verdict.Sound)
        {
            Directory.Delete(folder, recursive: true);
        }

        return verdict.Sound ? 0 : 1;
    }
}
