using System.Runtime.CompilerServices;
using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors.Folders;

namespace Trunkline.Server.Connectors.Files;

/// <summary>
/// Follows the files a pattern matches, a message for each line. A file is a part of the source, known by its inode, its time of birth and its first bytes, so that it
/// is gone on with under another name, and begun again when it was written anew.
/// </summary>
internal sealed class FileSource(FileSourceConfig source) : ISourceConnector
{
    // Between two looks at the folder, however busy it is; and without a sign of a change, as from the other side of a network.
    private static readonly TimeSpan LookMin = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LookMax = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public async IAsyncEnumerable<SourceMessage> ReadAsync(SourceStart start, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var matches = new FileMatches(source.Pattern);
        if (!Directory.Exists(matches.Root))
        {
            throw new ConnectorException($"there is no folder '{matches.Root}'");
        }

        using var watch = new FolderWatch(matches.Root, matches.IsDeep);
        using var followed = new FollowedFiles(source, start, matches);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var changed = watch.Next;
            followed.Look();
            var looked = start.Time.GetTimestamp();
            for (var more = true; more && start.Time.GetElapsedTime(looked) < LookMax;)
            {
                more = false;
                foreach (var message in followed.Read())
                {
                    more = true;
                    yield return message;
                }
            }

            followed.LetGo();
            if (start.Time.GetElapsedTime(looked) < LookMax)
            {
                await Task.Delay(LookMin, start.Time, cancellationToken);
                await Task.WhenAny(changed, Task.Delay(LookMax, start.Time, cancellationToken));
            }
        }
    }
}
