using Trunkline.Mail.Imap;
using Trunkline.Mail.Servers;

namespace Trunkline.Server.Connectors.Mail;

/// <summary>The mails of a folder that are through and not marked yet. Thread-safe; one caller sets marks at a time.</summary>
/// <param name="options">Whose.</param>
/// <param name="flag">As configured: <c>seen</c>, <c>none</c> or a keyword.</param>
internal sealed class ImapFlags(MailSourceOptions options, string flag)
{
    private const int AtOnce = 1000;

    private readonly Lock _lock = new();
    private readonly SortedSet<uint> _pending = [];

    /// <summary>False if mails are not marked at all.</summary>
    public bool AreSet => flag != "none";

    /// <summary>Whether any waits.</summary>
    public bool Any
    {
        get
        {
            lock (_lock)
            {
                return _pending.Count > 0;
            }
        }
    }

    /// <summary>The lowest UID that waits; null for none.</summary>
    public uint? Lowest
    {
        get
        {
            lock (_lock)
            {
                return _pending.Count > 0 ? _pending.Min : null;
            }
        }
    }

    /// <summary>A mail is through.</summary>
    public void Add(uint uid)
    {
        lock (_lock)
        {
            if (AreSet)
            {
                _pending.Add(uid);
            }
        }
    }

    /// <summary>The UIDs are void.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _pending.Clear();
        }
    }

    /// <summary>Marks all that wait.</summary>
    /// <exception cref="MailServerException">The server went, or failed otherwise than by a refusal.</exception>
    public async Task SetAsync(ImapMailbox mailbox, CancellationToken cancellationToken)
    {
        while (true)
        {
            uint[] uids;
            lock (_lock)
            {
                uids = [.. _pending.Take(AtOnce)];
            }

            if (uids.Length == 0)
            {
                return;
            }

            try
            {
                await mailbox.FlagAsync(uids, flag == "seen" ? null : flag, cancellationToken);
            }
            catch (MailServerException refused) when (refused.Failure == MailServerFailure.Refused)
            {
                // Mails are read all the same: a mark is a courtesy, the position is what counts.
                Log.FlagsRefused(options.Log, options.Flow, flag, refused);
            }

            lock (_lock)
            {
                _pending.ExceptWith(uids);
            }
        }
    }
}
