using System.CommandLine;
using Trunkline.Cli.Terminal;
using Trunkline.Client;

namespace Trunkline.Cli.Commands;

/// <summary>Options several commands take, with one meaning everywhere.</summary>
internal static class SharedOptions
{
    public const string NodeDefault = "http://127.0.0.1:7420";

    public static Option<bool> Json { get; } = new("--json") { Description = "Write JSON to stdout and nothing else there." };

    public static Option<string?> Node { get; } = new("--node", "-n")
    {
        Description = $"The node's address [TRUNKLINE_NODE; default {NodeDefault}]. A token is taken from TRUNKLINE_TOKEN.",
        HelpName = "url",
    };

    public static Option<string?> File { get; } = new("--file", "-f")
    {
        Description = "The project file [TRUNKLINE_CONFIG; default trunkline.yaml].",
        HelpName = "path",
    };

    public static Option<string?> Data { get; } = new("--data") { Description = "Data folder [TRUNKLINE_DATA; default ./.trunkline].", HelpName = "path" };

    /// <summary>An option that takes a text.</summary>
    public static Option<string?> Text(string name, string description, string shown) => new(name) { Description = description, HelpName = shown };

    /// <summary>The data folder the user means: flag, environment, default.</summary>
    public static string DataFolder(ParseResult parsed) => parsed.GetValue(Data) ?? NonEmpty("TRUNKLINE_DATA") ?? ".trunkline";

    /// <summary>The project file the user means: flag, environment, default.</summary>
    public static string ProjectFile(ParseResult parsed) =>
        parsed.GetValue(File) ?? NonEmpty("TRUNKLINE_CONFIG") ?? "trunkline.yaml";

    /// <summary>Where results go.</summary>
    public static Output Output(ParseResult parsed) => new(Console.Out, Console.Error, parsed.GetValue(Json));

    /// <summary>A client of the node the user means.</summary>
    public static TrunklineClient Client(ParseResult parsed, TimeSpan? timeout = null) => new(Address(parsed), NonEmpty("TRUNKLINE_TOKEN"), timeout);

    /// <summary>The node's address: flag, environment, default.</summary>
    public static Uri Address(ParseResult parsed)
    {
        var text = parsed.GetValue(Node) ?? NonEmpty("TRUNKLINE_NODE") ?? NodeDefault;
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address.UserInfo.Length == 0)
        {
            return address;
        }

        throw CliException.Usage($"'{text}' is not the address of a node.", $"Give one such as {NodeDefault}; a token goes into TRUNKLINE_TOKEN.");
    }

    private static string? NonEmpty(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;
}
