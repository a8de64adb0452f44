using System.Collections.Frozen;
using System.Text;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Google.Type;
using Trunkline.Server.Schemas.Protobuf.Reading;

namespace Trunkline.Server.Schemas.Protobuf;

/// <summary>The files every .proto file may import without naming a reference, as with Confluent's registry.</summary>
internal static class KnownProtos
{
    /// <summary>By the name they are imported with.</summary>
    public static FrozenDictionary<string, FileDescriptorProto> Files { get; } = All().ToFrozenDictionary(file => file.Name, StringComparer.Ordinal);

    private static IEnumerable<FileDescriptorProto> All()
    {
        FileDescriptor[] compiled =
        [
            FileDescriptor.DescriptorProtoFileDescriptor, AnyReflection.Descriptor, ApiReflection.Descriptor, DurationReflection.Descriptor, EmptyReflection.Descriptor,
            FieldMaskReflection.Descriptor, SourceContextReflection.Descriptor, StructReflection.Descriptor, TimestampReflection.Descriptor, TypeReflection.Descriptor,
            WrappersReflection.Descriptor, CalendarPeriodReflection.Descriptor, ColorReflection.Descriptor, DateReflection.Descriptor, DatetimeReflection.Descriptor,
            DayofweekReflection.Descriptor, DecimalReflection.Descriptor, ExprReflection.Descriptor, FractionReflection.Descriptor, IntervalReflection.Descriptor,
            LatlngReflection.Descriptor, LocalizedTextReflection.Descriptor, MoneyReflection.Descriptor, MonthReflection.Descriptor, PhoneNumberReflection.Descriptor,
            PostalAddressReflection.Descriptor, QuaternionReflection.Descriptor, TimeofdayReflection.Descriptor,
        ];
        foreach (var file in compiled)
        {
            yield return file.ToProto();
        }

        yield return Embedded("confluent/meta.proto");
        yield return Embedded("confluent/type/decimal.proto");
    }

    private static FileDescriptorProto Embedded(string name)
    {
        using var stream = typeof(KnownProtos).Assembly.GetManifestResourceStream("Trunkline.Server.Schemas.Protobuf.Known." + name.Replace('/', '.'))!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var (file, _) = ProtoOptions.Interpret(ProtoParser.Parse(reader.ReadToEnd()));
        file.Name = name;
        return file;
    }
}
