using Trunkline.Core.Limits;
using Trunkline.Messaging;

namespace Trunkline.Server.Steps;

/// <summary>Whose a message is, by its headers.</summary>
internal static class MessageShare
{
    /// <summary>Tenant and priority; a priority that is no digit counts as none.</summary>
    public static WorkShare Of(Message message)
    {
        var priority = message.Headers.Text(HeaderNames.Priority) is [>= '0' and <= '9' and var digit] ? digit - '0' : WorkShare.PriorityDefault;
        return new WorkShare(TenantOf(message), priority);
    }

    /// <summary>Its tenant; empty for none, which then counts as one.</summary>
    public static string TenantOf(Message message) => message.Headers.Text(HeaderNames.Tenant) ?? "";
}
