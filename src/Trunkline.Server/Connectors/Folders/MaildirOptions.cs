using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Connectors.Folders;

/// <summary>What a <see cref="MaildirSource"/> is made of.</summary>
/// <param name="Flow">The flow.</param>
/// <param name="Path">The folder; created if missing.</param>
/// <param name="Store">The state store of its cursor.</param>
/// <param name="Broker">Where that is kept.</param>
/// <param name="Time">The clock.</param>
internal sealed record MaildirOptions(string Flow, string Path, string Store, IBroker Broker, TimeProvider Time)
{
    public required ILogger Log { get; init; }
}

/// <summary>Ids of messages made from files: the same file and content give the same id, in every life.</summary>
internal static class MaildirIds
{
    public static MessageId Of(string flow, string identity, string contentHash) =>
        new("file-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{flow}\n{identity}\n{contentHash}")))[..40]);
}
