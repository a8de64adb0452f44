using Trunkline.Client.Api;

namespace Trunkline.EndToEnd.Tests.Soak;

/// <summary>What a message says of itself: every producer's message, and what the flow makes of it, has <c>id</c> and <c>text</c>.</summary>
internal static class Seen
{
    public static string Id(EventView message) => message.Data!.Value.GetProperty("id").GetString()!;

    public static string Hash(EventView message) => Producer.Hash(message.Data!.Value.GetProperty("text").GetString()!);
}
