using System.Collections;
using System.Globalization;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.Reflection;

namespace Trunkline.Server.Schemas.Protobuf.Reading;

/// <summary>
/// Gives the standard options of a file their meaning, as protoc does. Custom ones stay as they were written: nothing here depends on them.
/// </summary>
internal sealed class ProtoOptions
{
    private readonly List<SchemaFault> _faults = [];

    /// <summary>A copy of a file whose standard options are set, with what was wrong in them.</summary>
    public static (FileDescriptorProto File, IReadOnlyList<SchemaFault> Faults) Interpret(FileDescriptorProto file)
    {
        var copy = file.Clone();
        var options = new ProtoOptions();
        options.Apply("#", copy.Options, copy.Options?.UninterpretedOption);
        options.Fields("#", copy.Extension);
        options.Enums("#", copy.EnumType);
        options.Messages("#", copy.MessageType);
        foreach (var service in copy.Service)
        {
            options.Apply($"#/{service.Name}", service.Options, service.Options?.UninterpretedOption);
            foreach (var method in service.Method)
            {
                options.Apply($"#/{service.Name}/{method.Name}", method.Options, method.Options?.UninterpretedOption);
            }
        }

        return (copy, options._faults);
    }

    private void Messages(string at, IEnumerable<DescriptorProto> messages)
    {
        foreach (var message in messages)
        {
            var place = $"{at}/{message.Name}";
            Apply(place, message.Options, message.Options?.UninterpretedOption);
            Fields(place, message.Field);
            Fields(place, message.Extension);
            Enums(place, message.EnumType);
            foreach (var range in message.ExtensionRange)
            {
                Apply(place, range.Options, range.Options?.UninterpretedOption);
            }

            foreach (var oneof in message.OneofDecl)
            {
                Apply($"{place}/{oneof.Name}", oneof.Options, oneof.Options?.UninterpretedOption);
            }

            Messages(place, message.NestedType);
        }
    }

    private void Fields(string at, IEnumerable<FieldDescriptorProto> fields)
    {
        foreach (var field in fields)
        {
            Apply($"{at}/{field.Name}", field.Options, field.Options?.UninterpretedOption);
        }
    }

    private void Enums(string at, IEnumerable<EnumDescriptorProto> types)
    {
        foreach (var type in types)
        {
            Apply($"{at}/{type.Name}", type.Options, type.Options?.UninterpretedOption);
            foreach (var value in type.Value)
            {
                Apply($"{at}/{type.Name}/{value.Name}", value.Options, value.Options?.UninterpretedOption);
            }
        }
    }

    private void Apply(string at, IMessage? options, RepeatedField<UninterpretedOption>? written)
    {
        if (options is null || written is null)
        {
            return;
        }

        var left = new List<UninterpretedOption>();
        foreach (var option in written)
        {
            // A value in braces needs the type it is a value of; standard options do not ask for one.
            if (option.Name.Any(one => one.IsExtension) || option.HasAggregateValue)
            {
                left.Add(option);
            }
            else if (!Set(options, option))
            {
                _faults.Add(new SchemaFault(at, "option", at, $"there is no option '{string.Join('.', option.Name.Select(one => one.NamePart_))}' with such a value here"));
            }
        }

        written.Clear();
        written.Add(left);
    }

    private static bool Set(IMessage options, UninterpretedOption option)
    {
        foreach (var part in option.Name.SkipLast(1))
        {
            if (options.Descriptor.FindFieldByName(part.NamePart_) is not { FieldType: FieldType.Message, IsRepeated: false } outer)
            {
                return false;
            }

            var inner = (IMessage?)outer.Accessor.GetValue(options) ?? outer.MessageType.Parser.ParseFrom([]);
            outer.Accessor.SetValue(options, inner);
            options = inner;
        }

        if (options.Descriptor.FindFieldByName(option.Name[^1].NamePart_) is not { } field || Convert(field, option) is not { } value)
        {
            return false;
        }

        if (field.IsRepeated)
        {
            ((IList)field.Accessor.GetValue(options)).Add(value);
        }
        else
        {
            field.Accessor.SetValue(options, value);
        }

        return true;
    }

    private static object? Convert(FieldDescriptor field, UninterpretedOption option) => field.FieldType switch
    {
        FieldType.Bool => option.HasIdentifierValue && option.IdentifierValue is "true" or "false" ? option.IdentifierValue == "true" : null,
        FieldType.String => option.HasStringValue ? Encoding.UTF8.GetString(option.StringValue.Span) : null,
        FieldType.Enum => option.HasIdentifierValue && field.EnumType.FindValueByName(option.IdentifierValue) is { } value ? Enum.ToObject(field.EnumType.ClrType, value.Number) : null,
        FieldType.Int32 => int.TryParse(ProtoText.Value(option), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null,
        FieldType.UInt64 => option.HasPositiveIntValue ? option.PositiveIntValue : null,
        _ => null,
    };
}
