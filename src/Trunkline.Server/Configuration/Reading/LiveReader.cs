using System.Text;
using Trunkline.Core.Config;
using Trunkline.Core.Config.Grammar;
using Trunkline.Server.Configuration.Grammar;

namespace Trunkline.Server.Configuration.Reading;

/// <summary>Reads the sinks <c>sse</c> and <c>websocket</c>, and the source <c>websocket</c>.</summary>
internal static class LiveReader
{
    // HMAC-SHA256 wants a key as long as its hash (RFC 7518, 3.2).
    private const int SecretBytesMin = 32;

    public static LiveSinkConfig? Read(ObjectValues values, LiveKind kind, string name, ProjectScope scope)
    {
        var secrets = ReadSecrets(values, values.Get(LiveGrammar.Secret), scope);
        return values.Get(LiveGrammar.Path) is { } path
            ? new LiveSinkConfig(name, kind, path, values.WhereOf(LiveGrammar.Path)) { Secrets = secrets, ClientsMax = values.Get(LiveGrammar.Clients, 1000) }
            : null;
    }

    public static WebSocketSourceConfig? ReadSource(ObjectValues values, ProjectScope scope)
    {
        var secrets = ReadSecrets(values, values.Get(SocketSourceGrammar.Secret), scope);
        if (values.Get(SocketSourceGrammar.Path) is not { } path)
        {
            return null;
        }

        var defaults = new WebSocketSourceConfig(path, values.WhereOf(SocketSourceGrammar.Path)) { Secrets = secrets };
        return defaults with
        {
            FrameBytesMax = (int)values.Get(SocketSourceGrammar.MaxSize, defaults.FrameBytesMax),
            ClientsMax = values.Get(SocketSourceGrammar.Clients, defaults.ClientsMax),
        };
    }

    private static List<Secret> ReadSecrets(ObjectValues values, IReadOnlyList<Located<string>>? secrets, ProjectScope scope)
    {
        foreach (var secret in (secrets ?? []).Where(secret => Encoding.UTF8.GetByteCount(secret.Value) < SecretBytesMin))
        {
            scope.Faults.Add(
                secret.Where, FaultCodes.BadValue, $"A secret of {values.Path} has fewer than {SecretBytesMin} bytes.", "Make one, for example with: openssl rand -hex 32");
        }

        return [.. (secrets ?? []).Select(secret => new Secret(secret.Value))];
    }
}
