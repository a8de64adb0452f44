using Acornima;
using Acornima.Ast;

namespace Trunkline.Server.Expressions;

/// <summary>Finds syntax that could outlive an evaluation (promises, generators), load code, or cannot be interrupted (BigInt).</summary>
internal sealed class ForbiddenSyntax : AstVisitor
{
    private (Node Node, string What)? _found;

    private ForbiddenSyntax()
    {
    }

    /// <summary>The first piece of it, or null.</summary>
    public static (Node Node, string What)? Find(Node root)
    {
        var visitor = new ForbiddenSyntax();
        visitor.Visit(root);
        return visitor._found;
    }

    /// <inheritdoc/>
    public override object? Visit(Node node)
    {
        var what = node switch
        {
            IFunction { Async: true } => "async functions are not available in expressions",
            IFunction { Generator: true } => "generators are not available in expressions",
            AwaitExpression => "await is not available in expressions",
            YieldExpression => "yield is not available in expressions",
            ImportExpression or MetaProperty => "import and new.target are not available in expressions",
            IClass => "classes are not available in expressions",
            TaggedTemplateExpression => "tagged templates are not available in expressions",
            BigIntLiteral => "BigInt is not available in expressions; integers past 2^53 in messages are kept as they are",
            DebuggerStatement => "debugger is not available in expressions",
            ForOfStatement { Await: true } => "await is not available in expressions",
            _ => null,
        };
        if (what is not null)
        {
            _found ??= (node, what);
            return null;
        }

        return base.Visit(node);
    }
}
