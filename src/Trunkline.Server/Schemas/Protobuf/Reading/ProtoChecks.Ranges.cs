using System.Globalization;
using Google.Protobuf.Reflection;

namespace Trunkline.Server.Schemas.Protobuf.Reading;

/// <content>Enums, and ranges that are kept free or open.</content>
internal sealed partial class ProtoChecks
{
    private void Ranges(string at, DescriptorProto message)
    {
        var ranges = message.ReservedRange.Select(one => (one.Start, one.End)).Concat(message.ExtensionRange.Select(one => (one.Start, one.End))).OrderBy(one => one.Start).ToList();
        if (_proto3 && message.ExtensionRange.Count > 0)
        {
            Fault(at, "extensions", "proto3 has no extensions");
        }

        if (ranges.Exists(one => one.Start < 1 || one.End <= one.Start || one.End > ProtoNames.FieldNumberMax + 1))
        {
            Fault(at, "reserved", "a range begins at 1 at least, does not end before it begins, and not beyond the highest number of a field");
        }

        Overlaps(at, ranges.ConvertAll(one => ((long)one.Start, (long)one.End)));
        Twice(at, message.ReservedName);
    }

    private void Overlaps(string at, List<(long Start, long End)> ranges)
    {
        for (var i = 1; i < ranges.Count; i++)
        {
            if (ranges[i].Start < ranges[i - 1].End)
            {
                Fault(at, "reserved", string.Create(CultureInfo.InvariantCulture, $"ranges of reserved or extension numbers overlap at {ranges[i].Start}"));
            }
        }
    }

    private void Twice(string at, IEnumerable<string> reserved)
    {
        foreach (var name in reserved.GroupBy(one => one, StringComparer.Ordinal).Where(one => one.Count() > 1))
        {
            Fault(at, "reserved", $"'{name.Key}' is reserved twice");
        }
    }

    private void Enum(string at, EnumDescriptorProto type)
    {
        if (type.Value.Count == 0)
        {
            Fault(at, "enum", "an enum has at least one value");
        }
        else if (_proto3 && type.Value[0].Number != 0)
        {
            Fault(at, "enum", "the first value of an enum of proto3 is 0");
        }

        var same = type.Value.GroupBy(one => one.Number).FirstOrDefault(one => one.Count() > 1);
        if (same is not null && type.Options?.AllowAlias != true)
        {
            Fault(at, "enum", string.Create(CultureInfo.InvariantCulture, $"{string.Join(" and ", same.Select(one => $"'{one.Name}'"))} are both {same.Key}, and allow_alias is not set"));
        }

        if (same is null && type.Options is { HasAllowAlias: true, AllowAlias: true })
        {
            Fault(at, "enum", "allow_alias is set, but no two values have one number");
        }

        var ranges = type.ReservedRange.Select(one => ((long)one.Start, one.End + 1L)).OrderBy(one => one.Item1).ToList();
        if (ranges.Exists(one => one.Item2 <= one.Item1))
        {
            Fault(at, "reserved", "a range does not end before it begins");
        }

        Overlaps(at, ranges);
        Twice(at, type.ReservedName);
        foreach (var value in type.Value.Where(one => type.ReservedName.Contains(one.Name) || ranges.Exists(range => one.Number >= range.Item1 && one.Number < range.Item2)))
        {
            Fault($"{at}/{value.Name}", "reserved", "its name or number is reserved");
        }
    }
}
