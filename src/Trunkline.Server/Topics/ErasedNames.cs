namespace Trunkline.Server.Topics;

/// <summary>By what reports on messages, such as traces and logs, are known to be of those that are erased.</summary>
/// <param name="IsMessage">True for the id of one of them; it may be gone already.</param>
/// <param name="IsKeyMark">True for the mark of the key.</param>
/// <param name="IsIn">True for a text that has the key or the id in it.</param>
internal sealed record ErasedNames(Func<string, bool> IsMessage, Func<string, bool> IsKeyMark, Func<string, bool> IsIn);
