using System.Globalization;
using Trunkline.Client;

namespace Trunkline.Cli.Terminal;

/// <summary>Says on stderr that a topic comes to its end.</summary>
internal static class EndingNote
{
    /// <summary>Says it if the node told so.</summary>
    public static void Tell(Output output, TrunklineClient client, string topic)
    {
        if (client.Ending is { } ending)
        {
            output.Note($"{topic} ends on {ending.LastDay.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}{(ending.Successor is { } next ? $"; use {next}" : "")}");
        }
    }
}
