using System.Net;
using Microsoft.Extensions.Time.Testing;
using Trunkline.Server.Configuration;
using Trunkline.Server.Sight.Export;

namespace Trunkline.Server.Tests.Sight.Telemetry;

/// <summary>Telemetry for a collector that is away: kept on disk, bounded, sent again in order.</summary>
public sealed class OutgoingBufferTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("trunkline-outgoing-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_was_not_taken_is_sent_again_in_order_also_by_the_next_process()
    {
        var collector = new Collector { Answer = HttpStatusCode.ServiceUnavailable };
        using (var http = new HttpClient(new BufferedSending(collector, new OutgoingBuffer(_folder, 1_000_000))))
        {
            for (var i = 0; i < 3; i++)
            {
                using var content = Body(i);
                using var answer = await http.PostAsync(new Uri("http://collector/v1/traces"), content, Cancel);
                Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            }
        }

        collector = new Collector();
        await Resend(new OutgoingBuffer(_folder, 1_000_000), collector).SendAsync(Cancel);
        Assert.Equal(["/v1/traces 0", "/v1/traces 1", "/v1/traces 2"], collector.Got);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Theory]
    [InlineData(HttpStatusCode.TooManyRequests, true)]
    [InlineData(HttpStatusCode.GatewayTimeout, true)]
    [InlineData(HttpStatusCode.BadRequest, false)]
    [InlineData(HttpStatusCode.OK, false)]
    public void Only_what_may_be_taken_later_is_kept(HttpStatusCode answer, bool isKept)
    {
        using var http = new HttpClient(new BufferedSending(new Collector { Answer = answer }, new OutgoingBuffer(_folder, 1_000_000)));
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://collector/v1/logs") { Content = Body(1) };
        http.Send(request, Cancel).Dispose();
        Assert.Equal(isKept ? 1 : 0, Directory.GetFiles(_folder).Length);
    }

    [Fact]
    public async Task A_collector_that_hangs_or_is_away_leaves_everything_in_its_place()
    {
        using (var http = new HttpClient(new BufferedSending(new Collector { Hangs = true }, new OutgoingBuffer(_folder, 1_000_000))) { Timeout = TimeSpan.FromMilliseconds(20) })
        {
            using var content = Body(1);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => http.PostAsync(new Uri("http://collector/v1/traces"), content, Cancel));
        }

        var buffer = new OutgoingBuffer(_folder, 1_000_000);
        await Resend(buffer, new Collector { Answer = HttpStatusCode.ServiceUnavailable }).SendAsync(Cancel);
        await Resend(buffer, new Collector { Hangs = true }, TimeSpan.FromMilliseconds(20)).SendAsync(Cancel);
        Assert.Single(Directory.GetFiles(_folder));

        // What it will never take does not stand in the way of the rest.
        await Resend(buffer, new Collector { Answer = HttpStatusCode.BadRequest }).SendAsync(Cancel);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void Without_room_the_oldest_go()
    {
        var buffer = new OutgoingBuffer(_folder, 3500);
        for (var i = 0; i < 10; i++)
        {
            buffer.Add(new OutgoingRequest($"/{i}", "t", new byte[1000]));
        }

        Assert.Equal(3, Directory.GetFiles(_folder).Length);
        Assert.Equal("/7", buffer.Oldest()!.Value.Request.Path);
    }

    [Fact]
    public void A_file_that_is_not_whole_is_passed_over()
    {
        var buffer = new OutgoingBuffer(_folder, 1_000_000);
        buffer.Add(new OutgoingRequest("/first", "t", new byte[100]));
        buffer.Add(new OutgoingRequest("/second", "t", [0, (byte)'\n', 1]));
        File.WriteAllBytes(Directory.GetFiles(_folder).Order(StringComparer.Ordinal).First(), "/first\nt\n100\nhalf"u8.ToArray());
        File.WriteAllText(Path.Combine(_folder, "0000000000000000009.part"), "begun");
        var (request, file) = buffer.Oldest()!.Value;
        Assert.Equal(("/second", 3), (request.Path, request.Body.Length));
        buffer.Sent(file);
        Assert.Null(buffer.Oldest());
    }

    private static BufferedResend Resend(OutgoingBuffer buffer, Collector collector, TimeSpan? timeout = null) =>
        new(buffer, new OtlpConfig(new Uri("http://collector"), true), new HttpClient(collector) { Timeout = timeout ?? TimeSpan.FromSeconds(30) }, new FakeTimeProvider());

    private static ByteArrayContent Body(int number)
    {
        var content = new ByteArrayContent([(byte)('0' + number)]);
        content.Headers.ContentType = new("application/x-protobuf");
        return content;
    }

    /// <summary>A collector behind a client, without a network.</summary>
    private sealed class Collector : HttpMessageHandler
    {
        public HttpStatusCode Answer { get; init; } = HttpStatusCode.OK;

        public bool Hangs { get; init; }

        public List<string> Got { get; } = [];

        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) => new(Answer);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Got.Add($"{request.RequestUri!.AbsolutePath} {await request.Content!.ReadAsStringAsync(cancellationToken)}");
            if (Hangs)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            }

            return new HttpResponseMessage(Answer);
        }
    }
}
