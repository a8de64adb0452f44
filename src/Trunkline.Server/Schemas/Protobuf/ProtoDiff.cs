using System.Globalization;
using Google.Protobuf.Reflection;

namespace Trunkline.Server.Schemas.Protobuf;

/// <summary>
/// Whether a file reads what another one wrote, after the published rules of Confluent's registry: fields are known by their numbers, so names
/// may change and fields may come and go, but what a number stands for stays. Stricter than these rules where they would let data be lost or
/// unreadable: fields of two oneofs that become one, an optional field that becomes required, enums that become lists.
/// </summary>
internal sealed class ProtoDiff
{
    private readonly List<Incompatibility> _faults = [];
    private readonly HashSet<(string Reader, string Writer)> _seen = [];

    /// <summary>What keeps the reader from reading what the writer wrote; empty if nothing does.</summary>
    public static IReadOnlyList<Incompatibility> Check(FileDescriptor reader, FileDescriptor writer)
    {
        var diff = new ProtoDiff();
        if (reader.Package != writer.Package)
        {
            diff.Fault("PACKAGE_CHANGED", "#/", $"the package is '{reader.Package}', and was '{writer.Package}'");
        }

        diff.Messages("#", reader.MessageTypes, writer.MessageTypes);
        return diff._faults;
    }

    private void Fault(string kind, string at, string message) => _faults.Add(new Incompatibility(kind, at, message));

    private void Messages(string at, IEnumerable<MessageDescriptor> reader, IEnumerable<MessageDescriptor> writer)
    {
        var now = reader.ToDictionary(one => one.Name, StringComparer.Ordinal);
        foreach (var before in writer.Where(one => !IsMapEntry(one)))
        {
            var place = $"{at}/{before.Name}";
            if (now.TryGetValue(before.Name, out var message) && !IsMapEntry(message))
            {
                Message(place, message, before);
            }
            else
            {
                Fault("MESSAGE_REMOVED", place, "the message is not there any more");
            }
        }
    }

    private static bool IsMapEntry(MessageDescriptor message) => message.IsMapEntry;

    private void Message(string at, MessageDescriptor reader, MessageDescriptor writer)
    {
        if (!_seen.Add((reader.FullName, writer.FullName)))
        {
            return;
        }

        Fields(at, reader, writer);
        Oneofs(at, reader, writer);
        Messages(at, reader.NestedTypes, writer.NestedTypes);
    }

    private void Fields(string at, MessageDescriptor reader, MessageDescriptor writer)
    {
        foreach (var field in reader.Fields.InFieldNumberOrder())
        {
            var place = Place(at, field);
            if (writer.FindFieldByNumber(field.FieldNumber) is { } before)
            {
                Field(place, field, before);
            }
            else if (field.IsRequired)
            {
                Fault("REQUIRED_FIELD_ADDED", place, $"the field '{field.Name}' is required, and what was written has none");
            }
        }

        foreach (var before in writer.Fields.InFieldNumberOrder())
        {
            var now = reader.FindFieldByNumber(before.FieldNumber);
            if (now is null && before.IsRequired)
            {
                Fault("REQUIRED_FIELD_REMOVED", Place(at, before), $"the field '{before.Name}' was required");
            }

            if (before.RealContainingOneof is { } oneof && reader.Oneofs.Any(one => one.Name == oneof.Name && !one.IsSynthetic) && now?.RealContainingOneof?.Name != oneof.Name)
            {
                Fault("ONEOF_FIELD_REMOVED", Place($"{at}/{oneof.Name}", before), $"the field '{before.Name}' has left the oneof '{oneof.Name}'");
            }
        }
    }

    private static string Place(string at, FieldDescriptor field) => string.Create(CultureInfo.InvariantCulture, $"{at}/{field.FieldNumber}");

    private void Oneofs(string at, MessageDescriptor reader, MessageDescriptor writer)
    {
        foreach (var oneof in reader.Oneofs.Where(one => !one.IsSynthetic))
        {
            // Only one field of a oneof survives reading, so no two of it may have been set together before.
            var before = oneof.Fields.Select(one => writer.FindFieldByNumber(one.FieldNumber)).OfType<FieldDescriptor>().ToList();
            var together = before.Select(one => one.RealContainingOneof?.Name ?? string.Create(CultureInfo.InvariantCulture, $"/{one.FieldNumber}")).Distinct(StringComparer.Ordinal).ToList();
            var existed = writer.Oneofs.Any(one => one.Name == oneof.Name && !one.IsSynthetic);
            if (existed ? together.Any(one => one != oneof.Name) : together.Count > 1)
            {
                Fault(
                    existed ? "FIELD_MOVED_TO_EXISTING_ONEOF" : "MULTIPLE_FIELDS_MOVED_TO_ONEOF",
                    $"{at}/{oneof.Name}",
                    $"{string.Join(" and ", before.Where(one => one.RealContainingOneof?.Name != oneof.Name).Select(one => $"'{one.Name}'"))} could be set beside other fields of the oneof");
            }
        }
    }

    private void Field(string at, FieldDescriptor reader, FieldDescriptor writer)
    {
        if (reader.IsRequired && !writer.IsRequired)
        {
            Fault("REQUIRED_FIELD_ADDED", at, $"the field '{reader.Name}' is required, and was not");
        }

        var (now, before) = (ProtoKinds.Of(reader), ProtoKinds.Of(writer));
        if (now == before)
        {
            SameKind(at, reader, writer, now);
        }
        else if (ProtoKinds.IsScalar(now) && ProtoKinds.IsScalar(before))
        {
            Fault("FIELD_SCALAR_KIND_CHANGED", at, $"'{reader.Name}' is a {Name(reader)}, and was a {Name(writer)}: they are written differently");
        }
        else
        {
            Fault("FIELD_KIND_CHANGED", at, $"'{reader.Name}' is a {Name(reader)}, and was a {Name(writer)}");
        }
    }

    private void SameKind(string at, FieldDescriptor reader, FieldDescriptor writer, ProtoKind kind)
    {
        if (kind == ProtoKind.Map)
        {
            foreach (var number in (int[])[1, 2])
            {
                Field(at, reader.MessageType.FindFieldByNumber(number), writer.MessageType.FindFieldByNumber(number));
            }

            return;
        }

        if (reader.IsRepeated != writer.IsRepeated && ProtoKinds.IsNumeric(kind))
        {
            Fault("FIELD_NUMERIC_LABEL_CHANGED", at, $"'{reader.Name}' is {(reader.IsRepeated ? "a list" : "no list")} of numbers now, and they are written differently");
        }

        if (kind is ProtoKind.Message or ProtoKind.Group)
        {
            NamedType(at, reader, writer);
        }
    }

    /// <summary>The same message, or one that moved between files and packages and is the same but for that.</summary>
    private void NamedType(string at, FieldDescriptor reader, FieldDescriptor writer)
    {
        var (now, before) = (reader.MessageType, writer.MessageType);
        var changed = LocalName(now) != LocalName(before);
        if (!changed && !(now.File == reader.File && before.File == writer.File))
        {
            var count = _faults.Count;
            Message($"#/{LocalName(now).Replace('.', '/')}", now, before);
            changed = _faults.Count > count;
        }

        if (changed)
        {
            Fault("FIELD_NAMED_TYPE_CHANGED", at, $"'{reader.Name}' is a {now.FullName}, and was a {before.FullName}");
        }
    }

    private static string LocalName(MessageDescriptor message) => message.File.Package.Length == 0 ? message.FullName : message.FullName[(message.File.Package.Length + 1)..];

    private static string Name(FieldDescriptor field) => field.IsMap ? "map" : field.FieldType is FieldType.Message or FieldType.Group ? $"message ({field.MessageType.FullName})" : field.FieldType.ToString().ToLowerInvariant();
}
