using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace Trunkline.Server.Schemas.Registry;

/// <summary>The formats of schemas, in the words of the registry's API.</summary>
internal static class SchemaTypes
{
    public const string Avro = "AVRO";
    public const string Json = "JSON";
    public const string Protobuf = "PROTOBUF";
}

/// <summary>A schema that another one uses.</summary>
/// <param name="Name">How the other one calls it.</param>
/// <param name="Subject">The subject it is registered under.</param>
/// <param name="Version">Which version of it.</param>
internal sealed record SchemaReference(string Name, string Subject, int Version);

/// <summary>What a schema is made of. Equal contents have one id in a context.</summary>
internal sealed record SchemaContent
{
    /// <summary>AVRO, JSON or PROTOBUF.</summary>
    public required string Type { get; init; }

    /// <summary>The schema, without blanks that mean nothing.</summary>
    public required string Text { get; init; }

    /// <summary>What it refers to.</summary>
    public IReadOnlyList<SchemaReference> References { get; init; } = [];

    /// <summary>Free data about it, as JSON; null for none.</summary>
    public string? Metadata { get; init; }

    /// <summary>Rules that clients carry out, as JSON; null for none.</summary>
    public string? RuleSet { get; init; }

    /// <summary>The identity of the content, as Confluent's registry makes it.</summary>
    public Guid Guid()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        hash.AppendData(Encoding.UTF8.GetBytes(Text));
        Span<byte> version = stackalloc byte[4];
        foreach (var reference in References)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(reference.Name));
            hash.AppendData(Encoding.UTF8.GetBytes(reference.Subject));
            BinaryPrimitives.WriteInt32BigEndian(version, reference.Version);
            hash.AppendData(version);
        }

        foreach (var part in new[] { Metadata, RuleSet })
        {
            if (part is not null)
            {
                hash.AppendData([1]);
                hash.AppendData(Encoding.UTF8.GetBytes(part));
            }
        }

        return new Guid(hash.GetHashAndReset(), bigEndian: true);
    }
}

/// <summary>How far a version is gone.</summary>
internal enum VersionState
{
    /// <summary>In use.</summary>
    Live,

    /// <summary>Deleted, but still to be had by id: messages written with it stay readable.</summary>
    Deleted,

    /// <summary>Gone for good. Only its numbers are kept, so that nobody else gets them.</summary>
    Gone,
}

/// <summary>A version of a subject, as the topic <c>trunkline.schemas</c> holds it.</summary>
internal sealed record SchemaVersion
{
    /// <summary>The subject, with its context.</summary>
    public required string Subject { get; init; }

    /// <summary>Its number, from 1.</summary>
    public required int Version { get; init; }

    /// <summary>The schema's id in the context.</summary>
    public required int Id { get; init; }

    /// <summary>How far it is gone.</summary>
    public VersionState State { get; init; }

    /// <summary>The schema; null when it is gone.</summary>
    public SchemaContent? Content
    {
        get => field ??= StoredVersion.Content(this);
        init
        {
            field = value;
            Stored = default;
        }
    }

    /// <summary>The schema as the topic holds it, while nobody has asked for it; empty if it is in <see cref="Content"/>, or gone.</summary>
    [JsonIgnore]
    public ReadOnlyMemory<byte> Stored { get; init; }

    /// <summary>True if it has a schema, read or not.</summary>
    [JsonIgnore]
    public bool HasContent => !Stored.IsEmpty || Content is not null;
}

/// <summary>Settings of a subject, a context or all, as the topic holds them. What is null is inherited.</summary>
internal sealed record SubjectConfig
{
    /// <summary>The compatibility level.</summary>
    public string? Compatibility { get; init; }

    /// <summary>A metadata property: only versions with the same value are compared.</summary>
    public string? CompatibilityGroup { get; init; }

    /// <summary>Whether schemas are normalised when they are registered.</summary>
    public bool? Normalize { get; init; }

    /// <summary>READWRITE, READONLY or IMPORT.</summary>
    public string? Mode { get; init; }
}
