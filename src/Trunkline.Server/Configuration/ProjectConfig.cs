using Trunkline.Core.Config;
using Trunkline.Messaging.Topics;

namespace Trunkline.Server.Configuration;

/// <summary>A project as its author wrote it: checked for itself and for its references, defaults filled in. Immutable.</summary>
public sealed record ProjectConfig
{
    /// <summary>The node's own settings.</summary>
    public NodeConfig Node { get; init; } = new();

    /// <summary>Owners by name.</summary>
    public IReadOnlyDictionary<string, OwnerConfig> Owners { get; init; } = new Dictionary<string, OwnerConfig>();

    /// <summary>Topics by name.</summary>
    public IReadOnlyDictionary<string, TopicConfig> Topics { get; init; } = new Dictionary<string, TopicConfig>();

    /// <summary>Models by name.</summary>
    public IReadOnlyDictionary<string, ModelConfig> Models { get; init; } = new Dictionary<string, ModelConfig>();

    /// <summary>Flows by name.</summary>
    public IReadOnlyDictionary<string, FlowConfig> Flows { get; init; } = new Dictionary<string, FlowConfig>();

    /// <summary>What the project holds itself to.</summary>
    public PolicyConfig Policies { get; init; } = new();

    /// <summary>What teams owe each other and tenants, by name.</summary>
    public IReadOnlyDictionary<string, PromiseConfig> Promises { get; init; } = new Dictionary<string, PromiseConfig>();

    /// <summary>What is an alert, and who is told.</summary>
    public AlertConfig Alerts { get; init; } = new();

    /// <summary>Folder relative paths in the file are resolved against.</summary>
    public string BaseDirectory { get; init; } = "";
}

/// <summary>The node's own settings; not part of a revision.</summary>
public sealed record NodeConfig
{
    /// <summary>Address the API listens on. Default <c>http://127.0.0.1:7420</c>; port 0 picks a free one.</summary>
    public string Listen { get; init; } = "http://127.0.0.1:7420";

    /// <summary>Data folder. Default <c>./.trunkline</c>.</summary>
    public string Data { get; init; } = "./.trunkline";

    /// <summary>Broker kind. Default <c>embedded</c>.</summary>
    public string Broker { get; init; } = "embedded";

    /// <summary>Bytes of memory the embedded broker may use, about. Default 512 MiB.</summary>
    public long BrokerMemoryBytes { get; init; } = 512L * 1024 * 1024;

    /// <summary>Host names besides loopback names and the listen address that requests may carry. Default none.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Origins that may write from a browser besides the node's own. Default none.</summary>
    public IReadOnlyList<string> Origins { get; init; } = [];

    /// <summary>Tokens and their scopes. None: no token is asked for, and the node binds to loopback only.</summary>
    public IReadOnlyList<TokenConfig> Auth { get; init; } = [];

    /// <summary>Private or link-local addresses (host or CIDR) outgoing calls may reach. Default none but what is listed.</summary>
    public IReadOnlyList<string> AllowAddresses { get; init; } = [];

    /// <summary>Largest request body the API takes, in bytes. Default 64 MiB.</summary>
    public long RequestBytesMax { get; init; } = 64L * 1024 * 1024;

    /// <summary>Where traces, metrics and logs are sent. Default nowhere; <c>/metrics</c> is there all the same.</summary>
    public TelemetryConfig Telemetry { get; init; } = new();

    /// <summary>The registry's <c>error_code</c> for an incompatible schema: 40901, or 409 as Confluent's registry up to 8.1. Default 40901.</summary>
    public int RegistryIncompatibleCode { get; init; } = 40901;
}

/// <summary>What is sent of telemetry, and where to.</summary>
public sealed record TelemetryConfig
{
    /// <summary>The collector; null for none.</summary>
    public OtlpConfig? Otlp { get; init; }

    /// <summary>The share of traces that is kept besides the failed and the slowest, 0 to 1. Default 0.01.</summary>
    public double Sample { get; init; } = 0.01;

    /// <summary>Bytes of traces the node itself keeps; 0 for none. Default 64 MB.</summary>
    public long TraceBytes { get; init; } = 64_000_000;

    /// <summary>Bytes of logs the node keeps, its own and those of other services. Default 64 MB.</summary>
    public long LogBytes { get; init; } = 64_000_000;

    /// <summary>Address telemetry of other services is taken at over gRPC; null for HTTP only, at the node's own address. Default null.</summary>
    public string? Grpc { get; init; }
}

/// <summary>A collector that takes the OpenTelemetry protocol.</summary>
/// <param name="Endpoint">Its address; for HTTP the part before <c>/v1/traces</c>.</param>
/// <param name="IsHttp">True for HTTP with protobuf, false for gRPC.</param>
public sealed record OtlpConfig(Uri Endpoint, bool IsHttp)
{
    /// <summary>Sent as header <c>Authorization</c>; null for none. Secret.</summary>
    public string? Authorization { get; init; }

    /// <summary>Without the secret.</summary>
    public override string ToString() => $"OtlpConfig {{ Endpoint = {Endpoint}, IsHttp = {IsHttp} }}";
}

/// <summary>An API secret, kept hashed, and what it permits.</summary>
/// <param name="Name">Who it is; shows in changes.</param>
/// <param name="Sha256">Lower-case hex SHA-256 of the token.</param>
/// <param name="Scopes">Of <c>read</c>, <c>publish</c>, <c>operate</c>, <c>admin</c>.</param>
public sealed record TokenConfig(string Name, string Sha256, IReadOnlyList<string> Scopes)
{
    /// <summary>The owner who speaks with it, so that it may approve what concerns them; null for none.</summary>
    public string? Owner { get; init; }

    /// <summary>From when on it is taken no more; null for never.</summary>
    public DateTimeOffset? Expires { get; init; }
}

/// <summary>Who answers for something.</summary>
/// <param name="Email">Mail address, or null.</param>
/// <param name="Chat">Chat channel, or null.</param>
public sealed record OwnerConfig(string? Email, string? Chat)
{
    /// <summary>What to do about alerts; null if nobody wrote it down.</summary>
    public Uri? Runbook { get; init; }

    /// <summary>Receivers of alerts about what it owns; none for those of the project.</summary>
    public IReadOnlyList<string> Alerts { get; init; } = [];

    /// <summary>When something it owns is an alert, where that differs from the project.</summary>
    public AlertLimits Limits { get; init; } = new();
}

/// <summary>A topic in the project file.</summary>
public sealed record TopicConfig
{
    /// <summary>How it is kept.</summary>
    public required TopicSettings Settings { get; init; }

    /// <summary>Schema subject, or null.</summary>
    public string? Subject { get; init; }

    /// <summary>What happens to messages that do not fit the subject.</summary>
    public ContractPolicy Contract { get; init; }

    /// <summary>File with the newest schema of the subject, resolved; null for none.</summary>
    public string? Schema { get; init; }

    /// <summary>Its end; null if it is to stay.</summary>
    public DeprecationConfig? Deprecated { get; init; }

    /// <summary>Consumers outside the project that say what they read.</summary>
    public IReadOnlyList<ReaderConfig> Readers { get; init; } = [];

    /// <summary>True if messages are checked also when they are read, for topics others write to. Default false.</summary>
    public bool ChecksReads { get; init; }

    /// <summary>Owner's name, or null.</summary>
    public string? Owner { get; init; }

    /// <summary>Where it is written.</summary>
    public SourceLocation Where { get; init; }
}

/// <summary>What happens to messages that do not fit the schemas of their topic.</summary>
public enum ContractPolicy
{
    /// <summary>They are refused, with the place of every fault.</summary>
    Reject,

    /// <summary>They are taken and counted.</summary>
    Observe,

    /// <summary>They go to the topic's dead letters, with the place of every fault.</summary>
    DeadLetter,
}

/// <summary>A model in the project file.</summary>
public sealed record ModelConfig
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary><c>lexicon</c>, <c>mlnet</c>, <c>lingua</c>, <c>onnx</c>, <c>openai</c>, <c>http</c>, <c>use</c> for one the host registered, or <c>versions</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Model file (mlnet; lexicon: own word list), resolved; null for the built-in.</summary>
    public string? Path { get; init; }

    /// <summary>Endpoint (openai): the base address, such as <c>https://host/v1</c>.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>Model name at the endpoint (openai).</summary>
    public string? Model { get; init; }

    /// <summary>Bearer token (openai). A secret: never printed; equal secrets hash alike in a revision.</summary>
    public Secret? Token { get; init; }

    /// <summary>Instruction sent before the input (openai); null for none.</summary>
    public string? System { get; init; }

    /// <summary>Name the host registered the model under (<c>use</c>).</summary>
    public string? Use { get; init; }

    /// <summary>Tokens of one answer at most (openai); null to leave it to the endpoint.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Languages told apart (lingua): two-letter codes.</summary>
    public IReadOnlyList<string> Languages { get; init; } = [];

    /// <summary>File with the definitions of tools (openai), resolved; null for none.</summary>
    public string? Tools { get; init; }

    /// <summary>Vocabulary file (onnx), resolved.</summary>
    public string? Tokenizer { get; init; }

    /// <summary>Names of the classes (onnx); none for a model that gives numbers.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Expression that makes what is sent (http); null for the input itself.</summary>
    public string? Request { get; init; }

    /// <summary>Expression that reads what comes back (http); null for all of it.</summary>
    public string? Response { get; init; }

    /// <summary>The models that share the keys (<c>versions</c>); none for a model of its own.</summary>
    public IReadOnlyList<VersionShare> Versions { get; init; } = [];

    /// <summary>What is done about its answers.</summary>
    public ModelAnswerConfig Answers { get; init; } = new();

    /// <summary>What bounds its calls.</summary>
    public ModelLimitsConfig Limits { get; init; } = new();

    /// <summary>Owner's name, or null.</summary>
    public string? Owner { get; init; }

    /// <summary>Bound on one call. Default 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Where it is written.</summary>
    public SourceLocation Where { get; init; }

    /// <summary>True if it runs in the node and reaches nothing outside: it may run in tests and comparisons, and counts no tokens.</summary>
    // Named one by one: a kind not known here may call somebody.
    internal bool IsLocal => Kind is "lexicon" or "mlnet" or "lingua" or "onnx";
}

/// <summary>A value that must not be shown. <see cref="ToString"/> gives <c>***</c>.</summary>
/// <param name="Value">The value.</param>
public sealed record Secret(string Value)
{
    /// <inheritdoc/>
    public override string ToString() => "***";
}
