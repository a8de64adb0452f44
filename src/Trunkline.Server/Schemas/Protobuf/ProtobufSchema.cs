using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Trunkline.Server.Schemas.Json;
using Trunkline.Server.Schemas.Protobuf.Reading;

namespace Trunkline.Server.Schemas.Protobuf;

/// <summary>
/// A .proto file with all it imports looked up. Text and the compiled form that Confluent's clients send (base64 of a FileDescriptorProto) are
/// read alike. Nothing is fetched: a file imports what it was given as a reference, and the files everybody may import.
/// </summary>
internal sealed class ProtobufSchema
{
    // What a file and all it imports may weigh together, so that a chain of references has a bound as well.
    private const int TotalMax = 4 * JsonSchemaOptions.SizeMax;

    /// <summary>The name of a file that was registered without one, as Confluent's registry gives it.</summary>
    private const string DefaultName = "default";

    private readonly FileDescriptorProto _written;
    private readonly FileDescriptorProto _resolved;

    private ProtobufSchema(FileDescriptorProto written, FileDescriptorProto resolved, FileDescriptor file) => (_written, _resolved, File) = (written, resolved, file);

    /// <summary>The file with its types.</summary>
    public FileDescriptor File { get; }

    /// <summary>The file as text in the one form it is registered in.</summary>
    /// <param name="normalize">True to name every type in full and to sort what has no order that matters.</param>
    public string Text(bool normalize) => ProtoPrinter.Print(normalize ? _resolved : _written, normalize);

    /// <summary>The file in Protobuf's own compiled form.</summary>
    public byte[] Serialized() => _resolved.ToByteArray();

    /// <summary>Reads a schema; null with its faults if it is none.</summary>
    /// <param name="text">The .proto file, or its compiled form in base64.</param>
    /// <param name="references">The files it may import, by the name it imports them with.</param>
    /// <param name="faults">What is wrong.</param>
    public static ProtobufSchema? Read(string text, IReadOnlyList<KeyValuePair<string, string>> references, out IReadOnlyList<SchemaFault> faults)
    {
        try
        {
            if (text.Length > JsonSchemaOptions.SizeMax || text.Length + references.Sum(one => (long)one.Value.Length) > TotalMax)
            {
                throw new ProtoLinkException("size", string.Create(CultureInfo.InvariantCulture, $"the file has more than {JsonSchemaOptions.SizeMax} characters, or with all it imports more than {TotalMax}"));
            }

            if (string.IsNullOrWhiteSpace(text))
            {
                throw new ProtoLinkException("syntax", "the file is empty");
            }

            var written = Parse(text);
            var (file, wrong) = ProtoOptions.Interpret(written);
            faults = [.. wrong, .. ProtoChecks.Check(file)];
            if (faults.Count > 0)
            {
                return null;
            }

            var linked = new ProtoLinking(references, Parse).Link(file, DefaultName, out var resolved);
            return new ProtobufSchema(written, resolved, linked);
        }
        catch (ProtoSyntaxException failure)
        {
            faults = [new SchemaFault(failure.At, "syntax", "", failure.Message)];
        }
        catch (ProtoLinkException failure)
        {
            faults = [new SchemaFault("", failure.Keyword, "", failure.Message)];
        }

        return null;
    }

    private static FileDescriptorProto Parse(string text)
    {
        // A file begins with a word and a blank, a comment or nothing; base64 has no such characters.
        var bytes = new byte[(text.Length * 3 / 4) + 3];
        if (!Convert.TryFromBase64String(text, bytes, out var length))
        {
            return ProtoParser.Parse(text);
        }

        try
        {
            var file = FileDescriptorProto.Parser.ParseFrom(bytes, 0, length);
            file.SourceCodeInfo = null;
            if (file.HasSyntax || file.HasEdition || file.MessageType.Count > 0 || file.EnumType.Count > 0)
            {
                return file;
            }
        }
        catch (InvalidProtocolBufferException)
        {
            // Told below, as is a message of another type that happens to parse.
        }

        throw new ProtoLinkException("syntax", "it is neither a .proto file nor the base64 of a FileDescriptorProto");
    }
}
