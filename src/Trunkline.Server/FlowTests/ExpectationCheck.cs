using System.Globalization;
using Trunkline.Core.Config;
using Trunkline.Core.Config.Grammar;
using Trunkline.Messaging;

namespace Trunkline.Server.FlowTests;

/// <summary>Holds what came of a test against what is written.</summary>
internal sealed class ExpectationCheck(FlowTestCase test, FlowTestResult result)
{
    private readonly List<FlowTestFailure> _failures = [];

    /// <summary>What is not as written; empty if the test passed.</summary>
    public static IReadOnlyList<FlowTestFailure> Run(FlowTestCase test, FlowTestResult result)
    {
        var check = new ExpectationCheck(test, result);
        check.Effects();
        check.Outcomes();
        using var match = new MessageMatch(result.Origins);
        foreach (var sink in test.Expected.Sinks)
        {
            check.Sink(sink, match);
        }

        foreach (var order in test.Expected.Order)
        {
            check.Order(order);
        }

        check.Dead();
        return check._failures;
    }

    private void Effects()
    {
        foreach (var unanswered in result.Unanswered)
        {
            Add(
                test.Where,
                $"{unanswered.Replace(": ", " '", StringComparison.Ordinal)}' was asked, but tests reach nothing outside",
                $"an answer from the test, such as  effects: {{ {unanswered}, answer: … }}",
                "none");
        }

        foreach (var rule in result.Unused)
        {
            Add(rule.Where, $"the fault for '{rule.Name}' never happened", $"a call to '{rule.Name}'{(rule.Input is null ? "" : $" with '{rule.Input}'")}", "none");
        }
    }

    private void Outcomes()
    {
        if (test.Expected.Outcomes is { } outcomes)
        {
            for (var i = 0; i < outcomes.Count; i++)
            {
                var id = test.Sent[i].Id.Value;
                if (result.OutcomeOf(id) is var came && came != outcomes[i].Value)
                {
                    Add(outcomes[i].Where, $"message '{id}'", Spell(outcomes[i].Value), Spell(came) + CauseOf(id));
                }
            }
        }

        var waiting = test.Sent.Select(m => m.Id.Value).Where(id => result.OutcomeOf(id) == FlowTestOutcome.Waiting).ToArray();
        if (waiting.Length > 0)
        {
            Add(test.Where, $"messages {string.Join(", ", waiting)}", "an end", "they wait: the flow was stopped by its failure policy, or holds them");
        }
        else if (!result.Settled)
        {
            Add(test.Where, "the flow and its sinks", "an end", "work that no passing of time brings to one");
        }
    }

    private void Sink(Named<IReadOnlyList<ExpectedMessage>> sink, MessageMatch match)
    {
        var got = result.Sinks[sink.Name];
        var expected = sink.Value ?? [];
        var taken = new int?[expected.Count];
        var free = Enumerable.Range(0, got.Count).ToList();
        for (var i = 0; i < expected.Count; i++)
        {
            var fits = free.FindIndex(g => match.Compare(expected[i], got[g]).Count == 0);
            if (fits >= 0)
            {
                taken[i] = free[fits];
                free.RemoveAt(fits);
            }
        }

        for (var i = 0; i < expected.Count; i++)
        {
            if (taken[i] is null)
            {
                Missing(sink.Name, FormattableString.Invariant($"message {i + 1}"), expected[i], got, free, match);
            }
        }

        foreach (var surplus in free)
        {
            var message = got[surplus].Message;
            Add(
                sink.Where,
                $"sink '{sink.Name}' got a message that is not expected",
                Counted(expected.Count),
                $"{Counted(got.Count)}; this one was made of '{result.Origins.Of(message)}': {MessageMatch.Show(message)}");
        }

        KeepsOrder(sink, [.. taken.OfType<int>()], got);
    }

    /// <summary>Reports against the message left that fits best, or that there is none.</summary>
    private void Missing(string sink, string place, ExpectedMessage expected, IReadOnlyList<StoredMessage> got, List<int> free, MessageMatch match)
    {
        if (free.Count == 0)
        {
            var instead = string.Join(", ", test.Sent.Take(10).Select(m => $"'{m.Id.Value}' came to {Spell(result.OutcomeOf(m.Id.Value))}"));
            Add(expected.Where, $"sink '{sink}', {place}, was not sent", Describe(expected), $"{Counted(got.Count)}; {instead}");
            return;
        }

        var nearest = free.MinBy(g => match.Compare(expected, got[g]).Count);
        free.Remove(nearest);
        foreach (var difference in match.Compare(expected, got[nearest]))
        {
            Add(difference.Where, $"sink '{sink}', {place}, {difference.What}", difference.Expected, difference.Got);
        }
    }

    /// <summary>Messages of one key must have come in the order written.</summary>
    private void KeepsOrder(Named<IReadOnlyList<ExpectedMessage>> sink, int[] places, IReadOnlyList<StoredMessage> got)
    {
        foreach (var key in places.GroupBy(g => got[g].Message.Key?.ToString()).Where(k => k.Key is not null && !k.SequenceEqual(k.Order())))
        {
            Add(
                sink.Where,
                $"sink '{sink.Name}', key '{key.Key}', order",
                string.Join(", ", key.Select(g => result.Origins.Of(got[g].Message))),
                string.Join(", ", key.Order().Select(g => result.Origins.Of(got[g].Message))));
        }
    }

    private void Order(Named<IReadOnlyList<Located<string>>> order)
    {
        var expected = (order.Value ?? []).Select(id => id.Value).ToArray();
        foreach (var (sink, got) in result.Sinks)
        {
            var came = got.Select(m => result.Origins.Of(m.Message)).OfType<string>().Where(id => result.Origins.KeyOf(id) == order.Name).ToArray();
            if (!came.SequenceEqual(expected.Where(came.Contains)))
            {
                Add(order.Where, $"sink '{sink}', key '{order.Name}', order", string.Join(", ", expected.Where(came.Contains)), string.Join(", ", came));
            }
        }

        var nowhere = expected.Where(id => !result.Sinks.Values.Any(got => got.Any(m => result.Origins.Of(m.Message) == id))).ToArray();
        if (nowhere.Length > 0)
        {
            Add(order.Where, $"key '{order.Name}', order", $"{string.Join(", ", nowhere)} at a sink", "nothing of them at any sink");
        }
    }

    private void Dead()
    {
        var left = result.Dead.Select(d => d.Message).ToList();
        foreach (var expected in test.Expected.Dead)
        {
            if (left.Find(d => Differences(expected, d).Count == 0) is { } fits)
            {
                left.Remove(fits);
            }
            else if (left.MinBy(d => Differences(expected, d).Count) is { } nearest)
            {
                left.Remove(nearest);
                Differences(expected, nearest).ForEach(d => Add(d.Where, $"dead letter, {d.What}", d.Expected, d.Got));
            }
            else
            {
                Add(expected.Where, "dead letter", Describe(expected), "none");
            }
        }

        foreach (var surplus in left)
        {
            var headers = surplus.Headers;
            Add(
                test.Expected.Where,
                $"message '{result.Origins.Of(surplus)}' became a dead letter that is not expected",
                "none",
                $"{headers.Text(HeaderNames.Cause)} in '{headers.Text(HeaderNames.Step)}' after {headers.Text(HeaderNames.Attempts)} attempts: {headers.Text(HeaderNames.CauseDetail)}");
        }
    }

    private List<Difference> Differences(ExpectedDead expected, Message dead)
    {
        var differences = new List<Difference>();
        Compare("from", expected.From, result.Origins.Of(dead));
        Compare("cause", expected.Cause, dead.Headers.Text(HeaderNames.Cause));
        Compare("step", expected.Step, dead.Headers.Text(HeaderNames.Step));
        Compare("attempts", expected.Attempts?.ToString(CultureInfo.InvariantCulture), dead.Headers.Text(HeaderNames.Attempts));
        return differences;

        void Compare(string what, string? wanted, string? came)
        {
            if (wanted is not null && wanted != came)
            {
                differences.Add(new Difference(expected.Where, what, wanted, came ?? "nothing"));
            }
        }
    }

    /// <summary>An outcome with what it means in this flow: <c>branch-2 (mail.urgent, webhook-1)</c>.</summary>
    private string Spell(string outcome) => FlowTestOutcome.BranchOf(outcome) is { } branch
        ? $"{outcome} ({string.Join(", ", test.Flow.Branches[branch].To.Select(sink => sink.Name))})"
        : outcome;

    private string CauseOf(string id) =>
        result.Dead.Select(d => d.Message).FirstOrDefault(d => d.Id.Value == id)?.Headers is { } headers
            ? $": {headers.Text(HeaderNames.Cause)} in '{headers.Text(HeaderNames.Step)}'"
            : "";

    private static string Describe(ExpectedMessage expected)
    {
        var parts = new List<string>();
        if (expected.From is { } from)
        {
            parts.Add("from " + from.Text);
        }

        if (expected.Body is { } body)
        {
            parts.Add("body " + BodyMatch.Cut(JsonBytes.Text(body)));
        }

        parts.AddRange(expected.Conditions.Select(condition => "where " + condition.Value));
        return parts.Count == 0 ? "a message" : "a message, " + string.Join(", ", parts);
    }

    private static string Describe(ExpectedDead expected) => string.Join(
        ", ",
        new[] { ("from", expected.From), ("cause", expected.Cause), ("step", expected.Step) }.Where(p => p.Item2 is not null).Select(p => $"{p.Item1} {p.Item2}").DefaultIfEmpty("one"));

    private static string Counted(int count) => count switch
    {
        0 => "no message",
        1 => "1 message",
        _ => FormattableString.Invariant($"{count} messages"),
    };

    private void Add(SourceLocation where, string message, string expected, string got) =>
        _failures.Add(new FlowTestFailure(where.File, where.Line, message, expected, got));
}
