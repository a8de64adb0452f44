using Trunkline.Messaging;

namespace Trunkline.Server.Steps;

/// <summary>The mark on messages made by a replay, which goes on to whatever is made of them.</summary>
internal static class ReplayMark
{
    private const string Sends = "; send";

    /// <summary>The mark of a replay.</summary>
    public static string Of(string replay, bool sends) => sends ? replay + Sends : replay;

    /// <summary>Whether sinks outside may get the message: it is not marked, or its replay was asked to send.</summary>
    public static bool MaySend(Message message) => message.Headers.Text(HeaderNames.Replay) is not { } mark || mark.EndsWith(Sends, StringComparison.Ordinal);
}
