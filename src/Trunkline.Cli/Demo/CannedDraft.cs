using System.Text.Json;

namespace Trunkline.Cli.Demo;

/// <summary>The answer the demo's model server gives: written beforehand, and labelled so.</summary>
internal static class CannedDraft
{
    /// <summary>A draft for the last user message of a Chat Completions request; null when the request is not one.</summary>
    public static string? For(JsonElement request)
    {
        if (request.ValueKind != JsonValueKind.Object || !request.TryGetProperty("messages", out var messages) || messages.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var mail = messages.EnumerateArray().LastOrDefault(message => message.ValueKind == JsonValueKind.Object);
        if (mail.ValueKind != JsonValueKind.Object || !mail.TryGetProperty("content", out var content) || content.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        var subject = content.GetString()!.Split('\n')[0].Trim();
        return $"[canned answer of the demo, no model wrote this] Thank you for your mail \"{subject}\". I am sorry for the trouble. "
            + "A colleague is looking into it now and will write to you within the hour.";
    }
}
