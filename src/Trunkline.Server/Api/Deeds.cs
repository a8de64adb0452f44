using Trunkline.Core.Security;
using Trunkline.Server.Releases;

namespace Trunkline.Server.Api;

/// <summary>Who asks, and what is written of it in the log of changes.</summary>
internal static class Deeds
{
    /// <summary>Who makes the request.</summary>
    public static Caller Caller(this HttpContext context) => context.Features.Get<Caller>() ?? Core.Security.Caller.Local;

    /// <summary>Writes that something was done; durable when it returns, also for a client that has gone.</summary>
    public static Task RecordAsync(this HttpContext context, ChangeLog changes, string what, string target, string? detail = null, string? to = null) =>
        changes.WriteAsync(changes.Entry(context.Caller().Name, what, target, (null, to), detail), CancellationToken.None);
}
