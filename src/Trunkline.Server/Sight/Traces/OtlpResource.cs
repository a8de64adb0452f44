namespace Trunkline.Server.Sight.Traces;

/// <summary>Who sends telemetry.</summary>
/// <param name="Service">Its name; <c>unknown</c> if it tells none.</param>
/// <param name="Owner">Whose it is, as it says by <see cref="OwnerName"/>; null if it does not.</param>
internal readonly record struct OtlpResource(string Service, string? Owner)
{
    /// <summary>The attribute by which a service says who owns it.</summary>
    public const string OwnerName = "trunkline.owner";

    private const string ServiceName = "service.name";

    /// <summary>The resource of a part of a request in Protobuf: looked for first, since the order of fields is free.</summary>
    /// <exception cref="InvalidDataException">The bytes are no such part.</exception>
    public static OtlpResource Of(ReadOnlySpan<byte> of)
    {
        var told = new List<(string Name, string? Value)>();
        var parts = new OtlpCursor(of);
        while (parts.Next(out var field))
        {
            if (field != 1)
            {
                parts.Skip();
                continue;
            }

            var resource = new OtlpCursor(parts.Bytes());
            while (resource.Next(out var item))
            {
                if (item != 1)
                {
                    resource.Skip();
                    continue;
                }

                var pair = OtlpValue.Pair(resource.Bytes());
                if (pair.Name is ServiceName or OwnerName)
                {
                    told.Add(pair);
                }
            }
        }

        return Of(told);
    }

    /// <summary>The resource with these attributes; of several of one name the last counts.</summary>
    public static OtlpResource Of(IEnumerable<(string Name, string? Value)> attributes)
    {
        string? service = null;
        string? owner = null;
        foreach (var (name, value) in attributes)
        {
            service = name == ServiceName ? value : service;
            owner = name == OwnerName ? value : owner;
        }

        return new OtlpResource(SpanText.ServiceOf(service), string.IsNullOrWhiteSpace(owner) ? null : SpanText.Clean(owner.Trim(), SpanText.NameMax));
    }
}
