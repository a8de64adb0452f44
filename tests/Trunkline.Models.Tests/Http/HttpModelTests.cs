using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace Trunkline.Models.Tests.Http;

/// <summary>An endpoint that answers with given bytes, as slowly and as wrongly as a test wants.</summary>
public sealed class HttpModelTests : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly FakeTimeProvider _time = new();
    private Task _serving = Task.CompletedTask;
    private string _request = "";

    public HttpModelTests() => _listener.Start();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _serving;
        _stop.Dispose();
    }

    [Fact]
    public async Task The_request_is_made_of_the_input_and_the_output_of_the_answer()
    {
        Serve(Answer("""{"result":{"label":"spam"}}"""));
        await using var model = Create(
            write: input => Encoding.UTF8.GetBytes($$"""{"text":{{Encoding.UTF8.GetString(input.Span)}}}"""),
            read: answer => Encoding.UTF8.GetBytes(System.Text.Json.JsonDocument.Parse(answer).RootElement.GetProperty("result").GetRawText()));

        Assert.Equal("spam", (await Ask.AboutAsync(model, "hi \"<|system|>\"")).GetProperty("label").GetString());
        Assert.EndsWith("""{"text":"hi \u0022\u003C|system|\u003E\u0022"}""", _request, StringComparison.Ordinal);
        Assert.Contains("Idempotency-Key: key-1", _request, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Authorization: Bearer t0ken", _request, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("{\"broken\":", ModelFailure.Malformed)]
    [InlineData("", ModelFailure.Malformed)]
    [InlineData("<html>", ModelFailure.Malformed)]
    public async Task An_answer_that_is_not_json_is_malformed(string body, ModelFailure expected)
    {
        Serve(Answer(body));
        Assert.Equal(expected, (await FailAsync()).Failure);
    }

    [Fact]
    public async Task A_redirect_inward_is_not_followed()
    {
        Serve("HTTP/1.1 307 Temporary Redirect\r\nLocation: http://169.254.169.254/latest\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        Assert.Equal(ModelFailure.Refused, (await FailAsync()).Failure);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\nConnection: close\r\n\r\n{\"a\":1}")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n{\"a\":1}")]
    public async Task An_answer_that_lies_about_its_length_is_no_answer(string raw)
    {
        Serve(raw);
        Assert.Equal(ModelFailure.Unavailable, (await FailAsync()).Failure);
    }

    [Fact]
    public async Task An_answer_without_end_is_given_up_at_the_bound()
    {
        Serve("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n\"", endless: "aaaaaaaaaaaaaaaa");
        Assert.Equal(ModelFailure.Malformed, (await FailAsync()).Failure);
    }

    [Fact]
    public async Task An_answer_of_one_byte_a_second_is_given_up_when_its_time_is_over()
    {
        var sent = new TaskCompletionSource();
        Serve("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n\"", sent: sent);
        await using var model = Create();
        var asked = Ask.AnswerAsync(model, "hi").AsTask();
        await sent.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        for (var second = 0; second < 6 && !asked.IsCompleted; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(ModelFailure.Timeout, (await Assert.ThrowsAsync<ModelException>(() => asked)).Failure);
    }

    private static string Answer(string body) =>
        $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n{body}";

    private async Task<ModelException> FailAsync()
    {
        await using var model = Create();
        return await Assert.ThrowsAsync<ModelException>(async () => await Ask.AnswerAsync(model, "hi"));
    }

    private IModel Create(Func<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>? write = null, Func<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>? read = null) =>
        ModelFactory.Create(new ModelOptions
        {
            Name = "scores",
            Kind = "http",
            Endpoint = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/score"),
            Token = "t0ken",
            Timeout = TimeSpan.FromSeconds(5),
            AnswerBytesMax = 4096,
            WriteRequest = write,
            ReadAnswer = read,
            Time = _time,
        });

    private void Serve(string answer, string? endless = null, TaskCompletionSource? sent = null) => _serving = Task.Run(async () =>
    {
        try
        {
            using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
            var stream = client.GetStream();
            _request = await ReadRequestAsync(stream);
            await stream.WriteAsync(Encoding.UTF8.GetBytes(answer), _stop.Token);
            sent?.SetResult();
            while (endless is not null)
            {
                await stream.WriteAsync(Encoding.UTF8.GetBytes(endless), _stop.Token);
            }

            if (sent is not null)
            {
                await Task.Delay(Timeout.Infinite, _stop.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
        {
            // The caller gave up, or the test is over.
        }
    });

    private async Task<string> ReadRequestAsync(NetworkStream stream)
    {
        var buffer = new byte[8192];
        var text = "";
        while (true)
        {
            text += Encoding.UTF8.GetString(buffer, 0, await stream.ReadAsync(buffer, _stop.Token));
            var head = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (head >= 0)
            {
                var length = text.Split("\r\n").FirstOrDefault(l => l.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))?.Split(':')[1];
                if (text.Length - head - 4 >= int.Parse(length ?? "0", System.Globalization.CultureInfo.InvariantCulture))
                {
                    return text;
                }
            }
        }
    }
}
