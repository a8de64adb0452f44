using System.Text.Json;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.Releases;

/// <summary>The facts of steps.</summary>
internal sealed partial class ProjectFacts
{
    private void Step(Facts facts, string path, StepConfig step)
    {
        facts.Add(path + "name", step.Name);
        switch (step)
        {
            case ParseStepConfig parse:
                facts.Add(path + "parse", parse.Format);
                break;
            case MapStepConfig map:
                facts.Add(path + "map", map.Expression);
                break;
            case FilterStepConfig filter:
                facts.Add(path + "filter", filter.Expression);
                break;
            case InferStepConfig infer:
                facts.Add(path + "infer.model", infer.Model);
                facts.Add(path + "infer.input", infer.Input);
                facts.Add(path + "infer.output", infer.Output);
                facts.Add(path + "infer.tools", Joined(infer.Tools));
                facts.Add(path + "infer.overload", infer.Overload?.Policy.ToString());
                facts.Add(path + "infer.reroute", infer.Overload?.Reroute);
                Fallback(facts, path + "infer.fallback.", infer.Fallback);
                facts.Add(path + "infer.stream", infer.Streams ? "true" : null);
                facts.Add(path + "infer.memo", infer.Memo?.Keep);
                facts.Add(path + "infer.memo.scope", infer.Memo is { PerKey: true } ? "key" : null);
                break;
            case StateStepConfig state:
                var root = path + "state.";
                facts.Add(root + "update", state.Update);
                facts.Add(root + "output", state.Output);
                facts.Add(root + "expire", state.Expire);
                break;
            case TimerStepConfig timer:
                facts.Add(path + (timer.After is null ? "timer.cancel" : "timer.as"), timer.Timer);
                facts.Add(path + "timer.after", timer.After);
                facts.Add(path + "timer.when", timer.When);
                break;
            case UseStepConfig use:
                facts.Add(path + "use", use.Use);
                break;
            default:
                WorkStep(facts, path, step);
                break;
        }
    }

    private void WorkStep(Facts facts, string path, StepConfig step)
    {
        switch (step)
        {
            case EnrichStepConfig enrich:
                // A query may hold a token; what is in front of it is for people.
                facts.Add(path + "enrich.url", enrich.Url.Split('?')[0]);
                facts.Add(path + "enrich.query", enrich.Url.Contains('?', StringComparison.Ordinal) ? Hidden(enrich.Url) : null);
                facts.Add(path + "enrich.output", enrich.Output);
                facts.Add(path + "enrich.body", enrich.Body);
                facts.Add(path + "enrich.token", Hidden(enrich.Token?.Value));
                facts.Add(path + "enrich.timeout", enrich.Timeout);
                facts.Add(path + "enrich.missing", enrich.FailsIfMissing ? "fail" : null);
                break;
            case RedactStepConfig redact:
                facts.Add(path + "redact.kinds", string.Join(' ', redact.Kinds));
                facts.Add(path + "redact.fields", Joined(redact.Fields));
                facts.Add(path + "redact.names", redact.Names);
                facts.Add(path + "redact.with", redact.With);
                break;
            case SplitStepConfig split:
                facts.Add(path + "split.list", split.List);
                facts.Add(path + "split.max", (long)split.Max);
                break;
            case BatchStepConfig batch:
                facts.Add(path + "batch.size", (long)batch.Size);
                facts.Add(path + "batch.within", batch.Within);
                break;
            case JoinStepConfig join:
                facts.Add(path + "join.of", Joined(join.Of));
                facts.Add(path + "join.by", join.By);
                facts.Add(path + "join.within", join.Within);
                facts.Add(path + "join.missing", join.GoesOnWithout ? null : "end");
                break;
            case ThrottleStepConfig throttle:
                facts.Add(path + "throttle.messages", (long)throttle.Messages);
                facts.Add(path + "throttle.per", throttle.Per);
                facts.Add(path + "throttle.each", throttle.Each.ToString());
                break;
            case ExecStepConfig exec:
                Exec(facts, path + "exec.", exec);
                break;
            default:
                throw new InvalidOperationException($"Step {step.GetType().Name} has no facts.");
        }
    }

    private void Exec(Facts facts, string path, ExecStepConfig exec)
    {
        // The text of a list of arguments could be that of another list.
        facts.Add(path + "command", JsonSerializer.Serialize(exec.Command));
        foreach (var part in exec.Command.Where(part => !Path.IsPathRooted(part)).Distinct(StringComparer.Ordinal))
        {
            // A script of the project is part of the revision, as a model's file is.
            facts.Add($"{path}file.{part}", fileHash(Path.GetFullPath(part, exec.Directory)));
        }

        facts.Add(path + "output", exec.Output);
        facts.Add(path + "timeout", exec.Timeout);
        facts.Add(path + "memory", exec.MemoryMax);
        facts.Add(path + "processes", (long)exec.ProcessesMax);
        facts.Add(path + "pool", exec.Pool == 0 ? null : (long?)exec.Pool);
        foreach (var (name, value) in exec.Environment)
        {
            facts.Add($"{path}env.{name}", Hidden(value.Value));
        }

        facts.Add(path + "stderr", exec.LogsErrors ? "log" : null);
    }
}
