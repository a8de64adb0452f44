using System.CommandLine;

namespace Trunkline.Cli.Commands;

/// <summary>Options that together make up a question: each is written once, with its help and where its text goes.</summary>
/// <typeparam name="TQuestion">The question.</typeparam>
/// <param name="open">The question without any of them.</param>
internal sealed class QuestionOptions<TQuestion>(TQuestion open)
{
    private readonly List<(Option<string?> Option, Func<TQuestion, string, TQuestion> With)> _options = [];

    /// <summary>One more option.</summary>
    public QuestionOptions<TQuestion> Text(string name, string description, string shown, Func<TQuestion, string, TQuestion> with)
    {
        _options.Add((SharedOptions.Text(name, description, shown), with));
        return this;
    }

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command) => _options.ForEach(one => command.Add(one.Option));

    /// <summary>The question that was asked.</summary>
    public TQuestion Of(ParseResult parsed) =>
        _options.Aggregate(open, (question, one) => parsed.GetValue(one.Option) is { } text ? one.With(question, text) : question);
}
