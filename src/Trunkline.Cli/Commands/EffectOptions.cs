using System.CommandLine;
using System.Text.Json;

namespace Trunkline.Cli.Commands;

/// <summary>Where the answers of the outside come from when recorded messages are run again.</summary>
internal static class EffectOptions
{
    private static readonly string[] Words = ["recorded", "stub", "fresh"];

    private static readonly Option<string?> Effects = new("--effects")
    {
        Description = "Answers of the outside: recorded (default), stub (those of --stub, then the recording) or fresh (everything is asked anew).",
        HelpName = "mode",
    };

    /// <summary>Answers by hand.</summary>
    public static Option<string[]> Stub { get; } = new("--stub") { Description = "An answer by hand, name=JSON, by name of model or call; may be repeated.", HelpName = "name=json" };

    /// <summary>Ask in earnest, where there is no recording.</summary>
    public static Option<bool> Fresh { get; } = new("--fresh") { Description = "Really ask models that are not on this machine." };

    /// <summary>Adds the options to a command.</summary>
    public static void AddTo(Command command)
    {
        command.Add(Effects);
        command.Add(Stub);
        CheckStubs(command);
        command.Validators.Add(result =>
        {
            var (mode, stubs) = (result.GetValue(Effects), result.GetValue(Stub) ?? []);
            if (mode is not null && !Words.Contains(mode))
            {
                result.AddError("--effects is recorded, stub or fresh.");
            }

            if (stubs.Length > 0 != (mode == "stub"))
            {
                result.AddError("--stub goes with --effects stub, and --effects stub needs one.");
            }
        });
    }

    /// <summary>Refuses answers that are no JSON.</summary>
    public static void CheckStubs(Command command) => command.Validators.Add(result =>
    {
        foreach (var stub in (result.GetValue(Stub) ?? []).Where(stub => Read(stub) is null))
        {
            result.AddError($"--stub '{stub}' is not name=JSON, such as reply='{{\"text\":\"Hello\"}}'.");
        }
    });

    /// <summary>The mode; null for the default.</summary>
    public static string? Mode(ParseResult parsed) => parsed.GetValue(Effects);

    /// <summary>Answers by name; null for none.</summary>
    public static IReadOnlyDictionary<string, JsonElement>? Stubs(ParseResult parsed)
    {
        var stubs = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (name, answer) in (parsed.GetValue(Stub) ?? []).Select(stub => Read(stub)!.Value))
        {
            stubs[name] = answer;
        }

        return stubs.Count == 0 ? null : stubs;
    }

    private static (string Name, JsonElement Answer)? Read(string stub)
    {
        var end = stub.IndexOf('=', StringComparison.Ordinal);
        if (end < 1)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(stub.AsMemory(end + 1));
            return (stub[..end], document.RootElement.Clone());
        }
        catch (JsonException)
        {
            // Told as a fault of the option, with what it should look like.
            return null;
        }
    }
}
