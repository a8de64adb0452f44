using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Trunkline.Server.Connectors.Hooks;

/// <summary>What the schemes read alike. Everything here may be forged: wrong form is an answer, not an exception.</summary>
internal static class HookText
{
    // More signatures than any sender has secrets are not looked at.
    public const int SignaturesMax = 8;

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static byte[]? Hex(string text)
    {
        var bytes = new byte[text.Length / 2];
        return text.Length is > 0 and <= 128 && Convert.FromHexString(text, bytes, out _, out var written) == System.Buffers.OperationStatus.Done && written * 2 == text.Length ? bytes : null;
    }

    public static byte[]? Base64(string text)
    {
        var bytes = new byte[text.Length];
        return text.Length is > 0 and <= 128 && Convert.TryFromBase64String(text, bytes, out var written) ? bytes[..written] : null;
    }

    /// <summary>Whether a time in seconds since 1970 is near enough; null if it is no time.</summary>
    public static bool? IsFresh(string? seconds, DateTimeOffset now, TimeSpan tolerance) =>
        seconds is { Length: > 0 and <= 12 } && long.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
            ? Math.Abs(now.ToUnixTimeSeconds() - at) <= (long)tolerance.TotalSeconds
            : null;

    /// <summary>A text member of a JSON object; null if there is none, or the body is no JSON object.</summary>
    public static string? Member(ReadOnlyMemory<byte> body, string name)
    {
        try
        {
            var reader = new Utf8JsonReader(body.Span);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return null;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var found = reader.ValueTextEquals(name);
                reader.Read();
                if (found)
                {
                    return reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                }

                reader.Skip();
            }

            return null;
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            // Also a string with half a surrogate pair.
            return null;
        }
    }
}
