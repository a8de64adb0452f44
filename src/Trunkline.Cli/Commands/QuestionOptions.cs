using System.CommandLine;
using System.Globalization;

namespace Trunkline.Cli.Commands;

/// <summary>Options that together make up a question: each is written once, with its help and where its value goes.</summary>
/// <typeparam name="TQuestion">The question.</typeparam>
/// <param name="open">The question without any of them.</param>
internal sealed class QuestionOptions<TQuestion>(TQuestion open)
{
    private readonly List<(Option Option, Func<TQuestion, ParseResult, TQuestion> With)> _options = [];

    /// <summary>One more that takes a text.</summary>
    public QuestionOptions<TQuestion> Text(string name, string description, string shown, Func<TQuestion, string, TQuestion> with)
    {
        var option = SharedOptions.Text(name, description, shown);
        _options.Add((option, (question, parsed) => parsed.GetValue(option) is { } text ? with(question, text) : question));
        return this;
    }

    /// <summary>One more that takes a time.</summary>
    public QuestionOptions<TQuestion> Time(string name, string description, Func<TQuestion, DateTimeOffset, TQuestion> with)
    {
        var option = new Option<DateTimeOffset?>(name)
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
        _options.Add((option, (question, parsed) => parsed.GetValue(option) is { } time ? with(question, time) : question));
        return this;
    }

    /// <summary>Adds the options to a command.</summary>
    public QuestionOptions<TQuestion> AddTo(Command command)
    {
        _options.ForEach(one => command.Add(one.Option));
        return this;
    }

    /// <summary>The question that was asked.</summary>
    public TQuestion Of(ParseResult parsed) => _options.Aggregate(open, (question, one) => one.With(question, parsed));

    /// <summary>True if any of them was given.</summary>
    public bool IsGiven(ParseResult parsed) => !EqualityComparer<TQuestion>.Default.Equals(Of(parsed), open);
}
