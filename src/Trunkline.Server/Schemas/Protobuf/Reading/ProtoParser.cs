using Google.Protobuf.Collections;
using Google.Protobuf.Reflection;
using Kind = Trunkline.Server.Schemas.Protobuf.Reading.ProtoTokenKind;

namespace Trunkline.Server.Schemas.Protobuf.Reading;

/// <summary>
/// Reads .proto text into Protobuf's own description of a file, as protoc does before it looks anything up: names of types and options
/// stay as they were written, so that the file can be printed again.
/// </summary>
internal sealed partial class ProtoParser
{
    /// <summary>Levels messages, groups and values of options may be nested.</summary>
    public const int DepthMax = 50;

    private readonly FileDescriptorProto _file = new();
    private readonly ProtoTokens _tokens;
    private readonly ProtoOptionParser _options;
    private int _depth;

    private ProtoParser(string text)
    {
        _tokens = new ProtoTokens(text);
        _options = new ProtoOptionParser(_tokens);
    }

    private bool IsProto3 => _file.Syntax == "proto3";

    private bool IsEdition => _file.HasEdition;

    /// <summary>Reads a file.</summary>
    /// <exception cref="ProtoSyntaxException">It is none.</exception>
    public static FileDescriptorProto Parse(string text)
    {
        var parser = new ProtoParser(text);
        parser.File();
        return parser._file;
    }

    private void File()
    {
        Syntax();
        while (_tokens.Current.Kind != Kind.End)
        {
            if (!_tokens.TryTake(';'))
            {
                Statement();
            }
        }
    }

    private void Syntax()
    {
        if (_tokens.TryTake("edition"))
        {
            _tokens.Expect('=');
            _file.Syntax = "editions";
            _file.Edition = Enum.TryParse<Edition>("_" + _tokens.Current.Text, out var edition) && _tokens.Current.Kind == Kind.Quoted
                ? edition
                : throw _tokens.Fault("the edition is not known, such as \"2023\"");
            _tokens.Take();
            _tokens.Expect(';');
        }
        else if (_tokens.TryTake("syntax"))
        {
            _tokens.Expect('=');
            _file.Syntax = _tokens.Current is { Kind: Kind.Quoted, Text: "proto2" or "proto3" } ? _tokens.Take().Text : throw _tokens.Fault("the syntax is \"proto2\" or \"proto3\"");
            _tokens.Expect(';');
        }
    }

    private void Statement()
    {
        if (_tokens.TryTake("package"))
        {
            if (_file.HasPackage)
            {
                throw _tokens.Fault("a file has one package");
            }

            _file.Package = DottedName();
            _tokens.Expect(';');
        }
        else if (_tokens.TryTake("import"))
        {
            Import();
        }
        else if (_tokens.TryTake("option"))
        {
            (_file.Options ??= new()).UninterpretedOption.Add(_options.Statement());
        }
        else if (_tokens.TryTake("message"))
        {
            _file.MessageType.Add(Message());
        }
        else if (_tokens.TryTake("enum"))
        {
            _file.EnumType.Add(EnumType());
        }
        else if (_tokens.TryTake("extend"))
        {
            Extend(_file.Extension, _file.MessageType);
        }
        else if (_tokens.TryTake("service"))
        {
            _file.Service.Add(Service());
        }
        else
        {
            throw _tokens.Fault("package, import, option, message, enum, extend or service is expected");
        }
    }

    private void Import()
    {
        var (open, weak) = (_tokens.TryTake("public"), _tokens.TryTake("weak"));
        var name = _tokens.Expect(Kind.Quoted, "the file to import, in quotes,");
        _tokens.Expect(';');
        if (open)
        {
            _file.PublicDependency.Add(_file.Dependency.Count);
        }

        if (weak)
        {
            _file.WeakDependency.Add(_file.Dependency.Count);
        }

        _file.Dependency.Add(name);
    }

    private ServiceDescriptorProto Service()
    {
        var service = new ServiceDescriptorProto { Name = Name() };
        _tokens.Expect('{');
        while (!_tokens.TryTake('}'))
        {
            if (_tokens.TryTake("option"))
            {
                (service.Options ??= new()).UninterpretedOption.Add(_options.Statement());
            }
            else if (_tokens.TryTake("rpc"))
            {
                service.Method.Add(Method());
            }
            else if (!_tokens.TryTake(';'))
            {
                throw _tokens.Fault("rpc, option or '}' is expected");
            }
        }

        return service;
    }

    private MethodDescriptorProto Method()
    {
        var method = new MethodDescriptorProto { Name = Name() };
        (method.InputType, var streamsIn) = MethodType();
        if (!_tokens.TryTake("returns"))
        {
            throw _tokens.Fault("returns is expected");
        }

        (method.OutputType, var streamsOut) = MethodType();
        if (streamsIn)
        {
            method.ClientStreaming = true;
        }

        if (streamsOut)
        {
            method.ServerStreaming = true;
        }

        if (_tokens.TryTake('{'))
        {
            while (!_tokens.TryTake('}'))
            {
                if (_tokens.TryTake("option"))
                {
                    (method.Options ??= new()).UninterpretedOption.Add(_options.Statement());
                }
                else
                {
                    _tokens.Expect(';');
                }
            }
        }
        else
        {
            _tokens.Expect(';');
        }

        return method;
    }

    private (string Type, bool Streams) MethodType()
    {
        _tokens.Expect('(');
        var streams = _tokens.TryTake("stream");
        var type = streams && _tokens.Current.Is(')') ? "stream" : TypeName();
        _tokens.Expect(')');
        return (type, streams && type != "stream");
    }

    private EnumDescriptorProto EnumType()
    {
        var type = new EnumDescriptorProto { Name = Name() };
        _tokens.Expect('{');
        while (!_tokens.TryTake('}'))
        {
            if (_tokens.TryTake("option"))
            {
                (type.Options ??= new()).UninterpretedOption.Add(_options.Statement());
            }
            else if (_tokens.Current.Is("reserved"))
            {
                Reserved(type);
            }
            else if (!_tokens.TryTake(';'))
            {
                type.Value.Add(EnumValue());
            }
        }

        return type;
    }

    private EnumValueDescriptorProto EnumValue()
    {
        var value = new EnumValueDescriptorProto { Name = Name() };
        _tokens.Expect('=');
        value.Number = SignedNumber();
        if (_tokens.TryTake('['))
        {
            (value.Options ??= new()).UninterpretedOption.Add(_options.List());
        }

        _tokens.Expect(';');
        return value;
    }

    private void Reserved(EnumDescriptorProto type)
    {
        _tokens.Take();
        if (ReservedNames(type.ReservedName))
        {
            return;
        }

        do
        {
            var start = SignedNumber();
            var end = !_tokens.TryTake("to") ? start : _tokens.TryTake("max") ? int.MaxValue : SignedNumber();
            type.ReservedRange.Add(new EnumDescriptorProto.Types.EnumReservedRange { Start = start, End = end });
        }
        while (_tokens.TryTake(','));
        _tokens.Expect(';');
    }

    /// <summary>Reads reserved names with their end, if names come next.</summary>
    private bool ReservedNames(RepeatedField<string> names)
    {
        if (_tokens.Current.Kind is not (Kind.Quoted or Kind.Word))
        {
            return false;
        }

        do
        {
            names.Add(_tokens.Current.Kind is Kind.Quoted or Kind.Word ? _tokens.Take().Text : throw _tokens.Fault("a reserved name is expected"));
        }
        while (_tokens.TryTake(','));
        _tokens.Expect(';');
        return true;
    }

    private string Name() => _tokens.Expect(Kind.Word, "a name");

    private string DottedName()
    {
        var name = Name();
        while (_tokens.TryTake('.'))
        {
            name += "." + Name();
        }

        return name;
    }

    private string TypeName() => _tokens.TryTake('.') ? "." + DottedName() : DottedName();

    private int Number()
    {
        var token = _tokens.Current;
        return token.Kind == Kind.Integer && ProtoNumbers.TryInteger(token.Text, out var number) && number <= int.MaxValue && _tokens.Take().Kind == Kind.Integer
            ? (int)number
            : throw _tokens.Fault("a whole number of 32 bits is expected");
    }

    private int SignedNumber()
    {
        if (!_tokens.TryTake('-'))
        {
            return Number();
        }

        // The smallest number has no positive counterpart.
        var token = _tokens.Current;
        return token.Kind == Kind.Integer && ProtoNumbers.TryInteger(token.Text, out var number) && number <= 1UL << 31 && _tokens.Take().Kind == Kind.Integer
            ? (int)-(long)number
            : throw _tokens.Fault("a whole number of 32 bits is expected");
    }
}
