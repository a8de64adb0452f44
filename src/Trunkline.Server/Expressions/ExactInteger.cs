using Jint;
using Jint.Native.Object;

namespace Trunkline.Server.Expressions;

/// <summary>
/// An integer of the message that a JavaScript number cannot hold (past 2^53). It travels through an expression unchanged and is
/// written with the digits it came with; <c>String(x)</c> and <c>`${x}`</c> give the digits; arithmetic and comparison throw,
/// because they would work on another number. Not a BigInt: one multiplication of large ones cannot be interrupted.
/// </summary>
internal sealed class ExactInteger : ObjectInstance
{
    /// <param name="engine">The engine it lives in.</param>
    /// <param name="prototype">Made by <c>sandbox.js</c>.</param>
    /// <param name="digits">JSON text of the integer.</param>
    public ExactInteger(Engine engine, ObjectInstance prototype, string digits)
        : base(engine)
    {
        Prototype = prototype;
        Digits = digits;
        PreventExtensions();
    }

    /// <summary>JSON text.</summary>
    public string Digits { get; }

    /// <inheritdoc/>
    public override string ToString() => Digits;
}
