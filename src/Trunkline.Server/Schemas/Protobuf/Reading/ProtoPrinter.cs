using System.Globalization;
using System.Text;
using Google.Protobuf.Collections;
using Google.Protobuf.Reflection;
using Label = Google.Protobuf.Reflection.FieldDescriptorProto.Types.Label;
using Type = Google.Protobuf.Reflection.FieldDescriptorProto.Types.Type;

namespace Trunkline.Server.Schemas.Protobuf.Reading;

/// <summary>
/// Prints a file in the one form Confluent's registry keeps: no comments, messages before enums, two blanks a level. Normalised, what has no
/// order that matters is sorted as well; messages stay where they are, as their places are written before payloads.
/// </summary>
internal sealed partial class ProtoPrinter(FileDescriptorProto file, bool normalize)
{
    /// <summary>The text of a file.</summary>
    public static string Print(FileDescriptorProto file, bool normalize) => new ProtoPrinter(file, normalize).File();

    private string File()
    {
        var text = new StringBuilder();
        text.Append(file.HasEdition ? $"edition = \"{file.Edition.ToString().TrimStart('_').Replace("Edition", "", StringComparison.Ordinal)}\";\n" : file.HasSyntax ? $"syntax = \"{file.Syntax}\";\n" : "");
        text.Append(file.HasPackage ? $"package {file.Package};\n" : "");
        Section(text, Imports());
        Section(text, Options(file.Options, file.Options?.UninterpretedOption).Select(one => $"option {one};\n"));
        Section(text, [.. file.MessageType.Select(Message), .. file.EnumType.Select(EnumType)]);
        Section(text, Extensions(file.Extension, file.MessageType));
        Section(text, file.Service.Select(Service));
        return text.ToString();
    }

    private IEnumerable<string> Imports()
    {
        var all = file.Dependency.Select((name, i) => (Name: ProtoText.Escape(name), Kind: file.PublicDependency.Contains(i) ? "public " : file.WeakDependency.Contains(i) ? "weak " : ""));
        if (normalize)
        {
            all = all.Distinct().OrderBy(one => one.Name, StringComparer.Ordinal);
        }

        return all.OrderBy(one => one.Kind == "public ").Select(one => $"import {one.Kind}\"{one.Name}\";\n");
    }

    private static void Section(StringBuilder text, IEnumerable<string> parts, bool indented = false)
    {
        var first = true;
        foreach (var part in parts)
        {
            if (first)
            {
                text.Append('\n');
                first = false;
            }

            if (indented)
            {
                ProtoText.Indent(text, part);
            }
            else
            {
                text.Append(part);
            }
        }
    }

    private string Message(DescriptorProto message)
    {
        var text = new StringBuilder($"message {message.Name} {{");
        Members(text, message);
        return text.Append("}\n").ToString();
    }

    private void Members(StringBuilder text, DescriptorProto message)
    {
        var fields = Sorted(message.Field);
        bool InOneof(FieldDescriptorProto one) => one.HasOneofIndex && !one.Proto3Optional;
        var oneofs = message.OneofDecl.Select((oneof, i) => (Oneof: oneof, Fields: fields.Where(one => InOneof(one) && one.OneofIndex == i).ToList())).Where(one => one.Fields.Count > 0);
        Section(text, Reserved(message), indented: true);
        Section(text, Options(message.Options, message.Options?.UninterpretedOption).Select(one => $"option {one};\n"), indented: true);
        Section(text, fields.Where(one => !InOneof(one)).Select(one => Field(one, message.NestedType)), indented: true);
        Section(text, (normalize ? oneofs.OrderBy(one => one.Fields[0].Number) : oneofs).Select(one => Oneof(one.Oneof, one.Fields, message.NestedType)), indented: true);
        Section(text, message.ExtensionRange.Select(Extensions), indented: true);
        Section(
            text,
            [.. message.NestedType.Where(one => one.Options?.MapEntry != true && !IsGroup(one, message)).Select(Message), .. message.EnumType.Select(EnumType)],
            indented: true);
        Section(text, Extensions(message.Extension, message.NestedType), indented: true);
    }

    private static bool IsGroup(DescriptorProto type, DescriptorProto parent) =>
        parent.Field.Concat(parent.Extension).Any(one => one.Type == Type.Group && LastName(one.TypeName) == type.Name);

    private IEnumerable<FieldDescriptorProto> Sorted(IEnumerable<FieldDescriptorProto> fields) => normalize ? fields.OrderBy(one => one.Number).ToList() : fields;

    private IEnumerable<string> Reserved(DescriptorProto message)
    {
        var ranges = message.ReservedRange.Select(one => (one.Start, Text: Range(one.Start, one.End - 1)));
        var names = message.ReservedName.Select(ReservedName);
        return Reserved(normalize ? ranges.OrderBy(one => one.Start) : ranges, normalize ? names.Order(StringComparer.Ordinal) : names);
    }

    private IEnumerable<string> Reserved(IEnumerable<(int Start, string Text)> ranges, IEnumerable<string> names)
    {
        var (numbers, texts) = (ranges.Select(one => one.Text).ToList(), names.ToList());
        if (normalize)
        {
            return numbers.Concat(texts).Select(one => $"reserved {one};\n");
        }

        // Which of them stood in one line is not known any more; one line for numbers and one for names says the same.
        return new[] { numbers, texts }.Where(list => list.Count > 0).Select(list => $"reserved {string.Join(", ", list)};\n");
    }

    private string ReservedName(string name) => file.HasEdition ? name : $"\"{ProtoText.Escape(name)}\"";

    private static string Range(int start, int end) => start == end ? start.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{start} to {end}");

    private string Extensions(DescriptorProto.Types.ExtensionRange range)
    {
        var end = range.End - 1;
        var numbers = end == ProtoNames.FieldNumberMax && range.Start != end ? string.Create(CultureInfo.InvariantCulture, $"{range.Start} to max") : Range(range.Start, end);
        return $"extensions {numbers}{Bracket(Options(range.Options, range.Options?.UninterpretedOption))};\n";
    }

    private IEnumerable<string> Extensions(IEnumerable<FieldDescriptorProto> extensions, RepeatedField<DescriptorProto> types) => extensions
        .GroupBy(one => one.Extendee, StringComparer.Ordinal)
        .Select(group =>
        {
            var text = new StringBuilder($"extend {group.Key} {{");
            Section(text, group.Select(one => Field(one, types)), indented: true);
            return text.Append("}\n").ToString();
        });

    private string Oneof(OneofDescriptorProto oneof, IEnumerable<FieldDescriptorProto> fields, RepeatedField<DescriptorProto> types)
    {
        var text = new StringBuilder($"oneof {oneof.Name} {{");
        Section(text, Options(oneof.Options, oneof.Options?.UninterpretedOption).Select(one => $"option {one};\n"), indented: true);
        Section(text, fields.Select(one => Field(one, types)), indented: true);
        return text.Append("}\n").ToString();
    }

    private string Field(FieldDescriptorProto field, RepeatedField<DescriptorProto> types)
    {
        var entry = types.FirstOrDefault(one => one.Options?.MapEntry == true && one.Name == LastName(field.TypeName));
        var label = entry is not null ? "" : field.Label switch
        {
            Label.Repeated => "repeated ",
            Label.Required => "required ",
            _ => field.Proto3Optional || (!field.HasOneofIndex && file.Syntax is not ("proto3" or "editions")) ? "optional " : "",
        };
        var type = entry is not null ? $"map<{TypeOf(entry.Field[0])}, {TypeOf(entry.Field[1])}>" : TypeOf(field);
        if (field.Type == Type.Group)
        {
            var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"{label}group {LastName(field.TypeName)} = {field.Number}{Bracket(FieldOptions(field))} {{"));
            Members(text, types.First(one => one.Name == LastName(field.TypeName)));
            return text.Append("}\n").ToString();
        }

        return string.Create(CultureInfo.InvariantCulture, $"{label}{type} {field.Name} = {field.Number}{Bracket(FieldOptions(field))};\n");
    }

    private static string TypeOf(FieldDescriptorProto field) => field.HasTypeName ? field.TypeName : ProtoScalars.Names[field.Type];

    private static string LastName(string name) => name[(name.LastIndexOf('.') + 1)..];

    private List<string> FieldOptions(FieldDescriptorProto field)
    {
        var options = Options(field.Options, field.Options?.UninterpretedOption);
        if (field.HasDefaultValue)
        {
            options.Add("default = " + field.Type switch
            {
                Type.String => $"\"{ProtoText.Escape(Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(field.DefaultValue)))}\"",
                Type.Bytes => $"\"{field.DefaultValue}\"",
                _ => field.DefaultValue,
            });
        }

        if (field.HasJsonName && field.JsonName != ProtoNames.Json(field.Name))
        {
            options.Add($"json_name = \"{ProtoText.Escape(Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(field.JsonName)))}\"");
        }

        return normalize ? [.. options.Order(StringComparer.Ordinal)] : options;
    }

    private string EnumType(EnumDescriptorProto type)
    {
        var text = new StringBuilder($"enum {type.Name} {{");
        var ranges = type.ReservedRange.Select(one => (one.Start, Text: one.End == int.MaxValue && one.Start != one.End ? string.Create(CultureInfo.InvariantCulture, $"{one.Start} to max") : Range(one.Start, one.End)));
        var values = normalize ? type.Value.OrderBy(one => one.Number).ThenBy(one => one.Name, StringComparer.Ordinal) : type.Value.AsEnumerable();
        Section(
            text,
            [
                .. Reserved(normalize ? ranges.OrderBy(one => one.Start) : ranges, type.ReservedName.Select(ReservedName)),
                .. Options(type.Options, type.Options?.UninterpretedOption).Select(one => $"option {one};\n"),
                .. values.Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Name} = {one.Number}{Bracket(Options(one.Options, one.Options?.UninterpretedOption))};\n")),
            ],
            indented: true);
        return text.Append("}\n").ToString();
    }

    private string Service(ServiceDescriptorProto service)
    {
        var text = new StringBuilder($"service {service.Name} {{");
        Section(text, Options(service.Options, service.Options?.UninterpretedOption).Select(one => $"option {one};\n"), indented: true);
        Section(text, service.Method.Select(Method), indented: true);
        return text.Append("}\n").ToString();
    }

    private string Method(MethodDescriptorProto method)
    {
        var text = new StringBuilder($"rpc {method.Name} ({(method.ClientStreaming ? "stream " : "")}{method.InputType}) returns ({(method.ServerStreaming ? "stream " : "")}{method.OutputType})");
        var options = Options(method.Options, method.Options?.UninterpretedOption);
        if (options.Count > 0)
        {
            text.Append(" {\n");
            options.ForEach(one => ProtoText.Indent(text, $"option {one};"));
            text.Append('}');
        }

        return text.Append(";\n").ToString();
    }
}
