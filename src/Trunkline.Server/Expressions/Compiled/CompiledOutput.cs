using Trunkline.Messaging;

namespace Trunkline.Server.Expressions.Compiled;

/// <summary>Writes values of compiled expressions, to the same bytes as <see cref="JsonOutput"/>. Reused; not thread-safe.</summary>
internal sealed class CompiledOutput
{
    // Far below what the engine allows: there the bounds of size, depth and time are checked as they are promised.
    private const int BytesMax = 1024 * 1024;
    private const int DepthMax = 64;
    private readonly JsonBuffer _buffer = new();

    /// <summary>The value as JSON, in bytes of its own; null if that is for the engine.</summary>
    public byte[]? Write(in CompiledValue value, CompiledScope scope)
    {
        _buffer.Clear();
        return value.Kind != CompiledKind.Undefined && TryWrite(value, scope, 0) ? _buffer.ToArray() : null;
    }

    /// <summary>The value as a message's key; false if that is for the engine.</summary>
    public static bool TryKey(in CompiledValue value, CompiledScope scope, out MessageKey? key)
    {
        key = null;
        if (value.IsNullish)
        {
            return true;
        }

        if (value.IsContainer)
        {
            return false;
        }

        if (value is { Kind: CompiledKind.JsonText, IsEscaped: false })
        {
            key = new MessageKey(scope.MemoryOf(value));
            return true;
        }

        key = MessageKey.FromText(scope.TextOf(value));
        return !scope.GaveUp;
    }

    private bool TryWrite(in CompiledValue value, CompiledScope scope, int depth)
    {
        switch (value.Kind)
        {
            case CompiledKind.Members:
                return depth < DepthMax && TryWriteMembers(value.Members, scope, depth + 1);
            case CompiledKind.Number:
                return JsonNumbers.TryWrite(value.Number, _buffer);
            case CompiledKind.Text:
                JsonEscapes.Write(value.Text, _buffer);
                break;
            case CompiledKind.JsonText:
                JsonSlices.WriteText(scope.BytesOf(value), value.IsEscaped, _buffer);
                break;
            case CompiledKind.JsonNumber:
                JsonNumbers.Copy(scope.BytesOf(value), _buffer);
                break;
            case CompiledKind.JsonObject or CompiledKind.JsonArray:
                if (scope.IsPlain)
                {
                    _buffer.Add(scope.BytesOf(value));
                }
                else
                {
                    JsonSlices.Write(scope.Source, value, _buffer);
                }

                break;
            case CompiledKind.True or CompiledKind.False:
                _buffer.Add(value.Kind == CompiledKind.True ? "true"u8 : "false"u8);
                break;
            default:
                _buffer.Add("null"u8);
                break;
        }

        return _buffer.Count <= BytesMax;
    }

    private bool TryWriteMembers(MemberList members, CompiledScope scope, int depth)
    {
        var first = true;
        _buffer.Add((byte)'{');
        foreach (ref readonly var member in members.Members)
        {
            if (member.Value.Kind == CompiledKind.Undefined)
            {
                continue;
            }

            if (!first)
            {
                _buffer.Add((byte)',');
            }

            first = false;
            if (member.Name is { } name)
            {
                _buffer.Add(name.Written);
            }
            else
            {
                JsonSlices.WriteText(member.NameIn(scope.Source), escaped: false, _buffer);
                _buffer.Add((byte)':');
            }

            if (!TryWrite(member.Value, scope, depth))
            {
                return false;
            }
        }

        _buffer.Add((byte)'}');
        return true;
    }
}
