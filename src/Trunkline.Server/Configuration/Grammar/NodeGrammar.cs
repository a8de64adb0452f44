using Trunkline.Core.Config.Grammar;

namespace Trunkline.Server.Configuration.Grammar;

/// <summary>The <c>node</c> section.</summary>
internal static class NodeGrammar
{
    public static readonly GrammarKey<string> TokenText = new("token", Scalars.Secret, "The token itself, best as `${VAR}` or `${file:/path}`; only its hash is kept.");
    public static readonly GrammarKey<string> TokenHash = new("sha256", Values.Sha256, "SHA-256 of the token, so that the token need not be on this machine.");

    public static readonly GrammarKey<IReadOnlyList<Located<string>>> TokenScopes = new(
        "scopes",
        new ListType<string>(new ChoiceType<string>(("read", "read"), ("publish", "publish"), ("operate", "operate"), ("admin", "admin"))) { ItemsMin = 1, AllowSingle = true },
        "What the token permits.")
    { Required = true };

    public static readonly GrammarKey<string> TokenOwner = new(
        "owner", Values.Name, "Who speaks with it: a name under `owners`. It may approve what breaks their readers, as a token with scope `admin` may for anybody.");

    public static readonly GrammarKey<DateTimeOffset> TokenLastDay = new("lastDay", Values.Day, "The last day (UTC) it is taken, such as `2027-01-31`; an alert says so two weeks before.") { Default = "for ever" };

    public static readonly ObjectType Token = new("token", "An API secret and what it permits.", TokenText, TokenHash, TokenScopes, TokenOwner, TokenLastDay) { OneOf = [TokenText, TokenHash] };

    public static readonly GrammarKey<string> BrokerKind = new(
        "kind",
        new ChoiceType<string>(("embedded", "embedded"), ("memory", "memory")) { NotYet = ["kafka", "nats", "pulsar"] },
        "`embedded` keeps everything in the data folder; `memory` forgets it at the end and is for tests.")
    { Default = "embedded" };

    public static readonly GrammarKey<long> BrokerMemory = new(
        "memory",
        Scalars.Size(16L * 1024 * 1024, 1L << 40),
        "What the embedded broker may hold in memory, about; half as much at most is its log of what is not in its files yet.")
    { Default = "512MiB" };

    public static readonly ObjectType BrokerType = new(
        "broker",
        "Where messages are kept.",
        BrokerKind,
        BrokerMemory,
        new GrammarKey<string>("bootstrap", Scalars.Text, "Addresses of a Kafka cluster.") { NotYet = true },
        new GrammarKey<string>("url", Scalars.Text, "Address of a NATS or Pulsar cluster.") { NotYet = true })
    { Shorthand = BrokerKind };

    public static readonly GrammarKey<string> Listen = new("listen", Values.Listen, "Address the API listens on; port 0 picks a free one.") { Default = "`http://127.0.0.1:7420`" };
    public static readonly GrammarKey<string> Data = new("data", Values.FilePath, "Data folder.") { Default = "`./.trunkline`" };
    public static readonly GrammarKey<ObjectValues> Broker = new("broker", BrokerType, "Where messages are kept.") { Default = "embedded" };

    public static readonly GrammarKey<IReadOnlyList<Located<string>>> Hosts = new(
        "hosts", new ListType<string>(Values.Host), "Host names besides loopback names and the listen address that requests may carry.")
    { Default = "none" };

    public static readonly GrammarKey<IReadOnlyList<Located<string>>> Origins = new(
        "origins", new ListType<string>(Values.Origin), "Web origins that may write besides the node's own.")
    { Default = "none" };

    public static readonly GrammarKey<IReadOnlyList<Named<ObjectValues>>> Auth = new(
        "auth",
        new MapType<ObjectValues>("token", Names.Problem, Names.Pattern, Token),
        "Tokens by name; the name shows in the change log. Without any the node takes requests from loopback only and asks for no token.")
    { Default = "none" };

    public static readonly GrammarKey<IReadOnlyList<Located<string>>> AllowAddresses = new(
        "allowAddresses",
        new ListType<string>(Values.Address),
        "Hosts, addresses or networks (`10.1.0.0/16`) outgoing calls may reach although they are private or link-local.")
    { Default = "none; loopback needs no entry" };

    public static readonly GrammarKey<long> RequestSize = new(
        "requestSize", Scalars.Size(1024, 1L << 30), "Largest request body the API takes.")
    { Default = "64MiB" };

    public static readonly GrammarKey<Uri> OtlpEndpoint = new(
        "endpoint", Values.BaseUrl, "Its address, such as `http://127.0.0.1:4317`; for `http` without `/v1/traces`. Private addresses beyond loopback need an entry in `allowAddresses`.")
    { Required = true };

    public static readonly GrammarKey<string> OtlpProtocol = new(
        "protocol", new ChoiceType<string>(("grpc", "grpc"), ("http", "http")), "`grpc`, or `http` with protobuf bodies.")
    { Default = "grpc" };

    public static readonly GrammarKey<string> OtlpAuthorization = new("authorization", Scalars.Secret, "Sent as header `Authorization`.") { Default = "none" };

    public static readonly GrammarKey<ObjectValues> Otlp = new(
        "otlp", new ObjectType("otlp", "A collector that takes the OpenTelemetry protocol.", OtlpEndpoint, OtlpProtocol, OtlpAuthorization), "Where traces, metrics and logs are sent.")
    { Default = "nowhere" };

    public static readonly GrammarKey<double> Sample = new(
        "sample", Values.Share, "The share of traces that is kept, by their id, so that nodes agree. Failed messages and the slowest are kept whatever it is.")
    { Default = "0.01" };

    public static readonly GrammarKey<long> TraceSize = new(
        "traceSize", Scalars.Size(0, 100_000_000_000), "Traces the node itself keeps, for 48 hours at most; `0MB` for none.")
    { Default = "64MB" };

    public static readonly GrammarKey<long> LogSize = new(
        "logSize", Scalars.Size(1_000_000, 100_000_000_000), "Logs the node keeps, its own and those of other services, for seven days at most.")
    { Default = "64MB" };

    public static readonly GrammarKey<string> Grpc = new(
        "grpc", Values.Listen, "Address at which traces, metrics and logs of other services are taken over gRPC, such as `http://127.0.0.1:4317`. Over HTTP they are taken at the node's own address.")
    { Default = "none" };

    public static readonly GrammarKey<ObjectValues> Telemetry = new(
        "telemetry", new ObjectType("telemetry", "What of telemetry is sent, kept and taken. `/metrics` is there without it.", Otlp, Sample, TraceSize, LogSize, Grpc), "What of telemetry is sent, kept and taken.")
    { Default = "nothing is sent" };

    public static readonly GrammarKey<int> IncompatibleCode = new(
        "incompatibleCode",
        new ChoiceType<int>(("40901", 40901), ("409", 409)),
        "The `error_code` beside HTTP 409 when a schema is incompatible: `40901` as Confluent's registry from 8.2, `409` as before. Only clients that look at the code need the older one.")
    { Default = "40901" };

    public static readonly GrammarKey<ObjectValues> Registry = new(
        "registry", new ObjectType("registry", "How the schema registry at `/registry` answers.", IncompatibleCode), "How the schema registry at `/registry` answers.")
    { Default = "as Confluent's newest" };

    public static readonly ObjectType Type = new(
        "node",
        "The node's own settings. They are not part of a revision: flags and environment variables may override them, and a change needs a restart.",
        Listen,
        Data,
        Broker,
        Auth,
        Hosts,
        Origins,
        AllowAddresses,
        RequestSize,
        new GrammarKey<string>("tls", Scalars.Text, "Certificates of the listener.") { NotYet = true },
        Telemetry,
        Registry);
}
