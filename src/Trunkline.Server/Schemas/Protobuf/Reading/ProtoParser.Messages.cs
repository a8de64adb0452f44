using System.Collections.Frozen;
using Google.Protobuf.Collections;
using Google.Protobuf.Reflection;
using Label = Google.Protobuf.Reflection.FieldDescriptorProto.Types.Label;
using Type = Google.Protobuf.Reflection.FieldDescriptorProto.Types.Type;

namespace Trunkline.Server.Schemas.Protobuf.Reading;

/// <content>Messages and their fields.</content>
internal sealed partial class ProtoParser
{
    private static readonly FrozenDictionary<string, Type> s_scalars = ProtoScalars.Names.ToFrozenDictionary(pair => pair.Value, pair => pair.Key, StringComparer.Ordinal);

    private DescriptorProto Message()
    {
        var message = new DescriptorProto { Name = Name() };
        Body(message);
        return message;
    }

    private void Body(DescriptorProto message)
    {
        if (++_depth > DepthMax)
        {
            throw _tokens.Fault(FormattableString.Invariant($"messages are nested deeper than {DepthMax} levels"));
        }

        _tokens.Expect('{');
        while (!_tokens.TryTake('}'))
        {
            if (!_tokens.TryTake(';'))
            {
                Member(message);
            }
        }

        foreach (var field in message.Field.Where(one => one.Proto3Optional))
        {
            // As protoc does: presence of such a field is kept by a oneof of its own.
            field.OneofIndex = message.OneofDecl.Count;
            message.OneofDecl.Add(new OneofDescriptorProto { Name = Unused(message, "_" + field.Name) });
        }

        _depth--;
    }

    private void Member(DescriptorProto message)
    {
        if (_tokens.TryTake("message"))
        {
            message.NestedType.Add(Message());
        }
        else if (_tokens.TryTake("enum"))
        {
            message.EnumType.Add(EnumType());
        }
        else if (_tokens.TryTake("oneof"))
        {
            Oneof(message);
        }
        else if (_tokens.TryTake("extend"))
        {
            Extend(message.Extension, message.NestedType);
        }
        else if (_tokens.TryTake("option"))
        {
            (message.Options ??= new()).UninterpretedOption.Add(_options.Statement());
        }
        else if (_tokens.Current.Is("reserved"))
        {
            Reserved(message);
        }
        else if (_tokens.TryTake("extensions"))
        {
            Extensions(message);
        }
        else
        {
            message.Field.Add(Field(message.NestedType, LabelOf()));
        }
    }

    private static string Unused(DescriptorProto message, string name)
    {
        while (message.Field.Any(one => one.Name == name) || message.OneofDecl.Any(one => one.Name == name))
        {
            name = "X" + name;
        }

        return name;
    }

    private Label? LabelOf()
    {
        var label = _tokens.TryTake("optional") ? Label.Optional : _tokens.TryTake("required") ? Label.Required : _tokens.TryTake("repeated") ? Label.Repeated : (Label?)null;
        return (label, IsEdition) is (Label.Optional or Label.Required, true)
            ? throw _tokens.Fault("editions have no labels but repeated; the feature field_presence takes their place")
            : label;
    }

    private FieldDescriptorProto Field(RepeatedField<DescriptorProto> types, Label? label, bool inOneof = false)
    {
        var map = label is null && _tokens.Current.Is("map");
        var first = TypeName();
        if (map && first == "map" && _tokens.TryTake('<'))
        {
            return inOneof ? throw _tokens.Fault("a oneof has no maps") : Map(types);
        }

        if (label is null && !inOneof && _file.Syntax is not ("proto3" or "editions"))
        {
            throw _tokens.Fault("optional, required or repeated is expected before a field of proto2");
        }

        var field = new FieldDescriptorProto { Label = label ?? Label.Optional };
        if (label == Label.Optional && IsProto3 && !inOneof)
        {
            field.Proto3Optional = true;
        }

        if (first == "group")
        {
            return Group(types, field);
        }

        SetType(field, first);
        field.Name = Name();
        _tokens.Expect('=');
        field.Number = Number();
        FieldOptions(field);
        _tokens.Expect(';');
        return field;
    }

    private static void SetType(FieldDescriptorProto field, string name)
    {
        if (s_scalars.TryGetValue(name, out var scalar))
        {
            field.Type = scalar;
        }
        else
        {
            field.TypeName = name;
        }
    }

    private FieldDescriptorProto Group(RepeatedField<DescriptorProto> types, FieldDescriptorProto field)
    {
        var name = Name();
        if (!char.IsAsciiLetterUpper(name[0]))
        {
            throw _tokens.Fault("the name of a group begins with a capital letter");
        }

        _tokens.Expect('=');
        (field.Name, field.Type, field.TypeName, field.Number) = (name.ToLowerInvariant(), Type.Group, name, Number());
        FieldOptions(field);
        var message = new DescriptorProto { Name = name };
        Body(message);
        types.Add(message);
        return field;
    }

    private FieldDescriptorProto Map(RepeatedField<DescriptorProto> types)
    {
        var key = new FieldDescriptorProto { Name = "key", Number = 1, Label = Label.Optional };
        SetType(key, TypeName());
        _tokens.Expect(',');
        var value = new FieldDescriptorProto { Name = "value", Number = 2, Label = Label.Optional };
        SetType(value, TypeName());
        _tokens.Expect('>');
        var field = new FieldDescriptorProto { Name = Name(), Label = Label.Repeated };
        field.TypeName = ProtoNames.MapEntry(field.Name);
        _tokens.Expect('=');
        field.Number = Number();
        FieldOptions(field);
        _tokens.Expect(';');
        types.Add(new DescriptorProto { Name = field.TypeName, Field = { key, value }, Options = new() { MapEntry = true } });
        return field;
    }

    private void FieldOptions(FieldDescriptorProto field)
    {
        if (!_tokens.TryTake('['))
        {
            return;
        }

        foreach (var option in _options.List())
        {
            if (option.Name is [{ IsExtension: false, NamePart_: "default" }])
            {
                field.DefaultValue = field.Type == Type.Bytes ? ProtoText.Escape(ProtoText.Value(option)) : ProtoText.Value(option);
            }
            else if (option.Name is [{ IsExtension: false, NamePart_: "json_name" }])
            {
                field.JsonName = ProtoText.Value(option);
            }
            else
            {
                (field.Options ??= new()).UninterpretedOption.Add(option);
            }
        }
    }

    private void Oneof(DescriptorProto message)
    {
        var oneof = new OneofDescriptorProto { Name = Name() };
        var index = message.OneofDecl.Count;
        message.OneofDecl.Add(oneof);
        _tokens.Expect('{');
        while (!_tokens.TryTake('}'))
        {
            if (_tokens.TryTake("option"))
            {
                (oneof.Options ??= new()).UninterpretedOption.Add(_options.Statement());
            }
            else if (!_tokens.TryTake(';'))
            {
                var field = LabelOf() is null ? Field(message.NestedType, null, inOneof: true) : throw _tokens.Fault("a field of a oneof has no label");
                field.OneofIndex = index;
                message.Field.Add(field);
            }
        }
    }

    private void Extend(RepeatedField<FieldDescriptorProto> extensions, RepeatedField<DescriptorProto> types)
    {
        var extendee = TypeName();
        _tokens.Expect('{');
        while (!_tokens.TryTake('}'))
        {
            if (!_tokens.TryTake(';'))
            {
                var field = Field(types, LabelOf());
                field.Extendee = extendee;
                extensions.Add(field);
            }
        }
    }

    private void Reserved(DescriptorProto message)
    {
        _tokens.Take();
        if (ReservedNames(message.ReservedName))
        {
            return;
        }

        do
        {
            var (start, end) = Range();
            message.ReservedRange.Add(new DescriptorProto.Types.ReservedRange { Start = start, End = end });
        }
        while (_tokens.TryTake(','));
        _tokens.Expect(';');
    }

    private void Extensions(DescriptorProto message)
    {
        var first = message.ExtensionRange.Count;
        do
        {
            var (start, end) = Range();
            message.ExtensionRange.Add(new DescriptorProto.Types.ExtensionRange { Start = start, End = end });
        }
        while (_tokens.TryTake(','));
        if (_tokens.TryTake('['))
        {
            var options = _options.List();
            foreach (var range in message.ExtensionRange.Skip(first))
            {
                (range.Options ??= new()).UninterpretedOption.Add(options);
            }
        }

        _tokens.Expect(';');
    }

    /// <summary>A range of field numbers; its end is the first number after it.</summary>
    private (int Start, int End) Range()
    {
        var start = Number();
        var end = !_tokens.TryTake("to") ? start : _tokens.TryTake("max") ? ProtoNames.FieldNumberMax : Number();
        return end is >= 0 and < int.MaxValue ? (start, end + 1) : throw _tokens.Fault("the range ends beyond the highest field number");
    }
}
