using Trunkline.Server.Releases;

namespace Trunkline.Server.Readers;

/// <summary>What runs where: the deployments among the changes, <c>APP@ENVIRONMENT</c> as their target and the version as what it came to.</summary>
internal static class Deployments
{
    /// <summary>What a change has to be called.</summary>
    public const string Deed = "deployment";

    private const int PagesMax = 20;

    /// <summary>The newest deployment of each app in each environment, among the last changes.</summary>
    public static async Task<ILookup<string, Deployment>> ReadAsync(ChangeLog changes, CancellationToken cancellationToken)
    {
        var newest = new Dictionary<(string App, string Environment), Deployment>();
        long? before = null;
        for (var page = 0; page < PagesMax; page++)
        {
            var read = await changes.ReadAsync(ChangeLog.PageMax, before, cancellationToken);
            foreach (var change in read.Changes.Where(change => change is { What: Deed, To: not null }))
            {
                var at = change.Target.LastIndexOf('@');
                if (at > 0 && at < change.Target.Length - 1)
                {
                    var (app, environment) = (change.Target[..at], change.Target[(at + 1)..]);
                    newest.TryAdd((app, environment), new Deployment(app, environment, change.To!, change.At));
                }
            }

            before = read.Before;
            if (before is null)
            {
                break;
            }
        }

        return newest.Values.OrderBy(one => one.Environment, StringComparer.Ordinal).ToLookup(one => one.App, StringComparer.Ordinal);
    }
}

/// <summary>A version of an app in an environment.</summary>
/// <param name="App">The app: a reader's name.</param>
/// <param name="Environment">The environment.</param>
/// <param name="Version">The version.</param>
/// <param name="At">Since when.</param>
internal sealed record Deployment(string App, string Environment, string Version, DateTimeOffset At);
