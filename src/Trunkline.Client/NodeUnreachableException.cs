namespace Trunkline.Client;

/// <summary>No node answered: nothing listens there, the name does not resolve, or the time ran out.</summary>
/// <param name="address">The address tried.</param>
/// <param name="message">What happened.</param>
/// <param name="inner">The cause.</param>
public sealed class NodeUnreachableException(Uri address, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The address tried.</summary>
    public Uri Address { get; } = address;
}
