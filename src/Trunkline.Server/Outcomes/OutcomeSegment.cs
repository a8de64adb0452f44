using Trunkline.Messaging;
using Trunkline.Server.Effects;

namespace Trunkline.Server.Outcomes;

/// <summary>
/// The outcomes of a hand-over of one lane group: messages of one partition, in the order they were finished. What neighbours share
/// (revision, tenant, source, models, sinks) is written once, when it changes. One thread at a time; reused after <see cref="Clear"/>.
/// </summary>
internal sealed class OutcomeSegment
{
    private readonly OutcomeBytes _bytes = new();
    private readonly List<string> _models = [];
    private readonly List<int> _sinks = [];
    private OutcomeOrigin? _origin;
    private string _source = "";
    private byte[] _tenant = [];
    private int _tenantLength = -1;
    private long _offset;
    private long _appendedAt;

    public bool IsEmpty => _bytes.Length == 0;

    public ReadOnlySpan<byte> Bytes => _bytes.Span;

    public void Clear()
    {
        _bytes.Clear();
        _origin = null;
    }

    /// <summary>Adds what became of a message.</summary>
    public void Add(StoredMessage stored, OutcomeOrigin origin, in OutcomeNote note)
    {
        var message = stored.Message;
        var appendedAt = stored.AppendedAt.ToUnixTimeMilliseconds();
        if (IsEmpty)
        {
            (_offset, _appendedAt) = (stored.Position.Offset, appendedAt);
            _bytes.Number((ulong)stored.Position.Partition);
            _bytes.Number((ulong)_offset);
            _bytes.Signed(_appendedAt);
        }

        var key = message.Key is { } given && given.Bytes.Length <= OutcomeLayout.TextBytesMax ? given : (MessageKey?)null;
        var tenant = TenantOf(message.Headers);
        var source = message.Source.Length <= OutcomeLayout.TextBytesMax ? message.Source : "";
        var changed = !ReferenceEquals(origin, _origin) || !IsContext(source, tenant, note);
        _bytes.Byte((byte)((byte)note.State | (note.Degraded ? OutcomeLayout.Degraded : 0) | (note.Attempts != 1 ? OutcomeLayout.HasAttempts : 0)
            | (key is null ? 0 : OutcomeLayout.HasKey) | (changed ? OutcomeLayout.HasContext : 0) | (note.Cause is null ? 0 : OutcomeLayout.HasCause)));
        if (changed)
        {
            Remember(origin, source, tenant, note);
            WriteContext(origin);
        }

        var place = origin.Sink.Length == 0 ? stored.Position : SourcePlace.Of(message, stored.Position);
        _bytes.Signed(place.Offset - _offset);
        if (origin.Sink.Length > 0)
        {
            _bytes.Number((ulong)place.Partition);
        }

        _bytes.Signed(appendedAt - _appendedAt);
        (_offset, _appendedAt) = (place.Offset, appendedAt);
        _bytes.Bytes(message.IdUtf8.Span);
        WriteOptional(key, note);
    }

    private void WriteOptional(MessageKey? key, in OutcomeNote note)
    {
        if (key is { } bytes)
        {
            _bytes.Bytes(bytes.Bytes.Span);
        }

        if (note.Attempts != 1)
        {
            _bytes.Number((ulong)note.Attempts);
        }

        if (note.Cause is { } cause)
        {
            _bytes.Text(cause);
        }
    }

    private bool IsContext(string source, ReadOnlySpan<byte> tenant, in OutcomeNote note)
    {
        if (!string.Equals(source, _source, StringComparison.Ordinal) || tenant.Length != Math.Max(0, _tenantLength)
            || !tenant.SequenceEqual(_tenant.AsSpan(0, tenant.Length)) || note.Outputs.Count != _sinks.Count)
        {
            return false;
        }

        for (var i = 0; i < _sinks.Count; i++)
        {
            if (note.Outputs[i].Sink != _sinks[i])
            {
                return false;
            }
        }

        var models = 0;
        for (var i = 0; i < note.Effects.Count; i++)
        {
            if (note.Effects[i].Kind == EffectKind.Model && (models == _models.Count || note.Effects[i].Name != _models[models++]))
            {
                return false;
            }
        }

        return models == _models.Count;
    }

    private void Remember(OutcomeOrigin origin, string source, ReadOnlySpan<byte> tenant, in OutcomeNote note)
    {
        (_origin, _source, _tenantLength) = (origin, source, tenant.Length);
        if (_tenant.Length < tenant.Length)
        {
            _tenant = new byte[tenant.Length];
        }

        tenant.CopyTo(_tenant);
        _sinks.Clear();
        for (var i = 0; i < note.Outputs.Count; i++)
        {
            _sinks.Add(note.Outputs[i].Sink);
        }

        _models.Clear();
        for (var i = 0; i < note.Effects.Count; i++)
        {
            if (note.Effects[i].Kind == EffectKind.Model)
            {
                _models.Add(note.Effects[i].Name);
            }
        }
    }

    private void WriteContext(OutcomeOrigin origin)
    {
        _bytes.Text(origin.Sink);
        _bytes.Number((ulong)origin.Revision);
        _bytes.Number((ulong)origin.Within.TotalMilliseconds);
        _bytes.Text(_source);
        _bytes.Bytes(_tenant.AsSpan(0, _tenantLength));
        _bytes.Number((ulong)_models.Count);
        foreach (var model in _models)
        {
            _bytes.Text(model);
        }

        _bytes.Number((ulong)_sinks.Count);
        foreach (var sink in _sinks)
        {
            _bytes.Text(origin.Sinks[sink].Name);
            _bytes.Byte(origin.Sinks[sink].Outbox ? (byte)1 : (byte)0);
        }
    }

    private static ReadOnlySpan<byte> TenantOf(Headers headers)
    {
        for (var i = 0; i < headers.Count; i++)
        {
            if (headers[i].Name == HeaderNames.Tenant && headers[i].Value.Length <= OutcomeLayout.TextBytesMax)
            {
                return headers[i].Value.Span;
            }
        }

        return [];
    }
}
