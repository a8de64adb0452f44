using Fluid;
using Fluid.Ast;

namespace Trunkline.Server.Templates;

/// <summary>What a template reads of the body of a message, found by walking its syntax.</summary>
internal sealed class TemplateReads : AstVisitor
{
    private readonly Func<string, string?, string> _join;
    private readonly HashSet<string> _paths = new(StringComparer.Ordinal);

    private TemplateReads(Func<string, string?, string> join) => _join = join;

    /// <summary>Members that are read, each as the names on the way to it; an empty way is the body as a whole.</summary>
    /// <param name="template">The template, parsed.</param>
    /// <param name="join">Puts a name behind a place; a null name stands for every item.</param>
    public static IReadOnlySet<string> Of(IFluidTemplate template, Func<string, string?, string> join)
    {
        var reads = new TemplateReads(join);
        reads.VisitTemplate(template);
        return reads._paths;
    }

    /// <inheritdoc/>
    protected override Expression VisitMemberExpression(MemberExpression memberExpression)
    {
        if (memberExpression.Segments is [IdentifierSegment { Identifier: "message" }, ..])
        {
            var way = "";
            foreach (var name in memberExpression.Segments.Skip(1))
            {
                // An index, or a name that is known only when it is filled in, may be any.
                way = name is IdentifierSegment { Identifier: var known } ? known is "size" or "first" or "last" ? way : _join(way, known) : _join(way, null);
            }

            _paths.Add(way);
        }

        return base.VisitMemberExpression(memberExpression);
    }
}
