using MailKit;
using MailKit.Net.Imap;

namespace Trunkline.Mail.Imap;

/// <summary>An IMAP client that takes no mail larger than it may be, whatever length the server announces.</summary>
internal sealed class BoundedImapClient(int mailBytesMax) : ImapClient
{
    protected override ImapFolder CreateImapFolder(ImapFolderConstructorArgs args) => new Folder(args, mailBytesMax);

    private sealed class Folder(ImapFolderConstructorArgs args, int mailBytesMax) : ImapFolder(args)
    {
        // The room is taken as bytes come, not as they are announced.
        protected override Stream CreateStream(UniqueId? uid, string section, int offset, int length) => length >= 0 && length <= mailBytesMax
            ? new MemoryStream()
            : throw new InvalidDataException("The server sent a mail larger than it may be.");
    }
}
