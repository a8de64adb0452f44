using System.Globalization;
using Google.Protobuf.Reflection;
using Label = Google.Protobuf.Reflection.FieldDescriptorProto.Types.Label;
using Type = Google.Protobuf.Reflection.FieldDescriptorProto.Types.Type;

namespace Trunkline.Server.Schemas.Protobuf.Reading;

/// <summary>What protoc refuses in a file beyond its syntax, and what does not need other files to be known.</summary>
internal sealed partial class ProtoChecks
{
    private readonly List<SchemaFault> _faults = [];
    private readonly bool _proto3;

    private ProtoChecks(FileDescriptorProto file) => _proto3 = file.Syntax == "proto3";

    /// <summary>Every fault of a file whose standard options are set.</summary>
    public static IReadOnlyList<SchemaFault> Check(FileDescriptorProto file)
    {
        var checks = new ProtoChecks(file);
        foreach (var name in file.Dependency.GroupBy(one => one, StringComparer.Ordinal).Where(one => one.Count() > 1))
        {
            checks.Fault("#", "import", $"'{name.Key}' is imported twice");
        }

        checks.Scope("#", file.MessageType, file.EnumType, file.Extension.Select(one => one.Name).Concat(file.Service.Select(one => one.Name)));
        checks.Extensions("#", file.Extension);
        return checks._faults;
    }

    private void Fault(string at, string keyword, string message) => _faults.Add(new SchemaFault(at, keyword, at, message));

    private void Scope(string at, IReadOnlyCollection<DescriptorProto> messages, IReadOnlyCollection<EnumDescriptorProto> enums, IEnumerable<string> others)
    {
        // The values of an enum are names of the scope around it, as in C++.
        var names = messages.Select(one => one.Name).Concat(enums.Select(one => one.Name)).Concat(enums.SelectMany(one => one.Value.Select(value => value.Name))).Concat(others);
        foreach (var name in names.GroupBy(one => one, StringComparer.Ordinal).Where(one => one.Count() > 1))
        {
            Fault(at, "name", $"the name '{name.Key}' stands for more than one thing; values of enums count in the scope around the enum");
        }

        foreach (var message in messages)
        {
            Message($"{at}/{message.Name}", message);
        }

        foreach (var type in enums)
        {
            Enum($"{at}/{type.Name}", type);
        }
    }

    private void Message(string at, DescriptorProto message)
    {
        Scope(at, message.NestedType, message.EnumType, message.Field.Select(one => one.Name).Concat(message.OneofDecl.Select(one => one.Name)).Concat(message.Extension.Select(one => one.Name)));
        Extensions(at, message.Extension);
        Ranges(at, message);
        foreach (var number in message.Field.GroupBy(one => one.Number).Where(one => one.Count() > 1))
        {
            Fault(at, "number", string.Create(CultureInfo.InvariantCulture, $"the number {number.Key} is given to {string.Join(" and ", number.Select(one => $"'{one.Name}'"))}"));
        }

        foreach (var name in message.Field.GroupBy(one => one.HasJsonName ? one.JsonName : ProtoNames.Json(one.Name), StringComparer.Ordinal).Where(one => one.Count() > 1 && (_proto3 || one.Any(field => field.HasJsonName))))
        {
            Fault(at, "json_name", $"{string.Join(" and ", name.Select(one => $"'{one.Name}'"))} have the name '{name.Key}' in JSON");
        }

        for (var i = 0; i < message.OneofDecl.Count; i++)
        {
            if (!message.Field.Any(one => one.HasOneofIndex && one.OneofIndex == i))
            {
                Fault(at, "oneof", $"the oneof '{message.OneofDecl[i].Name}' has no fields");
            }
        }

        foreach (var field in message.Field)
        {
            Field($"{at}/{field.Name}", field, message);
        }
    }

    private void Field(string at, FieldDescriptorProto field, DescriptorProto? message)
    {
        if (field.Number is < 1 or > ProtoNames.FieldNumberMax or (>= 19000 and <= 19999))
        {
            Fault(at, "number", string.Create(CultureInfo.InvariantCulture, $"{field.Number} is no number for a field: 1 to {ProtoNames.FieldNumberMax}, not 19000 to 19999"));
        }

        if (message?.ReservedName.Contains(field.Name) == true || message?.ReservedRange.Any(one => field.Number >= one.Start && field.Number < one.End) == true)
        {
            Fault(at, "reserved", "its name or number is reserved");
        }

        if (message?.ExtensionRange.Any(one => field.Number >= one.Start && field.Number < one.End) == true)
        {
            Fault(at, "number", "its number is in a range of extensions");
        }

        if (_proto3 && (field.Label == Label.Required || field.Type == Type.Group || field.HasDefaultValue))
        {
            Fault(at, "proto3", "proto3 has no required fields, groups and default values");
        }

        if (message?.NestedType.FirstOrDefault(one => one.Options?.MapEntry == true && field.TypeName.EndsWith(one.Name, StringComparison.Ordinal)) is { Field.Count: > 0 } entry
            && !IsMapKey(entry.Field[0]))
        {
            Fault(at, "map", "the key of a map is a whole number, a bool or a string");
        }
    }

    private static bool IsMapKey(FieldDescriptorProto key) =>
        key.HasType && key.Type is not (Type.Double or Type.Float or Type.Bytes or Type.Message or Type.Group or Type.Enum);

    private void Extensions(string at, IEnumerable<FieldDescriptorProto> extensions)
    {
        foreach (var extension in extensions)
        {
            var place = $"{at}/{extension.Name}";
            Field(place, extension, null);
            if (extension.Label == Label.Required)
            {
                Fault(place, "extend", "an extension cannot be required");
            }

            if (_proto3 && !IsOptions(extension.Extendee))
            {
                Fault(place, "extend", "proto3 extends nothing but the options of google/protobuf/descriptor.proto");
            }
        }
    }

    private static bool IsOptions(string extendee) => extendee.TrimStart('.').StartsWith("google.protobuf.", StringComparison.Ordinal) || extendee.EndsWith("Options", StringComparison.Ordinal);
}
