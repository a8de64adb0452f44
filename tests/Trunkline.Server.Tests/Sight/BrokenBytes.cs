using CsCheck;

namespace Trunkline.Server.Tests.Sight;

/// <summary>What somebody may send instead of a request of OTLP.</summary>
internal static class BrokenBytes
{
    /// <summary>A reader reads, or says that the bytes are no such request, and does nothing else: of every start of a request, of it with any one byte another, and of any bytes.</summary>
    /// <param name="whole">A request that can be read.</param>
    /// <param name="read">Reads one.</param>
    public static void AreReadOrTold(byte[] whole, Action<byte[]> read)
    {
        for (var length = 1; length < whole.Length; length++)
        {
            IsReadOrTold(whole[..length], read);
        }

        Gen.Byte.Array[0, 200].Sample(bytes => IsReadOrTold(bytes, read));
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte).Sample(change =>
        {
            var bytes = whole.ToArray();
            bytes[change.Item1] = change.Item2;
            IsReadOrTold(bytes, read);
        });
    }

    private static void IsReadOrTold(byte[] bytes, Action<byte[]> read)
    {
        try
        {
            read(bytes);
        }
        catch (InvalidDataException told)
        {
            Assert.NotEmpty(told.Message);
        }
    }
}
