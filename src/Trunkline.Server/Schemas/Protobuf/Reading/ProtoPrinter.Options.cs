using System.Collections;
using System.Globalization;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.Reflection;

namespace Trunkline.Server.Schemas.Protobuf.Reading;

/// <content>Options, those as they were written and those of a compiled file.</content>
internal sealed partial class ProtoPrinter
{
    private static string Bracket(List<string> options) => options.Count switch
    {
        0 => "",
        1 => $" [{options[0]}]",
        _ => $" [\n{ProtoText.Block(options)}]",
    };

    private List<string> Options(IMessage? options, RepeatedField<UninterpretedOption>? written)
    {
        var texts = (written ?? []).Select(one => (Name: Name(one), Value: Value(one)))
            .Concat(options is null ? [] : Compiled(options, ""))
            .Where(one => one.Name != "map_entry");
        return [.. (normalize ? texts.OrderBy(one => one.Name, StringComparer.Ordinal) : texts).Select(one => $"{one.Name} = {one.Value}")];
    }

    private static string Name(UninterpretedOption option) => string.Join('.', option.Name.Select(one => one.IsExtension ? $"({one.NamePart_})" : one.NamePart_));

    private static string Value(UninterpretedOption option) =>
        option.HasStringValue ? $"\"{ProtoText.Escape(Encoding.Latin1.GetString(option.StringValue.Span))}\""
        : option.HasAggregateValue ? $"{{\n{option.AggregateValue}}}"
        : ProtoText.Value(option);

    /// <summary>Options of a file that a compiler has read: the standard ones. What it made of custom ones is bytes without names.</summary>
    private static IEnumerable<(string Name, string Value)> Compiled(IMessage options, string prefix)
    {
        foreach (var field in options.Descriptor.Fields.InFieldNumberOrder().Where(one => one.Name != "uninterpreted_option"))
        {
            var value = field.Accessor.GetValue(options);
            if (field.IsRepeated)
            {
                foreach (var item in (IEnumerable)value)
                {
                    if (item is not IMessage)
                    {
                        yield return (prefix + field.Name, Scalar(field, item));
                    }
                }
            }
            else if (field.Accessor.HasValue(options))
            {
                if (value is IMessage inner)
                {
                    foreach (var one in Compiled(inner, prefix + field.Name + "."))
                    {
                        yield return one;
                    }
                }
                else
                {
                    yield return (prefix + field.Name, Scalar(field, value));
                }
            }
        }
    }

    private static string Scalar(FieldDescriptor field, object value) => value switch
    {
        string text => $"\"{ProtoText.Escape(Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text)))}\"",
        bool set => set ? "true" : "false",
        Enum => field.EnumType.FindValueByNumber(Convert.ToInt32(value, CultureInfo.InvariantCulture))?.Name ?? Convert.ToInt32(value, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture),
        double number => ProtoText.Number(number),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
