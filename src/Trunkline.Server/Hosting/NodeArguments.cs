using Trunkline.Core.Config;
using Trunkline.Core.Errors;

namespace Trunkline.Server.Hosting;

/// <summary>
/// How a node is started: flags beat the environment, the environment beats the project file.
/// <c>-f, --file FILE</c> (<c>TRUNKLINE_CONFIG</c>), <c>--listen URL</c> (<c>TRUNKLINE_LISTEN</c>), <c>--data DIR</c> (<c>TRUNKLINE_DATA</c>), <c>--json</c>.
/// </summary>
/// <param name="File">The project file; null for <c>trunkline.yaml</c>.</param>
/// <param name="Listen">Where to listen; null for what the file says.</param>
/// <param name="Data">The data folder; null for what the file says.</param>
/// <param name="Json">One line of JSON on standard output when ready.</param>
/// <param name="Faults">What is wrong with the arguments.</param>
internal sealed record NodeArguments(string? File, string? Listen, string? Data, bool Json, IReadOnlyList<Fault> Faults)
{
    private static readonly SourceLocation Where = new("command line", 0);

    /// <summary>Reads arguments; unknown ones are faults.</summary>
    public static NodeArguments Parse(IReadOnlyList<string> args, Func<string, string?> environment)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var faults = new List<Fault>();
        var json = false;
        for (var i = 0; i < args.Count; i++)
        {
            var (name, inline) = Split(args[i]);
            if (name == "--json" && inline is null)
            {
                json = true;
            }
            else if (name is not ("--file" or "--listen" or "--data"))
            {
                faults.Add(new Fault(Where, ErrorCodes.ConfigArgumentInvalid, $"Argument '{args[i]}' is not known.", "Use -f FILE, --listen URL, --data DIR, --json."));
            }
            else if ((inline ?? (i + 1 < args.Count ? args[++i] : null)) is { Length: > 0 } value)
            {
                values[name] = value;
            }
            else
            {
                faults.Add(new Fault(Where, ErrorCodes.ConfigArgumentInvalid, $"{name} needs a value.", "Use -f FILE, --listen URL, --data DIR, --json."));
            }
        }

        return new NodeArguments(Value("--file", "TRUNKLINE_CONFIG"), Value("--listen", "TRUNKLINE_LISTEN"), Value("--data", "TRUNKLINE_DATA"), json, faults);

        string? Value(string flag, string variable) =>
            values.TryGetValue(flag, out var value) ? value : environment(variable) is { Length: > 0 } set ? set : null;
    }

    private static (string Name, string? Value) Split(string argument)
    {
        var equals = argument.StartsWith("--", StringComparison.Ordinal) ? argument.IndexOf('=', StringComparison.Ordinal) : -1;
        return equals < 0 ? (argument == "-f" ? "--file" : argument, null) : (argument[..equals], argument[(equals + 1)..]);
    }
}
