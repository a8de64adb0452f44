using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary>
/// Limits a candidate has to keep. What cannot be told counts against them: a gate must not pass on what it has not seen. What the
/// incumbent does to itself when run twice does not.
/// </summary>
internal sealed record DiffLimits(double? Moved, double? Altered, double? Slower)
{
    private static readonly Option<string?> MaxMoved = Create("--max-moved", "End with 1 if more than this share would go elsewhere or cannot be told, such as 0.5%.", 1);
    private static readonly Option<string?> MaxAltered = Create("--max-altered", "The same for messages that would arrive with another content or key.", 1);
    private static readonly Option<string?> MaxSlower = Create("--max-slower", "End with 1 if a model or flow is slower by more than this beyond the noise, or a changed model cannot be told, such as 20%.", 100);

    /// <summary>Adds the options to a command.</summary>
    public static void AddTo(Command command)
    {
        command.Add(MaxMoved);
        command.Add(MaxAltered);
        command.Add(MaxSlower);
    }

    /// <summary>What the user asked for.</summary>
    public static DiffLimits Of(ParseResult parsed) => new(Share(parsed.GetValue(MaxMoved), 1), Share(parsed.GetValue(MaxAltered), 1), Share(parsed.GetValue(MaxSlower), 100));

    /// <summary>The limits that are not kept, in words.</summary>
    public IReadOnlyList<string> Exceeded(IReadOnlyList<ComparisonView> flows)
    {
        var exceeded = new List<string>();
        var (all, undecided) = (flows.Sum(flow => flow.Messages + flow.Undecided), flows.Sum(flow => flow.Undecided));
        CheckShare(exceeded, "--max-moved", "would go elsewhere", Moved, (flows.Sum(flow => Math.Max(0, flow.Moved - flow.NoiseMoved)), undecided, all));
        CheckShare(exceeded, "--max-altered", "would arrive changed", Altered, (flows.Sum(flow => Math.Max(0, flow.Altered - flow.NoiseAltered)), undecided, all));
        if (Slower is { } factor)
        {
            foreach (var (flow, time) in flows.SelectMany(flow => flow.Latency.Select(time => (flow.Flow, time))).Where(pair => pair.time.Kind != "step"))
            {
                if (time.Verdict == ComparisonVerdicts.Slower && time.Ratio > 1 + factor)
                {
                    exceeded.Add(string.Create(CultureInfo.InvariantCulture, $"--max-slower {factor:0.##%}: {time.Kind} {time.Name} of {flow} is slower by {time.Ratio - 1:0.#%}"));
                }
                else if (time.Verdict == ComparisonVerdicts.NotEnoughEvidence && time.VersionBefore != time.VersionAfter)
                {
                    exceeded.Add(string.Create(CultureInfo.InvariantCulture, $"--max-slower {factor:0.##%}: of {time.Kind} {time.Name} of {flow} it cannot be told"));
                }
            }
        }

        return exceeded;
    }

    private static void CheckShare(List<string> exceeded, string option, string what, double? limit, (long Count, long Undecided, long All) seen)
    {
        if (limit is { } max && seen.Count + seen.Undecided > max * seen.All)
        {
            var untold = seen.Undecided > 0 ? $" and {Amount.Count(seen.Undecided)} cannot be told" : "";
            exceeded.Add(string.Create(CultureInfo.InvariantCulture, $"{option} {max:0.####%}: {Amount.Count(seen.Count)} of {Amount.Count(seen.All)} {what}{untold}"));
        }
    }

    private static Option<string?> Create(string name, string description, double max)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = "share" };
        option.Validators.Add((OptionResult result) =>
        {
            if (result.Tokens.Count > 0 && Share(result.Tokens[0].Value, max) is null)
            {
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} is a share from 0% to {max * 100:0}%, such as 0.5%."));
            }
        });
        return option;
    }

    private static double? Share(string? text, double max) =>
        text is { Length: > 1 } && text[^1] == '%' && double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent)
        && percent >= 0 && percent <= max * 100
            ? percent / 100
            : null;
}
