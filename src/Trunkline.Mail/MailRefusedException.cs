namespace Trunkline.Mail;

/// <summary>
/// Ends the reading of a mail from inside the parser's callbacks, which cannot return a value; <see cref="MailParser"/>
/// turns it into one. Never leaves this assembly.
/// </summary>
internal sealed class MailRefusedException(string code, string detail) : Exception(detail)
{
    public MailFault Fault { get; } = new(code, detail);
}
