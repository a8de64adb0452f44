using System.Net;
using System.Security.Cryptography;
using System.Text;
using Trunkline.Cli.Demo;

namespace Trunkline.Cli.Tests.Demo;

public sealed class WebhookReceiverTests : IDisposable
{
    private static readonly byte[] s_key = "a secret of some bytes"u8.ToArray();
    private static readonly string s_secret = "whsec_" + Convert.ToBase64String(s_key);

    private readonly string _folder = Directory.CreateTempSubdirectory("trunkline-webhooks-").FullName;
    private readonly HttpClient _http = new();

    private string File => Path.Combine(_folder, "webhooks.log");

    public void Dispose()
    {
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Repeats_are_attempts_but_not_distinct_and_a_reopened_journal_goes_on()
    {
        using (var journal = WebhookJournal.Open(File))
        {
            await using var receiver = await WebhookReceiver.StartAsync(0, s_secret, journal, TestContext.Current.CancellationToken);
            foreach (var id in new[] { "msg_1", "msg_2", "msg_1" })
            {
                Assert.Equal(HttpStatusCode.NoContent, await PostAsync(receiver, id, s_key));
            }
        }

        await System.IO.File.AppendAllTextAsync(File, "msg_torn", TestContext.Current.CancellationToken);
        using var again = WebhookJournal.Open(File);
        again.Add("msg_3");

        Assert.Equal((4, 3), (again.Attempts, again.Distinct));
        using var third = Reopen(again);
        Assert.Equal((4, 3), (third.Attempts, third.Distinct));
    }

    [Fact]
    public async Task A_wrong_signature_or_no_id_is_refused_and_not_counted()
    {
        using var journal = WebhookJournal.Open(File);
        await using var receiver = await WebhookReceiver.StartAsync(0, s_secret, journal, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync(receiver, "msg_1", "another secret"u8.ToArray()));
        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync(receiver, "", s_key));

        Assert.Equal((0, 0, 2), (journal.Attempts, journal.Distinct, receiver.Refused));
    }

    private WebhookJournal Reopen(WebhookJournal open)
    {
        open.Dispose();
        return WebhookJournal.Open(File);
    }

    private async Task<HttpStatusCode> PostAsync(WebhookReceiver receiver, string id, byte[] key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, receiver.Address) { Content = new StringContent("{}") };
        var signature = Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{id}.1700000000.{{}}")));
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", "1700000000");
        request.Headers.Add("webhook-signature", $"v1,AAAA v1,{signature}");
        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }
}
