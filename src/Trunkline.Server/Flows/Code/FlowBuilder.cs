using System.Text.Json;
using Trunkline.Core.Config;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.Flows.Code;

/// <summary>Declares a flow written in C#: what the project file says of other flows. Not thread-safe.</summary>
public sealed class FlowBuilder
{
    private readonly List<(string Name, Func<ConnectorText, SinkConfig?> Read)> _sinks = [];
    private readonly Dictionary<string, MemoConfig?> _models = new(StringComparer.Ordinal);
    private readonly SourceLocation _where;
    private string _name;
    private Func<ConnectorText, SourceConfig?>? _source;
    private RetryConfig _retry = new();
    private FailurePolicy _onFailure = FailurePolicy.ParkMessage;
    private int _lanes = 16;
    private string? _owner;

    internal FlowBuilder(string className)
    {
        _name = className.ToLowerInvariant();
        _where = new SourceLocation(className, 0);
    }

    /// <summary>Source-generated metadata for <see cref="Json"/>, or the reflection of <see cref="JsonSerializerOptions.Web"/>.</summary>
    internal JsonSerializerOptions JsonOptions { get; private set; } = JsonSerializerOptions.Web;

    /// <summary>The flow's name.</summary>
    internal string Name => _name;

    /// <summary>Names of the sinks, in the order they were declared.</summary>
    internal IEnumerable<string> Sinks => _sinks.Select(sink => sink.Name);

    /// <summary>Whether payloads are mails.</summary>
    internal bool ParsesMail { get; private set; }

    /// <summary>Models the flow may ask, and how their answers are remembered.</summary>
    internal IReadOnlyDictionary<string, MemoConfig?> Models => _models;

    /// <summary>The flow's name; part of its group and of its outputs' ids. Default: the class name in lower case.</summary>
    public FlowBuilder Named(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        _name = name;
        return this;
    }

    /// <summary>Where messages come from; required.</summary>
    /// <param name="topic">The topic; must be in the project.</param>
    /// <param name="group">The group; null for <c>flow.&lt;name&gt;</c>.</param>
    /// <param name="start">Where a new group begins. Default: at the oldest message.</param>
    public FlowBuilder FromTopic(string topic, string? group = null, SubscribeStart start = SubscribeStart.Earliest)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        _source = _ => new TopicSourceConfig(topic, group ?? $"flow.{_name}", start, _where);
        return this;
    }

    /// <summary>Where messages come from, in the words of the project file: what a flow there has under <c>from</c>.</summary>
    /// <param name="yaml">
    /// Such as <c>{ imap: { host: mail.example.com, user: desk, password: "${file:/run/secrets/imap}" } }</c> or
    /// <c>{ schedule: "0 8 * * 1-5" }</c>. Variables are put in, and relative paths start at the project's folder. What is wrong
    /// with it is told when the node starts, with all other faults.
    /// </param>
    public FlowBuilder From(string yaml)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(yaml);
        _source = texts => texts.Source(yaml);
        return this;
    }

    /// <summary>Payloads are mails; the handler gets what <c>parse: mail</c> makes of them. What is no mail is a dead letter.</summary>
    public FlowBuilder ParseMail()
    {
        ParsesMail = true;
        return this;
    }

    /// <summary>A sink the handler may send to, in the words of the project file: what a flow there has under <c>to</c>.</summary>
    /// <param name="name">What <see cref="FlowOutput.Send"/> names it by.</param>
    /// <param name="yaml">Such as <c>{ slack: { url: "${SLACK_WEBHOOK}", text: "{{ message.text }}" } }</c>; see <see cref="From"/>.</param>
    public FlowBuilder To(string name, string yaml)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentException.ThrowIfNullOrWhiteSpace(yaml);
        return Add(name, texts => texts.Sink(name, yaml));
    }

    /// <summary>A topic the handler may send to, under the topic's name.</summary>
    public FlowBuilder ToTopic(string topic)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        return Add(topic, _ => new TopicSinkConfig(topic, topic, null, _where));
    }

    /// <summary>A webhook the handler may send to (Standard Webhooks).</summary>
    /// <param name="name">What <see cref="FlowOutput.Send"/> names it by.</param>
    /// <param name="url">Absolute http or https address.</param>
    /// <param name="secret">Signs the calls; null leaves them unsigned.</param>
    /// <param name="timeout">Bound on one call; null for 10 s.</param>
    /// <remarks>After five failures in a row the sink pauses, 10 s to 5 min, and its messages wait; an outage makes no dead letters.</remarks>
    public FlowBuilder ToWebhook(string name, Uri url, string? secret = null, TimeSpan? timeout = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(url);
        return Add(name, _ => new WebhookSinkConfig(name, url, secret is null ? null : new Secret(secret), _where)
        {
            Timeout = timeout ?? OutboxSinkConfig.TimeoutDefault,
            Breaker = OutboxSinkConfig.BreakerDefault,
        });
    }

    /// <summary>A model of the project the handler may ask.</summary>
    /// <param name="model">Its name.</param>
    /// <param name="memo">How its answers are remembered, so that the same question is not asked twice; null for not at all.</param>
    public FlowBuilder Using(string model, MemoConfig? memo = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(model);
        _models[model] = memo;
        return this;
    }

    /// <summary>How bodies are read and written: options with a source-generated context need no reflection. Default: the web defaults.</summary>
    public FlowBuilder Json(JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.MakeReadOnly(populateMissingResolver: true);
        JsonOptions = options;
        return this;
    }

    /// <summary>Retries in place, then what happens. Default: 5 attempts, 200 ms to 30 s, then to the dead letters.</summary>
    public FlowBuilder OnFailure(FailurePolicy policy, RetryConfig? retry = null)
    {
        _onFailure = policy;
        _retry = retry ?? _retry;
        return this;
    }

    /// <summary>How many keys are worked on at once, 1 to 1024. Default 16.</summary>
    public FlowBuilder Lanes(int lanes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lanes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lanes, 1024);
        _lanes = lanes;
        return this;
    }

    /// <summary>Who answers for the flow: an owner of the project.</summary>
    public FlowBuilder OwnedBy(string owner)
    {
        ArgumentException.ThrowIfNullOrEmpty(owner);
        _owner = owner;
        return this;
    }

    /// <summary>The flow as one of the project; null if its source cannot be used, which is reported.</summary>
    /// <param name="beside">What it is read beside.</param>
    /// <param name="faults">Takes what is wrong.</param>
    internal FlowConfig? Build(BindingContext beside, FaultList faults)
    {
        var texts = new ConnectorText(_name, _where.File, beside, faults);
        var sinks = _sinks.ConvertAll(sink => sink.Read(texts));
        var source = (_source ?? throw new InvalidOperationException($"Flow '{_name}' has no source: call From or FromTopic in Configure."))(texts);
        return source is null ? null : new()
        {
            Name = _name,
            From = source,
            Branches = [new BranchConfig(null, [.. sinks.OfType<SinkConfig>()], _where)],
            Retry = _retry,
            OnFailure = _onFailure,
            Lanes = _lanes,
            Owner = _owner,
            Where = _where,
        };
    }

    private FlowBuilder Add(string name, Func<ConnectorText, SinkConfig?> read)
    {
        if (_sinks.Exists(sink => sink.Name == name))
        {
            throw new ArgumentException($"Flow '{_name}' declares sink '{name}' twice.");
        }

        _sinks.Add((name, read));
        return this;
    }
}
