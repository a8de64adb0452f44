namespace Trunkline.Server.Schemas.Avro;

/// <summary>Reads Avro data that <see cref="AvroWalk.Check"/> found to fit its schema: nothing is checked again.</summary>
internal struct AvroCursor(ReadOnlyMemory<byte> data)
{
    /// <summary>The byte that is read next.</summary>
    public int At { get; set; }

    /// <summary>The next bytes.</summary>
    public ReadOnlySpan<byte> Take(int count)
    {
        var taken = data.Span.Slice(At, count);
        At += count;
        return taken;
    }

    /// <summary>The bytes of a string, or of bytes.</summary>
    public ReadOnlySpan<byte> TakeSized() => Take((int)Long());

    /// <summary>A number.</summary>
    public long Long()
    {
        ulong bits = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = data.Span[At++];
            bits |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return (long)(bits >> 1) ^ -(long)(bits & 1);
            }
        }
    }

    /// <summary>The count of the next block of a list or map; 0 at the end.</summary>
    public long Block()
    {
        var count = Long();
        if (count < 0)
        {
            // The size of the block in bytes, for those who skip it.
            Long();
        }

        return Math.Abs(count);
    }

    /// <summary>Passes over a value.</summary>
    public void Skip(AvroSchema schema)
    {
        switch (schema.Type)
        {
            case AvroType.Null:
                break;
            case AvroType.Boolean:
                At++;
                break;
            case AvroType.Int or AvroType.Long or AvroType.Enum:
                Long();
                break;
            case AvroType.Float:
                At += 4;
                break;
            case AvroType.Double:
                At += 8;
                break;
            case AvroType.Fixed:
                At += schema.Size;
                break;
            case AvroType.String or AvroType.Bytes:
                TakeSized();
                break;
            case AvroType.Union:
                Skip(schema.Branches[(int)Long()]);
                break;
            case AvroType.Record:
                foreach (var field in schema.Fields)
                {
                    Skip(field.Schema);
                }

                break;
            default:
                SkipBlocks(schema);
                break;
        }
    }

    private void SkipBlocks(AvroSchema schema)
    {
        for (var count = Block(); count > 0; count = Block())
        {
            for (; count > 0; count--)
            {
                if (schema.Type == AvroType.Map)
                {
                    TakeSized();
                }

                Skip(schema.Items!);
            }
        }
    }
}
