namespace Trunkline.Server.Expressions;

/// <summary>
/// Carries a failure out of the engine, past any <c>catch</c> of the expression itself; never leaves the folder's callers
/// uncaught. The text holds no payload.
/// </summary>
internal sealed class ExpressionException(string code, string detail, bool transient = false) : Exception(detail)
{
    /// <summary>The expression threw.</summary>
    public const string Failed = "step.expression-failed";

    /// <summary>A limit of <see cref="ExpressionLimits"/> was passed.</summary>
    public const string Limit = "step.expression-limit";

    /// <summary>The result has no JSON form.</summary>
    public const string ResultNotJson = "step.result-not-json";

    /// <summary>The body is not JSON.</summary>
    public const string JsonInvalid = "step.json-invalid";

    /// <summary>The stable code.</summary>
    public string Code { get; } = code;

    /// <summary>True for limits of time: a machine that stalls passes them too, so trying again may help.</summary>
    public bool IsTransient { get; } = transient;
}
