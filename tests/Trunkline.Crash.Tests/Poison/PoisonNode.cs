using System.Diagnostics;
using System.Text;
using Trunkline.Server;

namespace Trunkline.Crash.Tests.Poison;

/// <summary>A node of its own process with a step that ends the process at one message: the child of <see cref="PoisonNodeTests"/>.</summary>
internal static class PoisonNode
{
    public const string Verb = "poison-node";

    /// <summary>The payload that kills.</summary>
    public const string Killer = "poison";

    public static async Task<int> RunAsync(string[] arguments)
    {
        var (file, data, isAbort) = (arguments[0], arguments[1], arguments[2] == "abort");
        await using var app = TrunklineApp.Create("-f", file, "--data", data, "--listen", "http://127.0.0.1:0", "--json");
        app.AddStep("fragile", (body, _, _) =>
        {
            if (Encoding.UTF8.GetString(body.Span).Contains(Killer, StringComparison.Ordinal))
            {
                End(isAbort);
            }

            return new ValueTask<ReadOnlyMemory<byte>?>(body);
        });
        return await app.RunAsync();
    }

    private static void End(bool isAbort)
    {
        if (isAbort)
        {
            Environment.FailFast("the step breaks the process");
        }

        Process.GetCurrentProcess().Kill();
    }
}
