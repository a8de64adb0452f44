using Trunkline.Mail.Servers;

namespace Trunkline.Server.Connectors.Mail;

/// <summary>
/// One mail a server cannot give must not hold back all others for ever: after a reading that failed, mails are asked for one by one, and the one
/// that fails again and again is left to its owner. A server that does not answer at all is no reason: then any mail would be left. Not thread-safe.
/// </summary>
internal sealed class ImapSuspect
{
    /// <summary>How often one mail is asked for.</summary>
    public const int TriesMax = 5;

    private int _left;
    private (uint Uid, int Count) _tries;

    /// <summary>Whether to ask for one mail only.</summary>
    public bool OneByOne => _left > 0;

    /// <summary>A reading went well.</summary>
    public void Passed() => _left = Math.Max(0, _left - 1);

    /// <summary>A reading failed. Gives the mail to be left; null for none.</summary>
    public uint? Failed(IReadOnlyList<uint> wanted, MailServerException failed)
    {
        if (failed.Failure is not (MailServerFailure.Garbage or MailServerFailure.Refused))
        {
            return null;
        }

        if (wanted.Count > 1)
        {
            _left = wanted.Count;
            return null;
        }

        _tries = _tries.Uid == wanted[0] ? (wanted[0], _tries.Count + 1) : (wanted[0], 1);
        return _tries.Count >= TriesMax ? wanted[0] : null;
    }
}
