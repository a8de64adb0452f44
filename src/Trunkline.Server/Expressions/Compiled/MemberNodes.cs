namespace Trunkline.Server.Expressions.Compiled;

/// <summary>A member by name, in an optional chain too.</summary>
internal sealed class MemberNode(CompiledNode target, MemberName name, bool optional) : CompiledNode
{
    // Every object has these, from its prototype: their values are functions or depend on the prototype.
    private static readonly HashSet<string> Inherited = new(StringComparer.Ordinal)
    {
        "constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString", "valueOf",
    };

    private readonly bool _isLength = name.Utf8.AsSpan().SequenceEqual("length"u8);

    /// <summary>True if an object without a member of that name may give something else than undefined.</summary>
    public static bool IsInherited(string name) => Inherited.Contains(name) || name.StartsWith("__", StringComparison.Ordinal);

    /// <inheritdoc/>
    public override CompiledValue Evaluate(CompiledScope scope)
    {
        var value = target.Evaluate(scope);
        switch (value.Kind)
        {
            case CompiledKind.Members:
                return value.Members.Get(name, scope.Source);
            case CompiledKind.JsonObject:
                return JsonSlices.Get(scope.Source, value, name);
            case CompiledKind.CutShort:
                return value;
            case CompiledKind.Undefined or CompiledKind.Null:
                return optional ? CompiledValue.CutShort : scope.GiveUp();
            case CompiledKind.Text or CompiledKind.JsonText when _isLength:
                return CompiledValue.Of((double)scope.TextOf(value).Length);
            case CompiledKind.JsonArray when _isLength:
                return CompiledValue.Of((double)JsonSlices.Count(scope.Source, value));
            default:
                return scope.GiveUp();
        }
    }
}

/// <summary>Where an optional chain ends.</summary>
internal sealed class ChainNode(CompiledNode chain) : CompiledNode
{
    /// <inheritdoc/>
    public override CompiledValue Evaluate(CompiledScope scope) =>
        chain.Evaluate(scope) is { Kind: not CompiledKind.CutShort } value ? value : default;
}

/// <summary>Methods of texts that are compiled.</summary>
internal enum TextMethod
{
    /// <summary><c>includes(text)</c>.</summary>
    Includes,

    /// <summary><c>startsWith(text)</c>.</summary>
    StartsWith,

    /// <summary><c>endsWith(text)</c>.</summary>
    EndsWith,

    /// <summary><c>trim()</c>.</summary>
    Trim,

    /// <summary><c>toLowerCase()</c>.</summary>
    ToLowerCase,

    /// <summary><c>toUpperCase()</c>.</summary>
    ToUpperCase,
}

/// <summary>A method of a text.</summary>
internal sealed class TextMethodNode(CompiledNode target, TextMethod method, CompiledNode? argument, bool optional) : CompiledNode
{
    /// <inheritdoc/>
    public override CompiledValue Evaluate(CompiledScope scope)
    {
        var value = target.Evaluate(scope);
        if (!value.IsText)
        {
            return value.Kind == CompiledKind.CutShort || (optional && value.IsNullish && !scope.GaveUp) ? CompiledValue.CutShort : scope.GiveUp();
        }

        var text = scope.TextOf(value);
        return argument is null ? Change(text, scope) : Find(text, argument.Evaluate(scope), scope);
    }

    private CompiledValue Find(string text, CompiledValue part, CompiledScope scope)
    {
        if (!part.IsText)
        {
            return scope.GiveUp();
        }

        var sought = scope.TextOf(part);
        return CompiledValue.Of(method switch
        {
            TextMethod.Includes => text.Contains(sought, StringComparison.Ordinal),
            TextMethod.StartsWith => text.StartsWith(sought, StringComparison.Ordinal),
            _ => text.EndsWith(sought, StringComparison.Ordinal),
        });
    }

    // Letters beyond ASCII have rules of their own (ß, final sigma, spaces of Unicode), which are the engine's.
    private CompiledValue Change(string text, CompiledScope scope)
    {
        if (!System.Text.Ascii.IsValid(text))
        {
            return scope.GiveUp();
        }

        return scope.Made(method switch
        {
            TextMethod.Trim => text.Trim(),
            TextMethod.ToLowerCase => text.ToLowerInvariant(),
            _ => text.ToUpperInvariant(),
        });
    }
}
