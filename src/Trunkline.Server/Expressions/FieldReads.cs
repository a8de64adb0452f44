using Acornima;
using Acornima.Ast;

namespace Trunkline.Server.Expressions;

/// <summary>What an expression reads of the body of a message, found by walking its syntax.</summary>
internal sealed class FieldReads : AstVisitor
{
    // Methods and counts of texts and lists: what is read is what they are called on.
    private static readonly HashSet<string> Inherited = new(StringComparer.Ordinal) { "length" };

    private FieldReads()
    {
    }

    /// <summary>Members that are read, each as the names on the way to it; an empty way is the body as a whole.</summary>
    public HashSet<string> Paths { get; } = new(StringComparer.Ordinal);

    /// <summary>True if the value is the body again, or an object that has all of it (<c>...message</c>).</summary>
    public bool KeepsBody { get; private set; }

    /// <summary>Members the value has in place of the body's.</summary>
    public HashSet<string> Sets { get; } = new(StringComparer.Ordinal);

    /// <summary>What an expression that can be parsed reads.</summary>
    /// <param name="source">The expression.</param>
    /// <param name="join">Puts a name behind a place; a null name stands for every item.</param>
    public static FieldReads Of(string source, Func<string, string?, string> join)
    {
        var expression = new Parser(new ParserOptions { EcmaVersion = EcmaVersion.Latest }).ParseExpression(source);
        var reads = new FieldReads { _join = join };
        reads.Result(expression);
        return reads;
    }

    private Func<string, string?, string> _join = (_, _) => "";

    /// <summary>The value itself: the body spread into it is passed on, not read.</summary>
    private void Result(Node node)
    {
        switch (node)
        {
            case Identifier { Name: "message" }:
                KeepsBody = true;
                break;
            case ObjectExpression made when made.Properties.Any(IsBodySpread):
                KeepsBody = true;
                foreach (var property in made.Properties)
                {
                    Property(property);
                }

                break;
            case ConditionalExpression conditional:
                Visit(conditional.Test);
                Result(conditional.Consequent);
                Result(conditional.Alternate);
                break;
            default:
                Visit(node);
                break;
        }
    }

    private void Property(Node property)
    {
        if (IsBodySpread(property))
        {
            return;
        }

        if (property is ObjectProperty { Computed: false } named)
        {
            Sets.Add(named.Key switch { Identifier key => key.Name, StringLiteral key => key.Value, _ => "" });
        }

        Visit(property);
    }

    private static bool IsBodySpread(Node property) => property is SpreadElement { Argument: Identifier { Name: "message" } };

    /// <inheritdoc/>
    public override object? Visit(Node node)
    {
        switch (node)
        {
            case Identifier { Name: "message" }:
                Paths.Add("");
                return null;
            case CallExpression { Callee: MemberExpression method } call when WayOf(method.Object) is { } on:
                // message.text.includes(…): the text is read, and includes is no field.
                Paths.Add(on);
                VisitAll(call.Arguments);
                return null;
            case MemberExpression member when WayOf(member) is { } way:
                Paths.Add(way);
                VisitIndexes(member);
                return null;
            case ObjectProperty { Computed: false } property:
                // The key of a member, and the name in a shorthand, is no variable by itself.
                Visit(property.Value);
                return null;
            default:
                return base.Visit(node);
        }
    }

    /// <summary>The way from the body to a member; null if it does not begin there.</summary>
    private string? WayOf(Node node) => node switch
    {
        Identifier { Name: "message" } => "",
        ChainExpression chain => WayOf(chain.Expression),
        MemberExpression member when WayOf(member.Object) is { } way => member switch
        {
            { Computed: false, Property: Identifier name } => Inherited.Contains(name.Name) ? way : _join(way, name.Name),
            { Computed: true, Property: StringLiteral text } => _join(way, text.Value),

            // Which item or member is known only when it runs: it may be any.
            _ => _join(way, null),
        },
        _ => null,
    };

    private void VisitIndexes(MemberExpression member)
    {
        for (Node at = member; at is MemberExpression or ChainExpression;)
        {
            if (at is MemberExpression { Computed: true } indexed)
            {
                Visit(indexed.Property);
            }

            at = at is MemberExpression inner ? inner.Object : ((ChainExpression)at).Expression;
        }
    }

    private void VisitAll(in NodeList<Expression> nodes)
    {
        foreach (var node in nodes)
        {
            Visit(node);
        }
    }
}
