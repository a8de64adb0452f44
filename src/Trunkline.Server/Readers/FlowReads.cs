using Trunkline.Server.Configuration;
using Trunkline.Server.Expressions;
using Trunkline.Server.Schemas.Fields;
using Trunkline.Server.Templates;

namespace Trunkline.Server.Readers;

/// <summary>
/// Learns what a flow of the project file reads of its topic's messages: along its steps, branches and sinks, as long as the body is that of the topic.
/// A step of the host may read anything.
/// </summary>
internal sealed class FlowReads
{
    private readonly SortedSet<string> _fields = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _passesTo = new(StringComparer.Ordinal);
    private readonly HashSet<string> _set = new(StringComparer.Ordinal);
    private bool _isBody = true;

    private FlowReads()
    {
    }

    /// <summary>What a flow reads; null if it reads no topic.</summary>
    public static Reader? Of(FlowConfig flow)
    {
        if (flow.From is not TopicSourceConfig source)
        {
            return null;
        }

        if (flow.Reads is { } typed)
        {
            return new Reader(source.Topic, ReaderKind.Flow, flow.Name) { Fields = typed, Owner = flow.Owner, Origin = ReaderOrigin.Learned, Where = flow.Where };
        }

        var reads = new FlowReads();
        foreach (var step in flow.Steps)
        {
            reads.Step(step);
        }

        foreach (var branch in flow.Branches)
        {
            reads.Expression(branch.When);
            foreach (var sink in branch.To)
            {
                reads.Sink(sink);
            }
        }

        return new Reader(source.Topic, ReaderKind.Flow, flow.Name)
        {
            Fields = [.. reads._fields],
            PassesTo = [.. reads._passesTo],
            Owner = flow.Owner,
            Origin = ReaderOrigin.Learned,
            Where = flow.Where,
        };
    }

    private void Step(StepConfig step)
    {
        switch (step)
        {
            case ParseStepConfig { Format: "mail" }:
                // From here on the body is what was made of the mail.
                Add("");
                _isBody = false;
                break;
            case MapStepConfig map:
                Map(map.Expression);
                break;
            case FilterStepConfig filter:
                Expression(filter.Expression);
                break;
            case InferStepConfig infer:
                Expression(infer.Input);
                _set.Add(infer.Output);
                break;
            case StateStepConfig state:
                Expression(state.Update);
                if (state.Output is { } output)
                {
                    _set.Add(output);
                }

                break;
            case TimerStepConfig timer:
                Expression(timer.When);
                break;
            case UseStepConfig:
                Add("");
                break;
            default:
                Work(step);
                break;
        }
    }

    private void Work(StepConfig step)
    {
        switch (step)
        {
            case EnrichStepConfig enrich:
                Template(enrich.Url);
                Expression(enrich.Body);
                _set.Add(enrich.Output);
                break;
            case RedactStepConfig redact:
                foreach (var field in redact.Fields.Count == 0 ? [""] : redact.Fields.Select(field => FieldPath.Member("", field)))
                {
                    Add(field);
                }

                break;
            case SplitStepConfig split:
                // From here on the body is an element.
                Expression(split.List);
                _isBody = false;
                break;
            case JoinStepConfig join:
                Expression(join.By);
                Add("");
                _isBody = false;
                break;
            case BatchStepConfig:
                Add("");
                _isBody = false;
                break;
            case ExecStepConfig { Output: { } output }:
                Add("");
                _set.Add(output);
                break;
            case ExecStepConfig:
                Add("");
                _isBody = false;
                break;
        }
    }

    private void Map(string expression)
    {
        var reads = Read(expression);
        _isBody = _isBody && reads.KeepsBody;
        _set.UnionWith(reads.Sets);
    }

    private void Expression(string? expression)
    {
        if (expression is not null && Read(expression).KeepsBody)
        {
            // A value that is the body is read as a whole where it does not become the next body.
            Add("");
        }
    }

    private FieldReads Read(string expression)
    {
        var reads = FieldReads.Of(expression, Join);
        foreach (var path in reads.Paths)
        {
            Add(path);
        }

        return reads;
    }

    private void Sink(SinkConfig sink)
    {
        switch (sink)
        {
            case TopicSinkConfig topic:
                Expression(topic.Key);
                if (_isBody)
                {
                    _passesTo.Add(topic.Topic);
                }

                break;
            case ChatSinkConfig chat:
                Template(chat.Text);
                Template(chat.Title);
                break;
            case SmtpSinkConfig mail:
                Expression(mail.To);
                Expression(mail.Cc);
                foreach (var text in (MailTextConfig?[])[mail.Subject, mail.Text, mail.Html])
                {
                    Expression(text is { IsTemplate: false } ? text.Text : null);
                    Template(text is { IsTemplate: true } ? text.Text : null);
                }

                break;
            case OutcomeSinkConfig outcome:
                foreach (var expression in (string?[])[outcome.Fact, outcome.Receipt, outcome.Label, outcome.Value])
                {
                    Expression(expression);
                }

                break;
            default:
                // Whoever gets the message may read anything of it.
                Add("");
                break;
        }
    }

    private void Template(string? template)
    {
        if (template is null)
        {
            return;
        }

        foreach (var path in TextTemplate.ReadsOf(template, Join))
        {
            Add(path);
        }
    }

    private void Add(string path)
    {
        // What a step put into the body is the flow's own.
        var first = path;
        while (FieldPath.Parent(first) is { Length: > 0 } parent)
        {
            first = parent;
        }

        if (_isBody && !(first.Length > 0 && _set.Contains(first)))
        {
            _fields.Add(path);
        }
    }

    private static string Join(string way, string? name) => name is null ? FieldPath.Items(way) : FieldPath.Member(way, name);
}
