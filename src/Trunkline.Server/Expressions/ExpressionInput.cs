using Jint.Native;

namespace Trunkline.Server.Expressions;

/// <summary>What an expression sees.</summary>
/// <param name="Message">The body.</param>
/// <param name="Meta">What surrounds it.</param>
/// <param name="State">What is remembered of its key; null for nothing.</param>
internal readonly record struct ExpressionInput(JsValue Message, JsValue Meta, JsValue State);
