using System.Text;
using Trunkline.Core.Telemetry;
using Trunkline.Mail;
using Trunkline.Messaging;

namespace Trunkline.Server.Connectors;

/// <summary>The trace context that comes in with a mail: what <see cref="OutgoingTrace"/> is to those that go out.</summary>
internal static class IncomingTrace
{
    /// <summary>The headers of a mail's message, with its trace context where it has a valid one; what is not valid is as good as absent, as over HTTP.</summary>
    /// <param name="headers">Those the source has.</param>
    /// <param name="mail">The mail.</param>
    public static Headers With(IReadOnlyList<Header> headers, ReadOnlyMemory<byte> mail) =>
        MailTrace.ParentOf(mail) is { } parent && TraceParent.IsValid(Encoding.UTF8.GetBytes(parent)) ? Headers.Of([.. headers, new Header(HeaderNames.TraceParent, parent)]) : Headers.Of(headers);
}
