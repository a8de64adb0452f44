namespace Trunkline.Server.Schemas;

/// <summary>A reason why what one schema writes cannot be read by another.</summary>
/// <param name="Kind">The kind, in the field's own words, such as <c>TYPE_MISMATCH</c>.</param>
/// <param name="At">The place in the reader's schema.</param>
/// <param name="Message">More about it.</param>
internal sealed record Incompatibility(string Kind, string At, string Message);
