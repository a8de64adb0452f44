namespace Trunkline.Server.Tests.Sight.Suspects;

/// <summary>A message of a scripted incident, before anything is done with it.</summary>
internal sealed class IncidentMessage(long offset, double at, Random random)
{
    public long Offset => offset;

    /// <summary>When it came: seconds, below zero before now.</summary>
    public double At => at;

    /// <summary>A number of its own from 0 to 1, for what happens to some.</summary>
    public double Chance { get; } = random.NextDouble();

    public string Tenant { get; set; } = $"t{(int)(20 * Math.Pow(random.NextDouble(), 1.5))}";

    public string Key { get; set; } = $"k{random.Next(120)}";

    public string Source { get; set; } = random.NextDouble() < 0.2 ? "imap-2" : "shop";

    public string Schema { get; set; } = "11";

    public string Revision { get; set; } = "7";

    public string Version { get; set; } = "v1";

    public string Language { get; set; } = new[] { "de", "en", "en", "fr", "tr" }[random.Next(5)];

    public string Channel { get; set; } = new[] { "chat", "mail", "voice" }[random.Next(3)];

    public string Size { get; set; } = random.NextDouble() < 0.02 ? "256 to 1024 KiB" : new[] { "under 1 KiB", "1 to 4 KiB", "4 to 16 KiB" }[random.Next(3)];

    public Dictionary<string, string> Attributes => new()
    {
        ["tenant"] = Tenant,
        ["key"] = Key,
        ["source"] = Source,
        ["schema"] = Schema,
        ["revision"] = Revision,
        ["version of model reply"] = Version,
        ["message.language"] = Language,
        ["message.channel"] = Channel,
        ["size"] = Size,
        ["content type"] = "application/json",
    };
}
