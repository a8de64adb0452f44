using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Trunkline.Core.Config;

/// <summary>
/// Makes <see cref="ConfigNode"/>s of YAML 1.2 text, so that everything knows its line. Takes one document of mappings,
/// lists and single values; anchors work within bounds, tags and several documents are faults. What comes before a syntax
/// error is kept, so that its own faults are told in the same go.
/// </summary>
public sealed class YamlComposer
{
    private readonly string _file;
    private readonly YamlBounds _bounds;
    private readonly FaultList _faults;
    private readonly Parser _parser;
    private readonly Dictionary<string, ConfigNode> _anchors = new(StringComparer.Ordinal);
    private int _nodes;

    private YamlComposer(string file, string text, FaultList faults, YamlBounds bounds)
    {
        (_file, _bounds, _faults) = (file, bounds, faults);
        _parser = new Parser(new StringReader(text));
    }

    /// <summary>True once the text broke off; nothing is read after that.</summary>
    private bool Broken { get; set; }

    /// <summary>Reads one file.</summary>
    /// <param name="file">Its name for messages.</param>
    /// <param name="text">Its text.</param>
    /// <param name="faults">Takes what is wrong.</param>
    /// <param name="bounds">Bounds, or null for the defaults.</param>
    /// <returns>The root, or null if there is none. <see cref="YamlDocument.Complete"/> is false if the text broke off.</returns>
    public static YamlDocument Compose(string file, string text, FaultList faults, YamlBounds? bounds = null)
    {
        bounds ??= new YamlBounds();
        if (text.Length > bounds.FileCharactersMax)
        {
            faults.Add(
                new SourceLocation(file, 0),
                FaultCodes.TooLarge,
                FormattableString.Invariant($"The file has {text.Length} characters; {bounds.FileCharactersMax} are allowed."),
                "Split it with 'include'.");
            return new YamlDocument(null, false);
        }

        if (ControlCharacterLine(text) is { } line)
        {
            faults.Add(
                new SourceLocation(file, line), FaultCodes.BrokenYaml, "The line holds a control character.", "Remove it; YAML files are plain text.");
            return new YamlDocument(null, false);
        }

        var composer = new YamlComposer(file, text.TrimStart('\uFEFF'), faults, bounds);
        var root = composer.ReadDocument();
        return new YamlDocument(root, !composer.Broken);
    }

    private static int? ControlCharacterLine(string text)
    {
        var line = 1;
        foreach (var c in text)
        {
            if (c == '\n')
            {
                line++;
            }
            else if (char.IsControl(c) && c is not ('\t' or '\r' or '\u0085'))
            {
                return line;
            }
        }

        return null;
    }

    private ConfigNode? ReadDocument()
    {
        ConfigNode? root = null;
        while (Advance() is { } current)
        {
            switch (current)
            {
                case StreamStart or StreamEnd or DocumentEnd or Comment:
                    break;
                case DocumentStart when root is null:
                    break;
                case DocumentStart:
                    Fail(current.Start.Line, "The file holds a second document.", "Keep one document per file; use 'include' for more.");
                    return root;
                default:
                    root = ReadNode(current, 1);
                    break;
            }
        }

        return root;
    }

    private ConfigNode? ReadNode(ParsingEvent current, int depth)
    {
        var where = At(current.Start.Line);
        if (depth > _bounds.DepthMax)
        {
            Fail(current.Start.Line, FormattableString.Invariant($"Nested more than {_bounds.DepthMax} levels deep."), "Write it flatter.", FaultCodes.TooLarge);
            return null;
        }

        if (current is AnchorAlias alias)
        {
            return Resolve(alias);
        }

        if (current is NodeEvent { Tag.IsEmpty: false } tagged)
        {
            _faults.Add(where, FaultCodes.BrokenYaml, $"The tag '{Printable.Show(tagged.Tag.ToString())}' is not used here.", "Remove the tag.");
        }

        var node = current switch
        {
            Scalar scalar => new ScalarNode(where, scalar.Value, scalar.Style == ScalarStyle.Plain),
            MappingStart => ReadMapping(where, depth),
            SequenceStart => ReadSequence(where, depth),
            _ => (ConfigNode?)null,
        };
        Count(1, current.Start.Line);
        if (node is not null && current is NodeEvent { Anchor.IsEmpty: false } anchored)
        {
            _anchors[anchored.Anchor.Value] = node;
        }

        return node;
    }

    private MappingNode ReadMapping(SourceLocation where, int depth)
    {
        var entries = new List<MappingEntry>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        var lost = false;
        while (Advance() is { } current)
        {
            if (current is MappingEnd)
            {
                return new MappingNode(where, entries, lost);
            }

            var key = ReadNode(current, depth + 1);
            var value = Advance() is { } next ? ReadNode(next, depth + 1) : null;
            lost |= value is null;
            if (key is not ScalarNode name)
            {
                if (key is not null && !Broken)
                {
                    _faults.Add(key.Where, FaultCodes.WrongShape, $"A key is {key.Shape}.", "Write a plain text before the colon.");
                }
            }
            else if (!lines.TryAdd(name.Text, name.Where.Line))
            {
                _faults.Add(
                    name.Where,
                    FaultCodes.DuplicateName,
                    FormattableString.Invariant($"'{Printable.Show(name.Text)}' is written twice; first in line {lines[name.Text]}."),
                    "Remove one of them or give it another name.");
            }
            else if (value is not null)
            {
                entries.Add(new MappingEntry(name.Text, name.Where, value));
            }
        }

        return new MappingNode(where, entries, true);
    }

    private SequenceNode ReadSequence(SourceLocation where, int depth)
    {
        var items = new List<ConfigNode>();
        while (Advance() is { } current and not SequenceEnd)
        {
            if (ReadNode(current, depth + 1) is { } item)
            {
                items.Add(item);
            }
        }

        return new SequenceNode(where, items);
    }

    private ConfigNode? Resolve(AnchorAlias alias)
    {
        if (_anchors.TryGetValue(alias.Value.Value, out var node))
        {
            Count(node.Weight, alias.Start.Line);
            return Broken ? null : node;
        }

        _faults.Add(At(alias.Start.Line), FaultCodes.BrokenYaml, $"'*{Printable.Show(alias.Value.Value)}' names no anchor above it.", "Define the anchor first, or write the value out.");
        return null;
    }

    private void Count(int nodes, long line)
    {
        _nodes += nodes;
        if (_nodes > _bounds.NodesMax && !Broken)
        {
            Fail(
                line,
                FormattableString.Invariant($"The file has more than {_bounds.NodesMax} values once aliases are written out."),
                "Use fewer aliases, or split the project.",
                FaultCodes.TooLarge);
        }
    }

    private ParsingEvent? Advance()
    {
        if (Broken)
        {
            return null;
        }

        try
        {
            return _parser.MoveNext() ? _parser.Current : null;
        }
        catch (YamlException e)
        {
            Fail(e.Start.Line, "This is not YAML: " + Trimmed(e.Message), "Mend the syntax here or just above; what follows in this file was not checked.");
            return null;
        }
#pragma warning disable CA1031 // The scanner is not ours and the text is anybody's: whatever it trips over is a fault in the file.
        catch (Exception e) when (e is not OutOfMemoryException)
#pragma warning restore CA1031
        {
            Fail(_parser.Current?.End.Line ?? 1, "This is not YAML: something that was opened is not closed.", "Close what is open in this line, or just after it: a bracket, a brace or a quote.");
            return null;
        }
    }

    private static string Trimmed(string message)
    {
        var text = message.StartsWith('(') && message.IndexOf("): ", StringComparison.Ordinal) is var at and > 0 ? message[(at + 3)..] : message;
        return Printable.Show(text.TrimEnd('.'), 200) + ".";
    }

    private void Fail(long line, string message, string remedy, string code = FaultCodes.BrokenYaml)
    {
        Broken = true;
        _faults.Add(At(line), code, message, remedy);
    }

    private SourceLocation At(long line) => new(_file, (int)line);
}
