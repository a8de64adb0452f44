using System.Globalization;
using System.Text;
using Jint.Native;
using Trunkline.Messaging;

namespace Trunkline.Server.Expressions.Compiled;

/// <summary>
/// What compiled expressions see of one message, and the objects they make of it. Nothing they do has an effect, so at anything
/// that is not plain they <see cref="GiveUp"/>, and the engine evaluates the same expression. Reused; not thread-safe.
/// </summary>
internal sealed class CompiledScope
{
    /// <summary>UTF-16 units of a made text; a longer one is for the engine, which counts what it costs.</summary>
    public const int TextCharsMax = 64 * 1024;

    private readonly BodyReader _reader = new();
    private readonly List<MemberList> _lists = [];
    private int _listsUsed;
    private ReadOnlyMemory<byte> _source;
    private DateTimeOffset _now;
    private string? _time;

    /// <summary>The value of <c>message</c>.</summary>
    public CompiledValue Body { get; private set; }

    /// <summary>What <c>meta</c> tells about.</summary>
    public Message Message { get; private set; } = null!;

    /// <summary>1 for the first try.</summary>
    public int Attempt { get; private set; }

    /// <summary>The bytes slices refer to.</summary>
    public ReadOnlySpan<byte> Source => _source.Span;

    /// <summary>True if containers of the message may be copied as they are.</summary>
    public bool IsPlain => _reader.IsPlain;

    /// <summary>True once something was met that is for the engine.</summary>
    public bool GaveUp { get; private set; }

    /// <summary><c>meta.time</c>.</summary>
    public string Time => _time ??= _now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Begins a message.</summary>
    public void Begin(Message message, DateTimeOffset now, int attempt)
    {
        (Message, _now, Attempt, _time) = (message, now, attempt, null);
    }

    /// <summary>Reads a body; false if it is for the engine.</summary>
    public bool TryRead(ReadOnlyMemory<byte> utf8)
    {
        for (var i = 0; i < _listsUsed; i++)
        {
            _lists[i].Clear();
        }

        _listsUsed = 0;
        _source = utf8;
        if (!_reader.TryRead(utf8.Span, NewList(), out var body))
        {
            return false;
        }

        Body = body;
        return true;
    }

    /// <summary>Puts another body in place of the one there is.</summary>
    public void Replace(in CompiledValue body) => Body = body;

    /// <summary>Sets a member of the body to JSON from elsewhere; false if that is for the engine.</summary>
    public bool TrySet(string name, ReadOnlySpan<byte> json)
    {
        if (Body.Kind != CompiledKind.Members || MemberName.Of(name) is not { } member || !_reader.TryReadMore(json, _source.Length, out var value))
        {
            return false;
        }

        // Slices made so far stay right: what is new comes behind them.
        var source = new byte[_source.Length + json.Length];
        _source.CopyTo(source);
        json.CopyTo(source.AsSpan(_source.Length));
        _source = source;
        var members = NewList();
        members.SetAll(Body.Members, source);
        members.Set(new Member(member, 0, 0, member.Hash, value), source);
        Body = CompiledValue.Of(members);
        return true;
    }

    /// <summary>Evaluates; false if the engine has to.</summary>
    public bool TryEvaluate(CompiledNode node, out CompiledValue value)
    {
        GaveUp = false;
        value = node.Evaluate(this);
        return !GaveUp;
    }

    /// <summary>The engine has to evaluate; what is returned counts for nothing.</summary>
    public CompiledValue GiveUp()
    {
        GaveUp = true;
        return default;
    }

    /// <summary>An empty list, until the next body is read.</summary>
    public MemberList NewList()
    {
        if (_listsUsed == _lists.Count)
        {
            _lists.Add(new MemberList());
        }

        return _lists[_listsUsed++];
    }

    /// <summary>The bytes of a slice.</summary>
    public ReadOnlySpan<byte> BytesOf(in CompiledValue slice) => Source.Slice(slice.Start, slice.Length);

    /// <summary>The bytes of a slice, to keep.</summary>
    public ReadOnlyMemory<byte> MemoryOf(in CompiledValue slice) => _source.Slice(slice.Start, slice.Length);

    /// <summary>A number as a number, anything else as it is. An integer past 2^53 is for the engine.</summary>
    public CompiledValue Resolve(in CompiledValue value)
    {
        if (value.Kind != CompiledKind.JsonNumber)
        {
            return value;
        }

        return JsonNumbers.TryRead(BytesOf(value), out var number) ? CompiledValue.Of(number) : GiveUp();
    }

    /// <summary>ToBoolean.</summary>
    public bool IsTrue(in CompiledValue value)
    {
        switch (value.Kind)
        {
            case CompiledKind.JsonNumber:
                return IsTrue(Resolve(value));
            case CompiledKind.Number:
                return value.Number != 0 && !double.IsNaN(value.Number);
            case CompiledKind.Text:
                return value.Text.Length > 0;
            case CompiledKind.JsonText:
                return value.Length > 0;
            default:
                return value.Kind == CompiledKind.True || value.IsContainer;
        }
    }

    /// <summary>ToNumber of what is neither text nor container.</summary>
    public double NumberOf(in CompiledValue value)
    {
        var resolved = Resolve(value);
        switch (resolved.Kind)
        {
            case CompiledKind.Number:
                return resolved.Number;
            case CompiledKind.Null or CompiledKind.False:
                return 0;
            case CompiledKind.True:
                return 1;
            case CompiledKind.Undefined:
                return double.NaN;
            default:
                GiveUp();
                return 0;
        }
    }

    /// <summary>ToString of what is no container.</summary>
    public string TextOf(in CompiledValue value)
    {
        var resolved = Resolve(value);
        switch (resolved.Kind)
        {
            case CompiledKind.Text:
                return resolved.Text;
            case CompiledKind.JsonText:
                return resolved.IsEscaped ? JsonEscapes.Unescape(BytesOf(resolved)) : Encoding.UTF8.GetString(BytesOf(resolved));
            case CompiledKind.Number:
                return JsNumber.Create(resolved.Number).ToString();
            case CompiledKind.Undefined:
                return "undefined";
            case CompiledKind.Null:
                return "null";
            case CompiledKind.True or CompiledKind.False:
                return resolved.Kind == CompiledKind.True ? "true" : "false";
            default:
                GiveUp();
                return "";
        }
    }

    /// <summary>A made text, within <see cref="TextCharsMax"/>.</summary>
    public CompiledValue Made(string text) => text.Length <= TextCharsMax ? CompiledValue.Of(text) : GiveUp();
}
