using Trunkline.Core.Config;
using Trunkline.Core.Config.Grammar;
using Trunkline.Messaging.Topics;
using Trunkline.Server.Configuration.Grammar;

namespace Trunkline.Server.Configuration.Reading;

/// <summary>Reads entries of <c>topics</c>.</summary>
internal static class TopicReader
{
    public static TopicConfig Read(Named<ObjectValues> named, ObjectValues values, ProjectScope scope)
    {
        CheckName(named, scope.Faults);
        CheckContract(named, values, scope.Faults);
        var defaults = new TopicSettings { Name = named.Name };
        var retention = Retention(values.Get(TopicGrammar.Retention)) ?? new RetentionConfig(null, null);
        return new TopicConfig
        {
            Settings = defaults with
            {
                Partitions = values.Get(TopicGrammar.Partitions, defaults.Partitions),
                Durability = values.Get(TopicGrammar.Durability, defaults.Durability),
                RetentionAge = retention.Age,
                RetentionBytes = retention.Bytes,
                DedupeWindow = values.Get(TopicGrammar.DedupeWindow, defaults.DedupeWindow),
                MessageBytesMax = (int)values.Get(TopicGrammar.MessageSize, defaults.MessageBytesMax),
                Compacted = values.Get(TopicGrammar.Compacted, false),
            },
            Subject = values.Get(TopicGrammar.Subject),
            Contract = values.Get(TopicGrammar.Contract, ContractPolicy.Reject),
            Schema = values.Get(TopicGrammar.Schema) is { } schema ? scope.Resolve(schema) : null,
            Deprecated = values.Get(TopicGrammar.Deprecated) is { } end && end.Has(PolicyGrammar.Sunset) ? new DeprecationConfig(end.Get(PolicyGrammar.Sunset), end.Get(PolicyGrammar.Use)) : null,
            Readers = [.. (values.Get(TopicGrammar.Readers) ?? []).Select(Reader)],
            ChecksReads = values.Get(TopicGrammar.CheckReads, false),
            Owner = values.Get(TopicGrammar.Owner),
            Where = named.Where,
        };
    }

    /// <summary>What may be removed; null if nothing is said.</summary>
    public static RetentionConfig? Retention(ObjectValues? values) =>
        values is null ? null : new RetentionConfig(Optional(values, TopicGrammar.RetentionAge), Optional(values, TopicGrammar.RetentionSize));

    private static T? Optional<T>(ObjectValues values, GrammarKey<T> key)
        where T : struct => values.Has(key) ? values.Get(key, default) : null;

    private static ReaderConfig Reader(Named<ObjectValues> named) => new(
        named.Name,
        [.. (named.Value?.Get(TopicGrammar.ReaderFields) ?? []).Select(field => field.Value)],
        named.Value?.Get(TopicGrammar.ReaderOwner),
        named.Value?.Get(TopicGrammar.ReaderVersion),
        named.Where);

    private static void CheckContract(Named<ObjectValues> named, ObjectValues values, FaultList faults)
    {
        foreach (var key in new GrammarKey[] { TopicGrammar.Contract, TopicGrammar.CheckReads, TopicGrammar.Schema }.Where(key => values.Has(key) && !values.Has(TopicGrammar.Subject)))
        {
            faults.Add(values.WhereOf(key), FaultCodes.KeyConflict, $"'{key.Name}' is about a subject, and topic '{Printable.Show(named.Name)}' names none.", "Add 'subject', or remove the key.");
        }

        if (values.Get(TopicGrammar.Contract, ContractPolicy.Reject) == ContractPolicy.DeadLetter && Names.TopicProblem(named.Name) is null && Names.TopicProblem(Names.DeadTopic(named.Name)) is not null)
        {
            faults.Add(named.Where, FaultCodes.BadName, $"There cannot be a topic '{Names.DeadTopic(named.Name)}' for the dead letters.", "Choose a shorter name.");
        }
    }

    private static void CheckName(Named<ObjectValues> named, FaultList faults)
    {
        if (Names.TopicProblem(named.Name) is { } problem)
        {
            var code = TopicName.IsValid(named.Name) ? FaultCodes.InternalTopic : FaultCodes.BadName;
            faults.Add(named.Where, code, $"'{Printable.Show(named.Name)}' cannot be the name of a topic: {problem}.", "Choose another name.");
        }
    }
}
