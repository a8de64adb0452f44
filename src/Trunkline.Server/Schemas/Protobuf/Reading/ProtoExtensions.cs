using System.Globalization;
using Google.Protobuf.Reflection;

namespace Trunkline.Server.Schemas.Protobuf.Reading;

/// <summary>Whether the extensions of a linked file have numbers that are open for them.</summary>
internal static class ProtoExtensions
{
    /// <exception cref="ProtoLinkException">One has not.</exception>
    public static void Check(FileDescriptor file)
    {
        Check(file.Extensions.UnorderedExtensions);
        foreach (var message in file.MessageTypes)
        {
            Check(message);
        }
    }

    private static void Check(MessageDescriptor message)
    {
        Check(message.Extensions.UnorderedExtensions);
        foreach (var nested in message.NestedTypes)
        {
            Check(nested);
        }
    }

    private static void Check(IEnumerable<FieldDescriptor> extensions)
    {
        foreach (var extension in extensions)
        {
            if (!extension.ExtendeeType.ToProto().ExtensionRange.Any(one => extension.FieldNumber >= one.Start && extension.FieldNumber < one.End))
            {
                throw new ProtoLinkException(
                    "extend", string.Create(CultureInfo.InvariantCulture, $"the number {extension.FieldNumber} of the extension '{extension.FullName}' is not open for extensions of '{extension.ExtendeeType.FullName}'"));
            }
        }
    }
}
