using Trunkline.Core.Config;
using Trunkline.Core.Config.Grammar;
using Trunkline.Server.Configuration;
using Trunkline.Server.Configuration.Grammar;
using Trunkline.Server.Configuration.Reading;

namespace Trunkline.Server.Flows.Code;

/// <summary>
/// Reads what a flow in C# says of its source and sinks in the words of the project file, by the same grammar and readers, so that
/// whatever a project file can name a flow in C# can too.
/// </summary>
/// <param name="flow">The flow's name.</param>
/// <param name="where">The class, for faults.</param>
/// <param name="beside">What it is read beside.</param>
/// <param name="faults">Takes what is wrong.</param>
internal sealed class ConnectorText(string flow, string where, BindingContext beside, FaultList faults)
{
    private readonly ProjectScope _scope = new(faults, beside.BaseDirectory);

    private readonly GrammarReading _reading = new(
        faults,
        new Interpolation(
            Environment.GetEnvironmentVariable,
            ProjectSource.FromMemory(new Dictionary<string, string>(), "", beside.BaseDirectory, Environment.GetEnvironmentVariable).ReadSecretFile),
        beside.ExpressionCheck);

    /// <summary>A value of <c>from</c>; null if it cannot be used, which is reported.</summary>
    public SourceConfig? Source(string text) => Root(text, "from") is { } root && FlowGrammar.Source.TryRead(root, $"flows.{flow}.from", _reading, out var values)
        ? Configuration.Reading.FlowReader.ReadSource(flow, values, _scope)
        : null;

    /// <summary>An entry of <c>to</c>; null if it cannot be used, which is reported.</summary>
    /// <param name="name">What the flow calls it.</param>
    /// <param name="text">The entry.</param>
    public SinkConfig? Sink(string name, string text)
    {
        if (Root(text, name) is not { } root || !SinkGrammar.Type.TryRead(root, $"flows.{flow}.to.{name}", _reading, out var values)
            || new SinkReader(_scope).Read([new Located<ObjectValues>(values, root.Where)]) is not [var sink])
        {
            return null;
        }

        if (sink is TopicSinkConfig { Key: not null })
        {
            faults.Add(values.WhereOf(SinkGrammar.Key), FaultCodes.KeyConflict, "'key' does not belong to a flow in C#.", "Remove it, and give the key to output.Send.");
        }

        return sink with { Name = name };
    }

    private ConfigNode? Root(string text, string part)
    {
        var file = $"{where} ({part})";
        var document = YamlComposer.Compose(file, text, faults);
        if (document is { Complete: true, Root: null })
        {
            faults.Add(new SourceLocation(file, 0), FaultCodes.WrongShape, "There is nothing in it.", "Write what the project file would say, such as { topic: mails }.");
        }

        return document.Root;
    }
}

/// <summary>What the flows of a host are read beside.</summary>
/// <param name="BaseDirectory">Folder relative paths are resolved against; absolute.</param>
/// <param name="ExpressionCheck">What is wrong with an expression, or null.</param>
internal sealed record BindingContext(string BaseDirectory, Func<string, string?> ExpressionCheck);
