using System.Buffers.Text;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Trunkline.Brokers.Embedded.Memory;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;
using Trunkline.Server.Configuration;
using Trunkline.Testing.Nodes;

namespace Trunkline.Server.Tests.Api.Live;

/// <summary>A node whose flow sends what comes to <c>in</c> to clients below <c>/out</c>: to all at <c>/all</c>, by ticket at <c>/mine</c>.</summary>
public abstract class LiveTest : ApiTest
{
    protected const string Secret = "0123456789abcdef0123456789abcdef";
    protected IBroker Broker { get; private set; } = null!;

    protected const string In = "/api/v1/topics/in/messages";

    protected override InProcessNodeOptions Options() => new()
    {
        Logs = new TestLogs(),
        Topics = [new TopicSettings { Name = "in", Partitions = 4 }],
        Configure = app => app.AddBroker("memory", (context, _) => ValueTask.FromResult(Broker = new MemoryBroker(context.Time))),
        Project = new ProjectConfig
        {
            Flows = new Dictionary<string, FlowConfig>
            {
                ["chat"] = new()
                {
                    Name = "chat",
                    From = new TopicSourceConfig("in", "flow.chat", SubscribeStart.Earliest, default),
                    Branches =
                    [
                        new BranchConfig(null, [.. Enum.GetValues<LiveKind>().SelectMany(kind => new[]
                        {
                            new LiveSinkConfig($"{kind}-all", kind, "/all", default) { ClientsMax = 3 },
                            new LiveSinkConfig($"{kind}-mine", kind, "/mine", default) { Secrets = [new Secret("another-secret-of-32-bytes-or-more"), new Secret(Secret)] },
                        })], default),
                    ],
                },
            },
        },
    };

    protected async Task PublishAsync(string key, params IEnumerable<int> numbers)
    {
        foreach (var number in numbers)
        {
            await PostAsync(In, $$"""{"key":"{{key}}","n":{{number}}}""", "application/json", ("Trunkline-Key", key));
        }
    }

    protected static string Ticket(string key, string audience = "/out/mine", string secret = Secret, long seconds = 300, string header = """{"alg":"HS256","typ":"JWT"}""")
    {
        var claims = JsonSerializer.Serialize(new { sub = key, aud = audience, exp = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + seconds });
        var signed = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}";
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.ASCII.GetBytes(signed)))}";
    }

    protected async Task<ClientWebSocket> ConnectAsync(string path, string? origin = null)
    {
        var socket = new ClientWebSocket();
        if (origin is not null)
        {
            socket.Options.SetRequestHeader("Origin", origin);
        }

        await socket.ConnectAsync(new Uri(Node.Url.Replace("http://", "ws://", StringComparison.Ordinal) + path), Cancel);
        return socket;
    }

    /// <summary>The next frame with a message; null once the other side closed.</summary>
    protected static async Task<JsonElement?> NextAsync(WebSocket socket)
    {
        while (true)
        {
            var frame = new byte[64 * 1024];
            var length = 0;
            WebSocketReceiveResult part;
            do
            {
                part = await socket.ReceiveAsync(new ArraySegment<byte>(frame, length, frame.Length - length), Cancel);
                length += part.Count;
            }
            while (!part.EndOfMessage);

            if (part.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            var json = JsonDocument.Parse(frame.AsMemory(0, length)).RootElement;
            if (json.TryGetProperty("message", out _))
            {
                return json;
            }
        }
    }
}
