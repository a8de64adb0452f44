using System.Globalization;
using System.Numerics;
using Trunkline.Server.Expressions;
using Trunkline.Server.Schemas.Json.Checks;

namespace Trunkline.Server.Schemas.Json.Counterexamples;

/// <summary>A number between bounds, with or without a step. Counted exactly, in units of a power of ten.</summary>
internal sealed class NumberCase
{
    // Numbers of more digits or with larger exponents are not counted with.
    private const int PowersMax = 60;

    // So many multiples are all tried.
    private const int TriedMax = 400;

    private readonly IReadOnlyList<Demand> _demands;
    private readonly long _unit;
    private readonly bool _countable;
    private (BigInteger At, bool Open)? _least;
    private (BigInteger At, bool Open)? _most;
    private BigInteger _step;

    /// <summary>What is asked of a number.</summary>
    public NumberCase(IReadOnlyList<Demand> demands)
    {
        _demands = demands;
        var all = demands.Select(demand => demand.Check switch { BoundCheck bound => bound.Bound, MultipleOfCheck multiple => multiple.Divisor, _ => default })
            .Where(number => number.Digits?.Length > 0).ToList();
        _countable = all.TrueForAll(number => number.Digits.Length <= PowersMax && Math.Abs(number.Exponent) <= PowersMax);

        // Two powers below all that is mentioned there is always something between two bounds.
        _unit = Math.Min(0, all.Select(number => number.Exponent).DefaultIfEmpty().Min()) - 2;
    }

    /// <summary>A number, or the proof that there is none.</summary>
    public Finding Decide(Question question)
    {
        if (!_countable)
        {
            return Finding.Unknown;
        }

        foreach (var demand in _demands)
        {
            Take(demand);
        }

        // Written with a fraction and without.
        if (_demands.Any(demand => demand is { Way: Way.NotWhole, Place: Demand.Literally }) && _demands.Any(demand => demand is { Way: Way.Whole, Place: Demand.Literally }))
        {
            return Finding.None;
        }

        if (_least is { } least && _most is { } most && (least.At > most.At || (least.At == most.At && (least.Open || most.Open))))
        {
            return Finding.None;
        }

        return _step.IsZero ? Between(question) : Multiples(question);
    }

    private void Take(Demand demand)
    {
        switch (demand.Check)
        {
            case BoundCheck bound:
                // A bound that fails is the other bound of what is beyond it.
                var holds = demand.Way == Way.Holds;
                Narrow(Units(bound.Bound), holds == bound.IsLeast, holds ? bound.IsExclusive : !bound.IsExclusive);
                break;
            case MultipleOfCheck multiple when demand.Way == Way.Holds:
                StepBy(Units(multiple.Divisor));
                break;
            case null when demand.Way == Way.Whole:
                StepBy(One);
                break;
        }
    }

    private BigInteger One => BigInteger.Pow(10, (int)-_unit);

    private BigInteger Units(ExactDecimal number)
    {
        if (number.Digits.Length == 0)
        {
            return BigInteger.Zero;
        }

        var digits = BigInteger.Parse(number.Digits, CultureInfo.InvariantCulture) * BigInteger.Pow(10, (int)(number.Exponent - _unit));
        return number.Negative ? -digits : digits;
    }

    private void Narrow(BigInteger at, bool least, bool open)
    {
        ref var bound = ref least ? ref _least : ref _most;
        if (bound is not { } known || (least ? at > known.At : at < known.At) || (at == known.At && open))
        {
            bound = (at, open);
        }
    }

    private void StepBy(BigInteger step) => _step = _step.IsZero ? step : _step / BigInteger.GreatestCommonDivisor(_step, step) * step;

    private Finding Multiples(Question question)
    {
        foreach (var demand in _demands)
        {
            // What all multiples of the step are cannot be asked not to be.
            var unwanted = demand switch
            {
                { Way: Way.NotWhole, Place: not Demand.Literally } => One,
                { Way: Way.Fails, Check: MultipleOfCheck multiple } => Units(multiple.Divisor),
                _ => BigInteger.Zero,
            };
            if (!unwanted.IsZero && (_step % unwanted).IsZero)
            {
                return Finding.None;
            }
        }

        BigInteger? first = _least is { } least ? Ceiling(least.At + (least.Open ? 1 : 0)) : null;
        BigInteger? last = _most is { } most ? -Ceiling(-most.At + (most.Open ? 1 : 0)) : null;
        if (first is { } from && last is { } to)
        {
            var count = to - from + 1;
            return count <= 0 ? Finding.None : question.FirstOf(Range(from, 1, (int)BigInteger.Min(count, TriedMax)), count <= TriedMax ? Finding.None : Finding.Unknown);
        }

        return question.FirstOf(
            first is { } lower ? Range(lower, 1, TriedMax) : last is { } upper ? Range(upper, -1, TriedMax) : Range(BigInteger.Zero, 1, TriedMax).Concat(Range(-1, -1, TriedMax)),
            Finding.Unknown);
    }

    private BigInteger Ceiling(BigInteger units)
    {
        var multiple = BigInteger.DivRem(units, _step, out var rest);
        return rest.Sign > 0 ? multiple + 1 : multiple;
    }

    private IEnumerable<string> Range(BigInteger from, int direction, int count)
    {
        for (var i = 0; i < count; i++)
        {
            foreach (var form in Forms(Text((from + (i * direction)) * _step)))
            {
                yield return form;
            }
        }
    }

    private Finding Between(Question question)
    {
        if (_least is { } only && _most is { } same && only.At == same.At)
        {
            return question.FirstOf(Forms(Text(only.At)), Finding.None);
        }

        var least = _least?.At ?? (_most?.At ?? 0) - (One * 10);
        var most = _most?.At ?? least + (One * 20);
        var (near, far) = (least + ((most - least) / 3), least + ((most - least) / 7));
        var whole = new[] { least, most, near }.SelectMany(at => Enumerable.Range(-4, 9).Select(i => ((at / One) + i) * One));
        return question.FirstOf(
            new[] { least, most, near, far, least + 1, most - 1, near + 1, far + 7 }.Concat(whole).Concat(whole.Select(at => at + (One / 2))).Distinct().SelectMany(at => Forms(Text(at))),
            Finding.Unknown);
    }

    /// <summary>The forms of a number that some draft tells apart: with and without a fraction.</summary>
    public static IEnumerable<string> Forms(string number) => number.AsSpan().ContainsAny(".eE") ? [number] : [number, number + ".0"];

    private string Text(BigInteger units)
    {
        var digits = BigInteger.Abs(units).ToString(CultureInfo.InvariantCulture).PadLeft((int)-_unit + 1, '0');
        var fraction = digits[^(int)-_unit..].TrimEnd('0');
        return (units.Sign < 0 ? "-" : "") + digits[..^(int)-_unit] + (fraction.Length > 0 ? "." + fraction : "");
    }
}
