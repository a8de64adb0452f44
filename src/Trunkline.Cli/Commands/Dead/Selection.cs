using System.CommandLine;
using System.Globalization;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands.Dead;

/// <summary>The options that say which dead letters are meant.</summary>
internal sealed class Selection
{
    private readonly Option<string?> _cause = new("--cause") { Description = "Only those of this cause, such as step.expression-failed.", HelpName = "code" };
    private readonly Option<string?> _step = new("--step") { Description = "Only those of this step or sink.", HelpName = "name" };
    private readonly Option<string?> _exception = new("--exception") { Description = "Only those with this type of exception.", HelpName = "type" };
    private readonly Option<string?> _key = new("--key") { Description = "Only those of this key.", HelpName = "text" };
    private readonly Option<string?> _id = new("--id") { Description = "Only the one of the message with this id.", HelpName = "text" };
    private readonly Option<string?> _tenant = new("--tenant") { Description = "Only those of this tenant.", HelpName = "name" };
    private readonly Option<DateTimeOffset?> _since = Time("--since", "Only those that failed at or after this time.");
    private readonly Option<DateTimeOffset?> _until = Time("--until", "Only those that failed before this time.");

    /// <summary>Adds the options to a command.</summary>
    public Selection AddTo(Command command)
    {
        foreach (var option in new Option[] { _cause, _step, _exception, _key, _id, _tenant, _since, _until })
        {
            command.Add(option);
        }

        return this;
    }

    public DeadLetterSelection Of(ParseResult parsed) => new()
    {
        Cause = parsed.GetValue(_cause),
        Step = parsed.GetValue(_step),
        Exception = parsed.GetValue(_exception),
        Key = parsed.GetValue(_key),
        Id = parsed.GetValue(_id),
        Tenant = parsed.GetValue(_tenant),
        Since = parsed.GetValue(_since),
        Until = parsed.GetValue(_until),
    };

    /// <summary>True if any of them was given.</summary>
    public bool IsGiven(ParseResult parsed) => Of(parsed) != new DeadLetterSelection();

    private static Option<DateTimeOffset?> Time(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "time",
        CustomParser = result =>
        {
            if (DateTimeOffset.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            {
                return time;
            }

            result.AddError($"{name} is a time such as 2026-01-31T12:00:00Z.");
            return null;
        },
    };
}
