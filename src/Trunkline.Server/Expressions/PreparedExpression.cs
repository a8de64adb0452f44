using Acornima.Ast;
using Jint;

namespace Trunkline.Server.Expressions;

/// <summary>An expression parsed once; immutable, shared by the engines of all lanes.</summary>
/// <param name="Source">As the author wrote it.</param>
/// <param name="Script">Evaluates to a function of <c>message</c> and <c>meta</c>; the source begins on its second line.</param>
/// <param name="UsesMeta">Whether <c>meta</c> is named, so that it is built only where it is needed.</param>
internal sealed record PreparedExpression(string Source, Prepared<Script> Script, bool UsesMeta);
