namespace Trunkline.Core.Security;

/// <summary>A call was refused because its host has only private, link-local or otherwise special addresses that are not listed.</summary>
public sealed class OutgoingAddressException(string host) : Exception(
    $"'{host}' is at a private, link-local or special address. List the address under node.allowAddresses if it is meant.")
{
    /// <summary>The host asked for.</summary>
    public string Host { get; } = host;
}
