using System.Text.Json;
using Trunkline.Server.Pacts.Matching;

namespace Trunkline.Server.Pacts.Verifying;

/// <summary>
/// Holds a provider to a pact of any version: sends its requests and compares the answers, or compares messages. States are set before each interaction and taken back after it. Never
/// sends anything but to the addresses it is given.
/// </summary>
/// <param name="http">What sends; its time-out is that of each request.</param>
/// <param name="options">Whom to verify.</param>
public sealed class PactVerifier(HttpClient http, PactVerifierOptions options)
{
    private readonly PactProvider _provider = new(http, options);

    /// <summary>Verifies a pact, one interaction after the other.</summary>
    /// <param name="text">The pact.</param>
    /// <param name="cancellationToken">Ends it between interactions.</param>
    /// <exception cref="FormatException">It is none.</exception>
    public async Task<PactVerdict> VerifyAsync(string text, CancellationToken cancellationToken)
    {
        var pact = Read(text);
        var verdicts = new List<PactInteractionVerdict>();
        foreach (var interaction in pact.Interactions)
        {
            var wrong = await JudgeAsync(pact, interaction, cancellationToken);
            verdicts.Add(new PactInteractionVerdict(interaction.Description, [.. interaction.States.Select(state => state.Name)], interaction.IsPending, [.. wrong.Select(one => $"{one.Where}: {one.What}")]));
        }

        return new PactVerdict(pact.Consumer, pact.Provider, pact.Version, verdicts);
    }

    private static PactFile Read(string text)
    {
        try
        {
            return PactFile.Read(text);
        }
        catch (PactRefusal refusal)
        {
            throw new FormatException(refusal.Message, refusal);
        }
    }

    private async Task<IReadOnlyList<PactMismatch>> JudgeAsync(PactFile pact, PactInteraction interaction, CancellationToken cancellationToken)
    {
        if (interaction.Unsupported is { } why)
        {
            return [new PactMismatch("interaction", why)];
        }

        try
        {
            var values = await _provider.EnterAsync(pact.Consumer, interaction, cancellationToken);
            try
            {
                return interaction.Event is { } message ? await MessageAsync(pact, interaction, message, cancellationToken) : await HttpAsync(interaction, values, cancellationToken);
            }
            finally
            {
                await _provider.LeaveAsync(pact.Consumer, interaction, cancellationToken);
            }
        }
        catch (Exception failure) when (failure is HttpRequestException or UriFormatException || (failure is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return [new PactMismatch("provider", failure.Message)];
        }
    }

    private async Task<IReadOnlyList<PactMismatch>> HttpAsync(PactInteraction interaction, IReadOnlyDictionary<string, JsonElement> values, CancellationToken cancellationToken)
    {
        if (options.Provider is null)
        {
            return [new PactMismatch("interaction", "it is a request, and no address of the provider is given")];
        }

        var answer = await _provider.AskAsync(interaction.Request!, values, cancellationToken);
        return PactHttp.Response(interaction.Response!, answer.Status, answer.Headers, answer.Body);
    }

    private async Task<IReadOnlyList<PactMismatch>> MessageAsync(PactFile pact, PactInteraction interaction, PactEvent message, CancellationToken cancellationToken)
    {
        if (options.Messages is not null)
        {
            var sent = await _provider.MessageAsync(pact, interaction, cancellationToken);
            return message.Compare(sent.Content, sent.ContentType, sent.Metadata);
        }

        if (options.Emitted is not { Count: > 0 } emitted)
        {
            return [new PactMismatch("interaction", options.Emitted is null ? "it is a message, and nothing tells where to have it from" : "no message was sent yet")];
        }

        // The nearest tells most of what is wrong.
        IReadOnlyList<PactMismatch>? nearest = null;
        foreach (var one in emitted)
        {
            var wrong = message.Compare(one.Content, one.ContentType, one.Metadata);
            if (wrong.Count == 0)
            {
                return [];
            }

            nearest = nearest is null || wrong.Count < nearest.Count ? wrong : nearest;
        }

        return [new PactMismatch("message", FormattableString.Invariant($"none of {emitted.Count} is as expected; the nearest:")), .. nearest!];
    }
}
