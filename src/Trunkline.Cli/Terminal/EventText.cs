using System.Globalization;
using System.Text.Json;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Terminal;

/// <summary>A message as a line of text: place, time, key, payload.</summary>
internal static class EventText
{
    private const int PayloadCharactersMax = 200;

    public static string Line(EventView message, bool full)
    {
        var payload = SafeText.Line(Payload(message), full ? int.MaxValue : PayloadCharactersMax);
        var key = message.PartitionKey ?? (message.PartitionKeyBase64 is { } bytes ? $"base64:{bytes}" : "-");
        return string.Create(CultureInfo.InvariantCulture,
            $"{message.Partition}/{message.Offset}  {Amount.Time(message.AppendedAt)}  {SafeText.Line(key, 40)}  {payload}");
    }

    private static string Payload(EventView message) => message switch
    {
        { Data: { ValueKind: JsonValueKind.String } data } => data.GetString()!,
        { Data: { } data } => data.GetRawText(),
        { DataBase64: { } bytes } => $"base64:{bytes}",
        _ => "(no payload)",
    };
}
