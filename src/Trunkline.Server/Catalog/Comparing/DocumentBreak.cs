namespace Trunkline.Server.Catalog.Comparing;

/// <summary>Something that whoever keeps to the older of two documents cannot do any more.</summary>
/// <param name="Code">What kind of thing, stable: <c>contract.</c> and a word.</param>
/// <param name="Where">The operation, such as <c>POST /in/orders</c> or <c>receive orders</c>.</param>
/// <param name="Message">What changed, exactly.</param>
public sealed record DocumentBreak(string Code, string Where, string Message);
