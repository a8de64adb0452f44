using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Trunkline.Server.Schemas.Avro;

/// <summary>
/// Writes Avro data of one schema as data of another, after the resolution rules of Avro: fields by name or alias, defaults for what was not written, what is not read left out. Aliases of
/// either schema count, so that a renamed field is found from both sides. Thread-safe; how two types go together is found once.
/// </summary>
internal sealed class AvroTranscoder(AvroSchema reader, AvroSchema writer)
{
    private readonly ConcurrentDictionary<(AvroSchema To, AvroSchema From), AvroRecordPlan> _records = new();
    private readonly ConcurrentDictionary<(AvroSchema To, AvroSchema From), int> _branches = new();

    /// <summary>The data in the reader's schema; null with the reason if it has no value there.</summary>
    public byte[]? Convert(ReadOnlyMemory<byte> data, out string? problem)
    {
        if (AvroWalk.Check(writer, data.Span) is { } fault)
        {
            problem = $"{fault.At} {fault.Message}".TrimStart();
            return null;
        }

        var output = new ArrayBufferWriter<byte>(data.Length + 64);
        var run = new Run(this, data, output);
        var done = run.Value(reader, writer);
        problem = run.Problem;
        return done ? output.WrittenSpan.ToArray() : null;
    }

    private AvroRecordPlan PlanOf(AvroSchema to, AvroSchema from) => _records.GetOrAdd((to, from), static pair => AvroRecordPlan.Of(pair.To, pair.From));

    /// <summary>The branch of a union a value is written as: the same type, else the first that can read it; -1 if none can.</summary>
    private int BranchOf(AvroSchema union, AvroSchema from) => _branches.GetOrAdd((union, from), static pair =>
    {
        var branches = pair.To.Branches.ToList();
        var same = branches.FindIndex(one => one.Type == pair.From.Type && (!one.IsNamed || one.FullName == pair.From.FullName));
        return same >= 0 ? same : branches.FindIndex(one => AvroResolution.Check(one, pair.From).Count == 0);
    });

    private sealed class Run(AvroTranscoder plans, ReadOnlyMemory<byte> data, ArrayBufferWriter<byte> output)
    {
        private AvroCursor _input = new(data);

        public string? Problem { get; private set; }

        public bool Value(AvroSchema to, AvroSchema from)
        {
            if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            {
                return Fail("it is nested too deep");
            }

            return from.Type == AvroType.Union ? Value(to, from.Branches[(int)_input.Long()])
                : to.Type == AvroType.Union ? ToUnion(to, from)
                : to.Type == AvroType.Record && from.Type == AvroType.Record ? Record(to, from)
                : to.Type is AvroType.Array or AvroType.Map && to.Type == from.Type ? Blocks(to, from)
                : Scalar(to, from);
        }

        private bool ToUnion(AvroSchema to, AvroSchema from)
        {
            var branch = plans.BranchOf(to, from);
            if (branch < 0)
            {
                return Fail($"it holds a {from.TypeName}, and the reader's union has none");
            }

            AvroBytes.Long(output, branch);
            return Value(to.Branches[branch], from);
        }

        private bool Record(AvroSchema to, AvroSchema from)
        {
            var plan = plans.PlanOf(to, from);
            if (plan.Problem is { } missing)
            {
                return Fail(missing);
            }

            // Written fields come one after the other; only where the reader wants another order must it be known where each begins.
            var begins = plan.InOrder ? null : BeginsOf(from);
            var next = 0;
            foreach (var step in plan.Steps)
            {
                if (step.Default is { } value)
                {
                    output.Write(value);
                    continue;
                }

                next = begins is null ? SkipTo(step.Written, next, from) : Jump(begins, step.Written);
                if (!Value(step.To, from.Fields[step.Written].Schema))
                {
                    return false;
                }
            }

            _ = begins is null ? SkipTo(from.Fields.Count, next, from) : Jump(begins, from.Fields.Count);
            return true;
        }

        private int[] BeginsOf(AvroSchema from)
        {
            var begins = new int[from.Fields.Count + 1];
            for (var i = 0; i < from.Fields.Count; i++)
            {
                begins[i] = _input.At;
                _input.Skip(from.Fields[i].Schema);
            }

            begins[^1] = _input.At;
            return begins;
        }

        private int SkipTo(int field, int next, AvroSchema from)
        {
            for (; next < field; next++)
            {
                _input.Skip(from.Fields[next].Schema);
            }

            return field + 1;
        }

        private int Jump(int[] begins, int field)
        {
            _input.At = begins[field];
            return field + 1;
        }

        private bool Blocks(AvroSchema to, AvroSchema from)
        {
            for (var count = _input.Block(); count > 0; count = _input.Block())
            {
                AvroBytes.Long(output, count);
                for (; count > 0; count--)
                {
                    if (from.Type == AvroType.Map)
                    {
                        AvroBytes.Sized(output, _input.TakeSized());
                    }

                    if (!Value(to.Items!, from.Items!))
                    {
                        return false;
                    }
                }
            }

            AvroBytes.Long(output, 0);
            return true;
        }

        private bool Scalar(AvroSchema to, AvroSchema from)
        {
            switch (from.Type)
            {
                case AvroType.Null when to.Type == AvroType.Null:
                    return true;
                case AvroType.Boolean when to.Type == AvroType.Boolean:
                    output.Write(_input.Take(1));
                    return true;
                case AvroType.Int when to.Type == AvroType.Int:
                case AvroType.Int or AvroType.Long when to.Type == AvroType.Long:
                    AvroBytes.Long(output, _input.Long());
                    return true;
                case AvroType.Int or AvroType.Long when to.Type is AvroType.Float or AvroType.Double:
                    Real(to, _input.Long());
                    return true;
                case AvroType.Float when to.Type is AvroType.Float or AvroType.Double:
                    Real(to, BinaryPrimitives.ReadSingleLittleEndian(_input.Take(4)));
                    return true;
                case AvroType.Double when to.Type == AvroType.Double:
                    output.Write(_input.Take(8));
                    return true;
                case AvroType.String or AvroType.Bytes when to.Type is AvroType.String or AvroType.Bytes:
                    AvroBytes.Sized(output, _input.TakeSized());
                    return true;
                case AvroType.Fixed when to.Type == AvroType.Fixed && to.Size == from.Size:
                    output.Write(_input.Take(from.Size));
                    return true;
                case AvroType.Enum when to.Type == AvroType.Enum:
                    return Symbol(to, from.Symbols[(int)_input.Long()]);
                default:
                    return Fail($"it holds a {from.TypeName}, and the reader wants a {to.TypeName}");
            }
        }

        private void Real(AvroSchema to, double value)
        {
            if (to.Type == AvroType.Float)
            {
                AvroBytes.Float(output, (float)value);
            }
            else
            {
                AvroBytes.Double(output, value);
            }
        }

        private bool Symbol(AvroSchema to, string symbol)
        {
            var symbols = to.Symbols.ToList();
            var at = symbols.IndexOf(symbol);
            at = at < 0 && to.SymbolDefault is { } other ? symbols.IndexOf(other) : at;
            if (at < 0)
            {
                return Fail($"it holds a symbol that the reader's {to.Name} does not know");
            }

            AvroBytes.Long(output, at);
            return true;
        }

        private bool Fail(string problem)
        {
            Problem = problem;
            return false;
        }
    }
}

/// <summary>How a written record becomes one the reader knows.</summary>
/// <param name="Steps">A step per field of the reader.</param>
/// <param name="InOrder">True if those written come in the reader's order.</param>
/// <param name="Problem">Why it cannot; null if it can.</param>
internal sealed record AvroRecordPlan(IReadOnlyList<AvroFieldStep> Steps, bool InOrder, string? Problem)
{
    /// <summary>The plan for two types.</summary>
    public static AvroRecordPlan Of(AvroSchema to, AvroSchema from)
    {
        var written = from.Fields.ToList();
        var steps = new List<AvroFieldStep>();
        foreach (var field in to.Fields)
        {
            var at = written.FindIndex(one => one.Name == field.Name);
            at = at >= 0 ? at : written.FindIndex(one => field.Aliases.Contains(one.Name) || one.Aliases.Contains(field.Name));
            if (at < 0 && field.Default is null)
            {
                return new([], true, $"it has no field '{field.Name}', and the reader has no default for it");
            }

            steps.Add(new AvroFieldStep(field.Schema, at, at < 0 ? AvroBytes.Default(field.Schema, field.Default!) : null));
        }

        var order = steps.Where(step => step.Written >= 0).Select(step => step.Written).ToList();
        return new(steps, order.SequenceEqual(order.Order()) && order.Distinct().Count() == order.Count, null);
    }
}

/// <summary>Where a field of the reader comes from.</summary>
/// <param name="To">Its type.</param>
/// <param name="Written">The writer's field; -1 if there is none.</param>
/// <param name="Default">What is taken then.</param>
internal readonly record struct AvroFieldStep(AvroSchema To, int Written, byte[]? Default);
