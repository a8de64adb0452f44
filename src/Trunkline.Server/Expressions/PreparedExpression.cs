using System.IO.Hashing;
using System.Text;
using Acornima.Ast;
using Jint;
using Trunkline.Server.Expressions.Compiled;

namespace Trunkline.Server.Expressions;

/// <summary>An expression parsed once; immutable, shared by the engines of all lanes.</summary>
/// <param name="Source">As the author wrote it.</param>
/// <param name="Script">Evaluates to a function of <c>message</c>, <c>meta</c> and <c>state</c>; the source begins on its second line.</param>
/// <param name="UsesMeta">Whether <c>meta</c> is named, so that it is built only where it is needed.</param>
/// <param name="UsesState">The same of <c>state</c>.</param>
internal sealed record PreparedExpression(string Source, Prepared<Script> Script, bool UsesMeta, bool UsesState)
{
    /// <summary>The same without the engine; null if it needs the engine.</summary>
    public CompiledNode? Compiled { get; init; }

    /// <summary>Makes the dice of one expression independent of another's.</summary>
    public long Seed { get; } = (long)XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(Source));
}
