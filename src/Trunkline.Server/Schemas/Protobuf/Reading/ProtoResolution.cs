using Google.Protobuf.Reflection;
using Type = Google.Protobuf.Reflection.FieldDescriptorProto.Types.Type;

namespace Trunkline.Server.Schemas.Protobuf.Reading;

/// <summary>
/// Names the types of a file in full: a name is looked for in the message it stands in, then in those around it, then in the package and those
/// around that. Google's library for .NET looks only for the first part of a name and takes a field of that name for it.
/// </summary>
internal sealed class ProtoResolution
{
    private readonly IReadOnlyDictionary<string, bool> _types;
    private readonly List<SchemaFault> _faults = [];

    private ProtoResolution(IReadOnlyDictionary<string, bool> types) => _types = types;

    /// <summary>A copy of a file with full names, and what was not found.</summary>
    /// <param name="file">The file.</param>
    /// <param name="types">The full names of all types it may use, each with whether it is an enum.</param>
    public static (FileDescriptorProto File, IReadOnlyList<SchemaFault> Faults) Resolve(FileDescriptorProto file, IReadOnlyDictionary<string, bool> types)
    {
        var copy = file.Clone();
        var resolution = new ProtoResolution(types);
        resolution.Fields("#", file.Package, copy.Extension);
        resolution.Messages("#", file.Package, copy.MessageType);
        foreach (var service in copy.Service)
        {
            foreach (var method in service.Method)
            {
                method.InputType = resolution.Find($"#/{service.Name}/{method.Name}", file.Package, method.InputType, out _);
                method.OutputType = resolution.Find($"#/{service.Name}/{method.Name}", file.Package, method.OutputType, out _);
            }
        }

        return (copy, resolution._faults);
    }

    /// <summary>The full names of a file's own types, each with whether it is an enum.</summary>
    public static IEnumerable<KeyValuePair<string, bool>> TypesOf(FileDescriptorProto file) => TypesOf(file.Package, file.MessageType, file.EnumType);

    private static IEnumerable<KeyValuePair<string, bool>> TypesOf(string scope, IEnumerable<DescriptorProto> messages, IEnumerable<EnumDescriptorProto> enums) =>
        enums.Select(type => KeyValuePair.Create(Join(scope, type.Name), true))
            .Concat(messages.SelectMany(message => TypesOf(Join(scope, message.Name), message.NestedType, message.EnumType).Prepend(KeyValuePair.Create(Join(scope, message.Name), false))));

    private static string Join(string scope, string name) => scope.Length == 0 ? name : $"{scope}.{name}";

    private void Messages(string at, string scope, IEnumerable<DescriptorProto> messages)
    {
        foreach (var message in messages)
        {
            var (place, inside) = ($"{at}/{message.Name}", Join(scope, message.Name));
            Fields(place, inside, message.Field);
            Fields(place, inside, message.Extension);
            Messages(place, inside, message.NestedType);
        }
    }

    private void Fields(string at, string scope, IEnumerable<FieldDescriptorProto> fields)
    {
        foreach (var field in fields)
        {
            var place = $"{at}/{field.Name}";
            if (field.HasExtendee)
            {
                field.Extendee = Find(place, scope, field.Extendee, out _);
            }

            if (field.HasTypeName)
            {
                field.TypeName = Find(place, scope, field.TypeName, out var isEnum);
                field.Type = field.Type == Type.Group ? Type.Group : isEnum ? Type.Enum : Type.Message;
            }
        }
    }

    private string Find(string at, string scope, string name, out bool isEnum)
    {
        if (name.StartsWith('.'))
        {
            return _types.TryGetValue(name[1..], out isEnum) ? name : Missing(at, name);
        }

        for (var around = scope; ; around = around[..Math.Max(around.LastIndexOf('.'), 0)])
        {
            if (_types.TryGetValue(Join(around, name), out isEnum))
            {
                return "." + Join(around, name);
            }

            if (around.Length == 0)
            {
                return Missing(at, name);
            }
        }
    }

    private string Missing(string at, string name)
    {
        _faults.Add(new SchemaFault(at, "type", at, $"there is no type '{name}' in the file or in what it imports"));
        return name;
    }
}
