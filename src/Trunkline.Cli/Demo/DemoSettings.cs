using System.Security.Cryptography;
using System.Text.Json;

namespace Trunkline.Cli.Demo;

/// <summary>What a resumed demo must do as the one before it did: the flows of its node call these ports with this secret.</summary>
/// <param name="Corpus"><c>spamassassin</c> or <c>bundled</c>.</param>
/// <param name="WebhookPort">Where webhooks go; 0 before the first start.</param>
/// <param name="ModelPort">Where drafts come from; 0 before the first start.</param>
/// <param name="Secret">What webhooks are signed with.</param>
internal sealed record DemoSettings(string Corpus, int WebhookPort, int ModelPort, string Secret)
{
    private const int SecretBytes = 24;

    /// <summary>Settings of a demo that begins.</summary>
    public static DemoSettings Begin(string corpus) => new(corpus, 0, 0, "whsec_" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes)));

    /// <summary>Those of the demo before; null if there was none.</summary>
    public static DemoSettings? Load(string path)
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<DemoSettings>(File.ReadAllText(path)) : null;
        }
        catch (JsonException)
        {
            throw CliException.Usage($"{path} cannot be read.", "Delete the folder to begin anew, or name another with --data.");
        }
    }

    /// <summary>Keeps them, whole or not at all.</summary>
    public void Save(string path)
    {
        File.WriteAllText(path + ".new", JsonSerializer.Serialize(this));
        File.Move(path + ".new", path, overwrite: true);
    }
}
