using System.Text;
using Acornima;

namespace Trunkline.Server.Expressions.Compiled;

/// <summary><c>&amp;&amp;</c>, <c>||</c>, <c>??</c>.</summary>
internal sealed class LogicalNode(Operator op, CompiledNode left, CompiledNode right) : CompiledNode
{
    /// <inheritdoc/>
    public override CompiledValue Evaluate(CompiledScope scope)
    {
        var value = left.Evaluate(scope);
        var goesOn = op switch
        {
            Operator.LogicalAnd => scope.IsTrue(value),
            Operator.LogicalOr => !scope.IsTrue(value),
            _ => value.IsNullish,
        };
        return goesOn && !scope.GaveUp ? right.Evaluate(scope) : value;
    }
}

/// <summary><c>test ? a : b</c>.</summary>
internal sealed class ConditionalNode(CompiledNode test, CompiledNode then, CompiledNode otherwise) : CompiledNode
{
    /// <inheritdoc/>
    public override CompiledValue Evaluate(CompiledScope scope) =>
        scope.IsTrue(test.Evaluate(scope)) ? then.Evaluate(scope) : otherwise.Evaluate(scope);
}

/// <summary><c>!</c>, <c>-</c>, <c>+</c>, <c>typeof</c>.</summary>
internal sealed class UnaryNode(Operator op, CompiledNode operand) : CompiledNode
{
    /// <inheritdoc/>
    public override CompiledValue Evaluate(CompiledScope scope)
    {
        var value = operand.Evaluate(scope);
        return op switch
        {
            Operator.LogicalNot => CompiledValue.Of(!scope.IsTrue(value)),
            Operator.UnaryNegation => CompiledValue.Of(-scope.NumberOf(value)),
            Operator.UnaryPlus => CompiledValue.Of(scope.NumberOf(value)),
            _ => CompiledValue.Of(TypeOf(scope.Resolve(value))),
        };
    }

    private static string TypeOf(in CompiledValue value) => value.Kind switch
    {
        CompiledKind.Undefined => "undefined",
        CompiledKind.True or CompiledKind.False => "boolean",
        CompiledKind.Number => "number",
        CompiledKind.Text or CompiledKind.JsonText => "string",
        _ => "object",
    };
}

/// <summary><c>===</c>, <c>!==</c>, and <c>==</c>, <c>!=</c> where they convert nothing.</summary>
internal sealed class EqualityNode(CompiledNode left, CompiledNode right, bool strict, bool negated) : CompiledNode
{
    /// <inheritdoc/>
    public override CompiledValue Evaluate(CompiledScope scope)
    {
        var a = scope.Resolve(left.Evaluate(scope));
        var b = scope.Resolve(right.Evaluate(scope));
        return Same(a, b, scope) is { } same ? CompiledValue.Of(same != negated) : scope.GiveUp();
    }

    private bool? Same(in CompiledValue a, in CompiledValue b, CompiledScope scope)
    {
        if (a.IsText && b.IsText)
        {
            return SameText(a, b, scope);
        }

        if (a.Kind == CompiledKind.Number && b.Kind == CompiledKind.Number)
        {
            return a.Number == b.Number;
        }

        // Which object is which, the engine knows.
        if (a.IsContainer && b.IsContainer)
        {
            return null;
        }

        if (strict)
        {
            return a.Kind == b.Kind;
        }

        if (a.IsNullish || b.IsNullish)
        {
            return a.IsNullish && b.IsNullish;
        }

        return IsBoolean(a) && IsBoolean(b) ? a.Kind == b.Kind : null;
    }

    private static bool IsBoolean(in CompiledValue value) => value.Kind is CompiledKind.True or CompiledKind.False;

    /// <summary>A text of the message is compared by its bytes where that can be told.</summary>
    private static bool SameText(in CompiledValue a, in CompiledValue b, CompiledScope scope)
    {
        if (a is { Kind: CompiledKind.JsonText, IsEscaped: false } && b.Kind == CompiledKind.Text)
        {
            var bytes = scope.BytesOf(a);
            if (bytes.Length == b.Text.Length)
            {
                // As many bytes as UTF-16 units: equal only if both are ASCII.
                return Ascii.Equals(bytes, b.Text);
            }
        }

        return string.Equals(scope.TextOf(a), scope.TextOf(b), StringComparison.Ordinal);
    }
}

/// <summary><c>&lt;</c>, <c>&lt;=</c>, <c>&gt;</c>, <c>&gt;=</c>.</summary>
internal sealed class ComparisonNode(Operator op, CompiledNode left, CompiledNode right) : CompiledNode
{
    /// <inheritdoc/>
    public override CompiledValue Evaluate(CompiledScope scope)
    {
        var a = left.Evaluate(scope);
        var b = right.Evaluate(scope);
        if (a.IsText && b.IsText)
        {
            return CompiledValue.Of(Holds(string.CompareOrdinal(scope.TextOf(a), scope.TextOf(b)), 0));
        }

        return CompiledValue.Of(Holds(scope.NumberOf(a), scope.NumberOf(b)));
    }

    private bool Holds(double a, double b) => op switch
    {
        Operator.LessThan => a < b,
        Operator.LessThanOrEqual => a <= b,
        Operator.GreaterThan => a > b,
        _ => a >= b,
    };
}

/// <summary><c>+</c>, <c>-</c>, <c>*</c>, <c>/</c>, <c>%</c>.</summary>
internal sealed class ArithmeticNode(Operator op, CompiledNode left, CompiledNode right) : CompiledNode
{
    /// <inheritdoc/>
    public override CompiledValue Evaluate(CompiledScope scope)
    {
        var a = left.Evaluate(scope);
        var b = right.Evaluate(scope);
        if (op == Operator.Addition && (a.IsText || b.IsText))
        {
            return scope.Made(scope.TextOf(a) + scope.TextOf(b));
        }

        var (x, y) = (scope.NumberOf(a), scope.NumberOf(b));
        return CompiledValue.Of(op switch
        {
            Operator.Addition => x + y,
            Operator.Subtraction => x - y,
            Operator.Multiplication => x * y,
            Operator.Division => x / y,
            _ => x % y,
        });
    }
}
