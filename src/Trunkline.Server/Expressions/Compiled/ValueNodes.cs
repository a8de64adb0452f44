using System.Text;
using Trunkline.Messaging;

namespace Trunkline.Server.Expressions.Compiled;

/// <summary>A literal.</summary>
internal sealed class LiteralNode(CompiledValue value) : CompiledNode
{
    /// <inheritdoc/>
    public override CompiledValue Evaluate(CompiledScope scope) => value;
}

/// <summary><c>message</c>.</summary>
internal sealed class BodyNode : CompiledNode
{
    /// <inheritdoc/>
    public override CompiledValue Evaluate(CompiledScope scope) => scope.Body;
}

/// <summary>A member of <c>meta</c>.</summary>
internal sealed class MetaNode(string name) : CompiledNode
{
    /// <summary>The members it knows.</summary>
    public static bool Knows(string name) => name is "id" or "key" or "time" or "attempt" or "timer";

    /// <inheritdoc/>
    public override CompiledValue Evaluate(CompiledScope scope) => name switch
    {
        "id" => CompiledValue.Of(scope.Message.Id.Value),
        "key" => scope.Message.Key is { } key ? CompiledValue.Of(key.ToString()) : CompiledValue.Null,
        "time" => CompiledValue.Of(scope.Time),
        "timer" => scope.Message.Headers.Text(HeaderNames.Timer) is { } timer ? CompiledValue.Of(timer) : CompiledValue.Null,
        _ => CompiledValue.Of(scope.Attempt),
    };
}

/// <summary>A member of <c>meta.headers</c>: of headers that share a name, the last counts.</summary>
internal sealed class HeaderNode(string name) : CompiledNode
{
    /// <inheritdoc/>
    public override CompiledValue Evaluate(CompiledScope scope) =>
        scope.Message.Headers.Text(name) is { } text ? CompiledValue.Of(text) : default;
}

/// <summary>A template literal.</summary>
internal sealed class TemplateNode(string[] texts, CompiledNode[] parts) : CompiledNode
{
    /// <inheritdoc/>
    public override CompiledValue Evaluate(CompiledScope scope)
    {
        var made = new StringBuilder(texts[0]);
        for (var i = 0; i < parts.Length && !scope.GaveUp; i++)
        {
            made.Append(scope.TextOf(parts[i].Evaluate(scope))).Append(texts[i + 1]);
            if (made.Length > CompiledScope.TextCharsMax)
            {
                return scope.GiveUp();
            }
        }

        return CompiledValue.Of(made.ToString());
    }
}

/// <summary>An object literal: named members and spreads, in order.</summary>
/// <param name="entries">A null name is a spread.</param>
internal sealed class ObjectNode((MemberName? Name, CompiledNode Value)[] entries) : CompiledNode
{
    /// <inheritdoc/>
    public override CompiledValue Evaluate(CompiledScope scope)
    {
        var made = scope.NewList();
        foreach (var (name, node) in entries)
        {
            var value = node.Evaluate(scope);
            if (name is not null)
            {
                made.Set(new Member(name, 0, 0, name.Hash, value), scope.Source);
            }
            else if (!TrySpread(value, made, scope))
            {
                return scope.GiveUp();
            }
        }

        return CompiledValue.Of(made);
    }

    // Texts and arrays spread into names like numbers, an integer past 2^53 is an object of the engine.
    private static bool TrySpread(in CompiledValue value, MemberList into, CompiledScope scope)
    {
        switch (value.Kind)
        {
            case CompiledKind.Members:
                into.SetAll(value.Members, scope.Source);
                return true;
            case CompiledKind.JsonObject:
                JsonSlices.Spread(scope.Source, value, into);
                return true;
            default:
                return value.IsNullish;
        }
    }
}
