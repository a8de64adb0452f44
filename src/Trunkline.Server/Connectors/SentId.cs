using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Trunkline.Messaging;

namespace Trunkline.Server.Connectors;

/// <summary>What a far side knows a message by: the same at every try, so that a receiver can tell repeats.</summary>
internal static partial class SentId
{
    /// <summary>The message's id where it fits a header and the format (no dot, which separates what is signed); else its hash.</summary>
    public static string Of(Message message) =>
        Plain().IsMatch(message.Id.Value)
            ? message.Id.Value
            : "msg_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(message.Id.Value)));

    [GeneratedRegex(@"^[A-Za-z0-9_:-]{1,128}\z")]
    private static partial Regex Plain();
}
