using System.Text;
using System.Text.Json;

namespace Trunkline.Mail.Tests;

/// <summary>Makes mails by hand and reads what the parser made of them.</summary>
internal static class Mails
{
    /// <summary>Bytes of a mail written with one byte per character, so that any byte can be written.</summary>
    public static byte[] Latin1(params string[] lines) => Encoding.Latin1.GetBytes(string.Join("\r\n", lines));

    public static byte[] Utf8(params string[] lines) => Encoding.UTF8.GetBytes(string.Join("\r\n", lines));

    public static JsonElement Body(byte[] mail, MailLimits? limits = null)
    {
        var parsed = Assert.IsType<MailParseResult.Parsed>(Parse(mail, limits));
        return Strict(parsed.Body);
    }

    public static MailFault Fault(byte[] mail, MailLimits? limits = null) =>
        Assert.IsType<MailParseResult.Refused>(Parse(mail, limits)).Fault;

    public static MailParseResult Parse(byte[] mail, MailLimits? limits = null) => new MailParser(limits).Parse(mail, TestContext.Current.CancellationToken);

    /// <summary>The body, after proof that it is valid UTF-8 and that no string in it holds NUL or half a surrogate pair.</summary>
    public static JsonElement Strict(ReadOnlyMemory<byte> body)
    {
        Assert.True(System.Text.Unicode.Utf8.IsValid(body.Span));
        var json = JsonDocument.Parse(body).RootElement;
        CheckStrings(json);
        return json;
    }

    private static void CheckStrings(JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in json.EnumerateObject())
                {
                    CheckStrings(property.Value);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in json.EnumerateArray())
                {
                    CheckStrings(item);
                }

                break;
            case JsonValueKind.String:
                var text = json.GetString()!;
                Assert.DoesNotContain('\0', text);
                Assert.Equal(text, Encoding.UTF8.GetString(new UTF8Encoding(false, true).GetBytes(text)));
                break;
        }
    }
}
