using Acornima;
using Acornima.Ast;

namespace Trunkline.Server.Expressions.Compiled;

/// <summary>
/// Compiles the everyday part of the language: members of <c>message</c> and <c>meta</c>, literals, operators, conditions, object
/// literals with spread, templates and a few methods of texts. It is recognised by what it is made of; everything else, down to the
/// smallest piece, leaves the whole expression to the engine.
/// </summary>
internal sealed class ExpressionCompiler
{
    // Together with the bounds of bodies and texts these keep an evaluation far below the engine's own limits.
    private const int NodesMax = 256;
    private const int DepthMax = 32;
    private int _nodes;
    private int _depth;

    private ExpressionCompiler()
    {
    }

    /// <summary>The compiled expression, or null if it is for the engine.</summary>
    public static CompiledNode? Compile(Expression expression) => new ExpressionCompiler().Node(expression);

    private CompiledNode? Node(Node node)
    {
        if (++_nodes > NodesMax || _depth == DepthMax)
        {
            return null;
        }

        _depth++;
        var compiled = node switch
        {
            NumericLiteral number => new LiteralNode(CompiledValue.Of(number.Value)),
            StringLiteral text => new LiteralNode(CompiledValue.Of(text.Value)),
            BooleanLiteral boolean => new LiteralNode(CompiledValue.Of(boolean.Value)),
            NullLiteral => new LiteralNode(CompiledValue.Null),
            Identifier { Name: "undefined" } => new LiteralNode(default),
            Identifier { Name: "message" } => new BodyNode(),
            MemberExpression member => Member(member),
            ChainExpression chain => Node(chain.Expression) is { } inner ? new ChainNode(inner) : null,
            CallExpression call => Call(call),
            LogicalExpression logical => Binary(logical, (a, b) => new LogicalNode(logical.Operator, a, b)),
            BinaryExpression binary => Binary(binary),
            UnaryExpression unary => Unary(unary),
            ConditionalExpression conditional => Conditional(conditional),
            TemplateLiteral template => Template(template),
            ObjectExpression made => Object(made),
            _ => null,
        };
        _depth--;
        return compiled;
    }

    private CompiledNode? Member(MemberExpression member)
    {
        if (NameOf(member) is not { } name)
        {
            return null;
        }

        if (member.Object is Identifier { Name: "meta" })
        {
            return MetaNode.Knows(name) ? new MetaNode(name) : null;
        }

        if (MemberNode.IsInherited(name))
        {
            return null;
        }

        if (member.Object is MemberExpression { Object: Identifier { Name: "meta" } } inner && NameOf(inner) == "headers")
        {
            return new HeaderNode(name);
        }

        return MemberName.Of(name) is { } known && Node(member.Object) is { } target ? new MemberNode(target, known, member.Optional) : null;
    }

    private static string? NameOf(MemberExpression member) => member switch
    {
        { Computed: false, Property: Identifier name } => name.Name,
        { Computed: true, Property: StringLiteral text } => text.Value,
        _ => null,
    };

    private TextMethodNode? Call(CallExpression call)
    {
        if (call.Optional || call.Callee is not MemberExpression { Computed: false, Property: Identifier name } callee || MethodOf(name.Name) is not { } method)
        {
            return null;
        }

        var takes = method is TextMethod.Includes or TextMethod.StartsWith or TextMethod.EndsWith ? 1 : 0;
        if (call.Arguments.Count != takes || Node(callee.Object) is not { } target)
        {
            return null;
        }

        if (takes == 0)
        {
            return new TextMethodNode(target, method, null, callee.Optional);
        }

        return Node(call.Arguments[0]) is { } argument ? new TextMethodNode(target, method, argument, callee.Optional) : null;
    }

    private static TextMethod? MethodOf(string name) => name switch
    {
        "includes" => TextMethod.Includes,
        "startsWith" => TextMethod.StartsWith,
        "endsWith" => TextMethod.EndsWith,
        "trim" => TextMethod.Trim,
        "toLowerCase" => TextMethod.ToLowerCase,
        "toUpperCase" => TextMethod.ToUpperCase,
        _ => null,
    };

    private CompiledNode? Binary(BinaryExpression binary) => binary.Operator switch
    {
        Operator.StrictEquality => Binary(binary, (a, b) => new EqualityNode(a, b, strict: true, negated: false)),
        Operator.StrictInequality => Binary(binary, (a, b) => new EqualityNode(a, b, strict: true, negated: true)),
        Operator.Equality => Binary(binary, (a, b) => new EqualityNode(a, b, strict: false, negated: false)),
        Operator.Inequality => Binary(binary, (a, b) => new EqualityNode(a, b, strict: false, negated: true)),
        Operator.LessThan or Operator.LessThanOrEqual or Operator.GreaterThan or Operator.GreaterThanOrEqual =>
            Binary(binary, (a, b) => new ComparisonNode(binary.Operator, a, b)),
        Operator.Addition or Operator.Subtraction or Operator.Multiplication or Operator.Division or Operator.Remainder =>
            Binary(binary, (a, b) => new ArithmeticNode(binary.Operator, a, b)),
        _ => null,
    };

    private CompiledNode? Binary(BinaryExpression binary, Func<CompiledNode, CompiledNode, CompiledNode> make) =>
        Node(binary.Left) is { } left && Node(binary.Right) is { } right ? make(left, right) : null;

    private UnaryNode? Unary(UnaryExpression unary) =>
        unary.Operator is Operator.LogicalNot or Operator.UnaryNegation or Operator.UnaryPlus or Operator.TypeOf
        && Node(unary.Argument) is { } operand
            ? new UnaryNode(unary.Operator, operand)
            : null;

    private ConditionalNode? Conditional(ConditionalExpression conditional) =>
        Node(conditional.Test) is { } test && Node(conditional.Consequent) is { } then && Node(conditional.Alternate) is { } otherwise
            ? new ConditionalNode(test, then, otherwise)
            : null;

    private TemplateNode? Template(TemplateLiteral template)
    {
        var parts = new CompiledNode[template.Expressions.Count];
        for (var i = 0; i < parts.Length; i++)
        {
            if (Node(template.Expressions[i]) is not { } part)
            {
                return null;
            }

            parts[i] = part;
        }

        var texts = template.Quasis.Select(quasi => quasi.Value.Cooked).ToArray();
        return texts.Contains(null) ? null : new TemplateNode(texts!, parts);
    }

    private ObjectNode? Object(ObjectExpression made)
    {
        var entries = new (MemberName? Name, CompiledNode Value)[made.Properties.Count];
        for (var i = 0; i < entries.Length; i++)
        {
            var (name, expression) = made.Properties[i] switch
            {
                SpreadElement spread => (null, spread.Argument),
                ObjectProperty { Kind: PropertyKind.Init, Method: false, Computed: false, Key: Identifier key } named => (key.Name, named.Value),
                ObjectProperty { Kind: PropertyKind.Init, Method: false, Computed: false, Key: StringLiteral key } named => (key.Value, named.Value),
                _ => (default(string), default(Node)),
            };
            var known = name is null ? null : MemberName.Of(name);
            if (expression is null || (name is not null && known is null) || Node(expression) is not { } value)
            {
                return null;
            }

            entries[i] = (known, value);
        }

        return new ObjectNode(entries);
    }
}
