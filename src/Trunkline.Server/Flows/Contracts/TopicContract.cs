using System.Collections.Concurrent;
using Trunkline.Messaging;
using Trunkline.Server.Configuration;
using Trunkline.Server.Configuration.Grammar;
using Trunkline.Server.Schemas;
using Trunkline.Server.Schemas.Contracts;

namespace Trunkline.Server.Flows.Contracts;

/// <summary>What the messages of one topic are held to, in one revision of the project. Thread-safe.</summary>
/// <param name="topic">The topic, which names a subject.</param>
/// <param name="check">Judges messages.</param>
internal sealed class TopicContract(TopicConfig topic, ContractCheck check)
{
    private readonly ConcurrentDictionary<int, VersionReader> _readers = new();

    /// <summary>The topic.</summary>
    public string Topic => topic.Settings.Name;

    /// <summary>The subject its messages have to fit.</summary>
    public string Subject { get; } = topic.Subject ?? throw new ArgumentException("The topic names no subject.", nameof(topic));

    /// <summary>What is done about a message that does not fit.</summary>
    public ContractPolicy Policy => topic.Contract;

    /// <summary>True if messages are checked also when they are read, because others may write to the topic.</summary>
    public bool ChecksReads => topic.ChecksReads;

    /// <summary>Where messages that do not fit go under <see cref="ContractPolicy.DeadLetter"/>.</summary>
    public string DeadTopic => Names.DeadTopic(Topic);

    /// <summary>The contracts of a project, by topic.</summary>
    public static IReadOnlyDictionary<string, TopicContract> Of(ProjectConfig project, ContractCheck? check) => check is null
        ? new Dictionary<string, TopicContract>()
        : project.Topics.Values.Where(topic => topic.Subject is not null).ToDictionary(topic => topic.Settings.Name, topic => new TopicContract(topic, check), StringComparer.Ordinal);

    /// <summary>Where a message does not fit; empty if it does.</summary>
    public IReadOnlyList<SchemaFault> Check(Message message) => check.Check(Subject, message);

    /// <summary>Reads its messages as one version of the subject.</summary>
    public VersionReader ReaderOf(int version) => _readers.GetOrAdd(version, number => check.ReaderOf(Subject, number));

    /// <summary>As <see cref="Check"/>, and counted by what is done about it.</summary>
    public IReadOnlyList<SchemaFault> CheckAndCount(Message message)
    {
        var faults = Check(message);
        if (faults.Count > 0)
        {
            ContractMeter.Violated(this, 1);
        }

        return faults;
    }

    /// <summary>What is wrong with a message, in words, without its values.</summary>
    public string Describe(IReadOnlyList<SchemaFault> faults)
    {
        const int ToldMax = 20;
        var told = faults.Take(ToldMax).Select(fault => $"{(fault.At.Length == 0 ? "the whole" : fault.At)}: {fault.Message}");
        var more = faults.Count > ToldMax ? $"; and {faults.Count - ToldMax} more" : "";
        return $"it does not fit subject '{Subject}' of topic '{Topic}': {string.Join("; ", told)}{more}";
    }
}
