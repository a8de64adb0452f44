using System.Security.Cryptography;
using System.Text;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Configuration;
using Trunkline.Server.State;

namespace Trunkline.Server.Steps;

/// <summary>
/// The remembered answer of one question: of the same message or key, the same model in the same version, and the same input. Nothing
/// is remembered where no state is kept, as in a comparison: there the effect port answers.
/// </summary>
internal sealed class ModelMemo
{
    private readonly MemoStore _store;
    private readonly MemoConfig _config;
    private readonly byte[] _key;
    private readonly bool _fresh;

    private ModelMemo(MemoStore store, MemoConfig config, byte[] key, bool fresh) => (_store, _config, _key, _fresh) = (store, config, key, fresh);

    /// <summary>The memo of a question; null if there is none.</summary>
    public static ModelMemo? Of(MemoConfig? config, PipelineInput input, string model, ReadOnlySpan<byte> question)
    {
        if (config is null || input.States?.Memo is not { } store)
        {
            return null;
        }

        var message = input.Stored.Message;
        var scope = config.PerKey && message.Key is { } key
            ? StableId.Of("key", Convert.ToHexStringLower(key.Bytes.Span))
            : StableId.Of("message", message.Source, message.Id.Value);
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(StableId.Of(scope, model, Convert.ToHexStringLower(SHA256.HashData(question)))));
        return new ModelMemo(store, config, hash, message.Headers.Text(HeaderNames.Fresh) is not null);
    }

    /// <summary>The answer remembered; null if there is none, or a fresh one is asked for.</summary>
    public ValueTask<ReadOnlyMemory<byte>?> FindAsync(CancellationToken cancellationToken) => _fresh ? default : _store.FindAsync(_key, cancellationToken);

    /// <summary>Remembers the answer before it is used.</summary>
    /// <exception cref="BrokerException">It could not be stored.</exception>
    public ValueTask RememberAsync(ReadOnlyMemory<byte> answer, CancellationToken cancellationToken) =>
        _store.RememberAsync(_key, answer, _config.Keep, cancellationToken);
}
