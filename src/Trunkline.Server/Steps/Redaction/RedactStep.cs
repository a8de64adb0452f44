using System.Text.Json;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.Steps.Redaction;

/// <summary><c>redact</c>: takes personal data out of the texts of the body: what has a form by its form, names of people by a model.</summary>
internal sealed class RedactStep : Step
{
    private const int NameLengthMin = 2;
    private const int NamesMax = 1_000;

    private readonly RedactStepConfig _config;
    private readonly PersonalData _data;
    private readonly RedactedJson _json;
    private readonly ModelCall? _names;

    /// <param name="config">How.</param>
    /// <param name="names">The model that finds names; null to leave them.</param>
    public RedactStep(RedactStepConfig config, ModelCall? names)
        : base(config.Name)
    {
        (_config, _names) = (config, names);
        _data = new PersonalData(config.Kinds, With);
        _json = new RedactedJson(config.Fields);
    }

    /// <inheritdoc/>
    public override async ValueTask<bool> RunAsync(MessageRun run, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> body = run.Body.Write();
        try
        {
            body = _json.Rewrite(body, _data.Redact, number => _data.IsCardNumber(number) ? With("card") : null);
            if (_names is not null && _json.Texts(body) is { Length: > 0 } texts)
            {
                // The model may be somebody else's: it sees what is left.
                var answer = await _names.AskAsync(run.Effects, Name, JsonSerializer.SerializeToUtf8Bytes(texts), cancellationToken).ConfigureAwait(false);
                var names = NamesIn(answer);
                body = names.Count == 0 ? body : _json.Rewrite(body, text => names.Aggregate(text, WithoutName));
            }
        }
        catch (InvalidOperationException broken)
        {
            // Half a surrogate pair in a text has no form a pattern could be held against.
            throw new StepException(new StepFault("step.redact-failed", Name, "A text of the body is not Unicode.", FaultClass.Terminal), broken);
        }

        run.Body.Replace(body);
        return true;
    }

    private string With(string kind) => _config.With.Replace("{kind}", kind, StringComparison.Ordinal);

    /// <summary>The name, where it stands as a word of its own.</summary>
    private string WithoutName(string text, string name)
    {
        for (var at = text.IndexOf(name, StringComparison.Ordinal); at >= 0; at = text.IndexOf(name, at, StringComparison.Ordinal))
        {
            var isWord = (at == 0 || !char.IsLetterOrDigit(text[at - 1])) && (at + name.Length == text.Length || !char.IsLetterOrDigit(text[at + name.Length]));
            var instead = isWord ? With("name") : name;
            text = string.Concat(text.AsSpan(0, at), instead, text.AsSpan(at + name.Length));
            at += instead.Length;
        }

        return text;
    }

    /// <summary>A list of names, or an object with one: the longest first, so that none is cut by a part of it.</summary>
    private List<string> NamesIn(ReadOnlyMemory<byte> answer)
    {
        try
        {
            using var document = JsonDocument.Parse(answer);
            var list = document.RootElement is { ValueKind: JsonValueKind.Object } found && found.TryGetProperty("names", out var named) ? named : document.RootElement;
            return list.ValueKind == JsonValueKind.Array && list.GetArrayLength() <= NamesMax && list.EnumerateArray().All(name => name.ValueKind == JsonValueKind.String)
                ? [.. list.EnumerateArray().Select(name => name.GetString()!.Trim()).Where(name => name.Length >= NameLengthMin).Distinct(StringComparer.Ordinal).OrderByDescending(name => name.Length)]
                : throw _names!.NotJson();
        }
        catch (JsonException)
        {
            throw _names!.NotJson();
        }
    }
}
