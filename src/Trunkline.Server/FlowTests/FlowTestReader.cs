using System.Text;
using Trunkline.Core.Config;
using Trunkline.Core.Config.Grammar;
using Trunkline.Messaging;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.FlowTests;

/// <summary>Reads the tests of one file against the project. What is wrong goes to the faults.</summary>
/// <param name="project">The project.</param>
/// <param name="faults">Takes what is wrong.</param>
/// <param name="readMail">The bytes of a mail named in the file, or null.</param>
internal sealed class FlowTestReader(ProjectConfig project, FaultList faults, Func<string, byte[]?> readMail)
{
    /// <summary>What a message's time is if it tells none, and what the clock begins with.</summary>
    public static readonly DateTimeOffset TimeDefault = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public IEnumerable<FlowTestCase> Read(ObjectValues file)
    {
        var rules = new EffectRuleReader(project, faults);
        foreach (var named in file.Get(FlowTestGrammar.Tests) ?? [])
        {
            if (named.Value is not { } test || FlowOf(file, test) is not { } flow)
            {
                continue;
            }

            var sent = ReadSent(test.Get(FlowTestGrammar.TestSend) ?? []);
            yield return new FlowTestCase
            {
                Name = named.Name,
                Where = named.Where,
                Flow = flow,
                Sent = sent,
                SentAfter = ReadSentAfter(test.Get(FlowTestGrammar.TestSend) ?? []),
                Effects =
                [
                    .. rules.Read(test.Get(FlowTestGrammar.TestEffects) ?? [], flow, ofFile: false),
                    .. rules.Read(file.Get(FlowTestGrammar.FileEffects) ?? [], flow, ofFile: true),
                ],
                Expected = ReadExpected(test.Get(FlowTestGrammar.TestExpect) ?? ObjectValues.None(test.Where), flow, sent),
            };
        }
    }

    private FlowConfig? FlowOf(ObjectValues file, ObjectValues test)
    {
        var (values, key) = test.Has(FlowTestGrammar.TestFlow) ? (test, FlowTestGrammar.TestFlow) : (file, FlowTestGrammar.FileFlow);
        if (values.Get(key) is not { } name)
        {
            if (!values.Has(key))
            {
                faults.Add(test.Where, FaultCodes.MissingKey, $"{test.Path} has no 'flow', nor has the file.", "Write 'flow:' with the flow's name at the top of the file.");
            }

            return null;
        }

        if (project.Flows.TryGetValue(name, out var flow))
        {
            return flow;
        }

        faults.Add(
            values.WhereOf(key), FaultCodes.BadValue, $"There is no flow '{Printable.Show(name)}'.", Suggestion.Remedy(name, project.Flows.Keys, "Name a flow of the project."));
        return null;
    }

    private List<Message> ReadSent(IReadOnlyList<Located<ObjectValues>> items)
    {
        var sent = new List<Message>();
        for (var i = 0; i < items.Count; i++)
        {
            var values = items[i].Value;
            var id = values.Get(FlowTestGrammar.SendId) ?? FormattableString.Invariant($"m{i + 1}");
            if (sent.Any(m => m.Id.Value == id))
            {
                faults.Add(values.WhereOf(FlowTestGrammar.SendId), FaultCodes.DuplicateName, $"Two messages of the test have the id '{Printable.Show(id)}'.", "Give one of them another id.");
            }

            var (payload, type) = PayloadOf(values);
            sent.Add(new Message
            {
                Id = new MessageId(id),
                Source = "/test",
                Key = values.Get(FlowTestGrammar.SendKey) is { } key ? MessageKey.FromText(key) : null,
                Time = values.Get(FlowTestGrammar.SendTime, TimeDefault + values.Get(FlowTestGrammar.SendAfter, TimeSpan.Zero)),
                ContentType = type,
                Headers = Headers.Of((values.Get(FlowTestGrammar.SendHeaders) ?? []).Where(h => h.Value is not null).Select(h => new Header(h.Name, h.Value!))),
                Payload = payload,
            });
        }

        return sent;
    }

    private TimeSpan[] ReadSentAfter(IReadOnlyList<Located<ObjectValues>> items)
    {
        var after = new TimeSpan[items.Count];
        for (var i = 0; i < items.Count; i++)
        {
            after[i] = items[i].Value.Get(FlowTestGrammar.SendAfter, TimeSpan.Zero);
            if (i > 0 && after[i] < after[i - 1])
            {
                faults.Add(
                    items[i].Value.WhereOf(FlowTestGrammar.SendAfter), FaultCodes.BadValue, "It is sent before the message above it.", "Write messages in the order they are sent.");
            }
        }

        return after;
    }

    private (byte[] Payload, string ContentType) PayloadOf(ObjectValues values)
    {
        if (values.Get(FlowTestGrammar.SendText) is { } text)
        {
            return (Encoding.UTF8.GetBytes(text), "text/plain; charset=utf-8");
        }

        if (values.Get(FlowTestGrammar.SendMail) is not { } path)
        {
            return (JsonBytes.Of(values.Get(FlowTestGrammar.SendBody)), "application/json");
        }

        var mail = readMail(path);
        if (mail is null)
        {
            faults.Add(
                values.WhereOf(FlowTestGrammar.SendMail),
                FaultCodes.MissingFile,
                $"The mail '{Printable.Show(path, 200)}' cannot be read.",
                "Name an existing file, at most 32 MiB, relative to this file and inside the project's folder.");
        }

        return (mail ?? [], "message/rfc822");
    }

    private ExpectedResult ReadExpected(ObjectValues values, FlowConfig flow, List<Message> sent)
    {
        var outcomes = values.Get(FlowTestGrammar.ExpectOutcomes);
        CheckOutcomes(outcomes, values, flow, sent);
        var sinks = flow.Branches.SelectMany(b => b.To).Select(s => s.Name).Distinct().ToArray();
        foreach (var sink in (values.Get(FlowTestGrammar.ExpectSinks) ?? []).Where(s => !sinks.Contains(s.Name)))
        {
            faults.Add(
                sink.Where,
                FaultCodes.BadValue,
                $"Flow '{flow.Name}' has no sink '{Printable.Show(sink.Name)}'.",
                Suggestion.Remedy(sink.Name, sinks, $"Its sinks: {string.Join(", ", sinks)}."));
        }

        foreach (var id in (values.Get(FlowTestGrammar.ExpectOrder) ?? []).SelectMany(o => o.Value ?? []))
        {
            CheckId(id.Value, id.Where, sent);
        }

        return new ExpectedResult
        {
            Where = values.Where,
            Outcomes = outcomes,
            Sinks = [.. (values.Get(FlowTestGrammar.ExpectSinks) ?? []).Select(s => new Named<IReadOnlyList<ExpectedMessage>>(s.Name, s.Where, [.. (s.Value ?? []).Select(m => ReadMessage(m.Value, sent))]))],
            Dead = [.. (values.Get(FlowTestGrammar.ExpectDead) ?? []).Select(d => ReadDead(d.Value, sent))],
            Order = values.Get(FlowTestGrammar.ExpectOrder) ?? [],
        };
    }

    private void CheckOutcomes(IReadOnlyList<Located<string>>? outcomes, ObjectValues values, FlowConfig flow, List<Message> sent)
    {
        if (outcomes is null)
        {
            return;
        }

        if (outcomes.Count != sent.Count)
        {
            faults.Add(
                values.WhereOf(FlowTestGrammar.ExpectOutcomes),
                FaultCodes.BadValue,
                FormattableString.Invariant($"{values.Path}.outcomes tells of {outcomes.Count} messages; {sent.Count} are sent."),
                "Write one for each message, in the order sent.");
        }

        foreach (var outcome in outcomes.Where(o => FlowTestOutcome.BranchOf(o.Value) >= flow.Branches.Count))
        {
            faults.Add(
                outcome.Where,
                FaultCodes.BadValue,
                FormattableString.Invariant($"Flow '{flow.Name}' has no '{outcome.Value}'; it has {flow.Branches.Count}."),
                "Branches are counted from 1, in the order written; a plain 'to' is branch-1.");
        }
    }

    private ExpectedMessage ReadMessage(ObjectValues values, List<Message> sent)
    {
        var from = TextOf(values, FlowTestGrammar.OutFrom);
        CheckId(from?.Text, values.WhereOf(FlowTestGrammar.OutFrom), sent);
        return new ExpectedMessage(
            values.Where,
            values.Get(FlowTestGrammar.OutBody),
            values.Get(FlowTestGrammar.OutWhere) ?? [],
            TextOf(values, FlowTestGrammar.OutKey),
            from,
            values.Get(FlowTestGrammar.OutHeaders) ?? []);
    }

    private ExpectedDead ReadDead(ObjectValues values, List<Message> sent)
    {
        var from = values.Get(FlowTestGrammar.DeadFrom);
        CheckId(from, values.WhereOf(FlowTestGrammar.DeadFrom), sent);
        int? attempts = values.Has(FlowTestGrammar.DeadAttempts) ? values.Get(FlowTestGrammar.DeadAttempts, 0) : null;
        return new ExpectedDead(values.Where, from, values.Get(FlowTestGrammar.DeadCause), values.Get(FlowTestGrammar.DeadStep), attempts);
    }

    private static ExpectedText? TextOf(ObjectValues values, GrammarKey<string> key) => values.Get(key) is { } text ? new ExpectedText(text, values.WhereOf(key)) : null;

    private void CheckId(string? id, SourceLocation where, List<Message> sent)
    {
        if (id is not null && !sent.Any(m => m.Id.Value == id))
        {
            var ids = sent.Select(m => m.Id.Value).ToArray();
            faults.Add(where, FaultCodes.BadValue, $"The test sends no message '{Printable.Show(id)}'.", Suggestion.Remedy(id, ids, $"Its messages: {string.Join(", ", ids.Take(20))}."));
        }
    }
}
