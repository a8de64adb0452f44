using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Tests.Steps;

public class StableIdTests
{
    [Fact]
    public void An_id_is_the_beginning_of_the_hash_of_its_parts_however_it_is_made()
    {
        var part = Gen.String[Gen.Char.AlphaNumeric, 0, 500];
        Gen.Select(part, part, part, part).Sample((a, b, c, d) =>
        {
            var expected = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{a}\0{b}\0{c}\0{d}\0")).AsSpan(0, 16));
            Assert.Equal(expected, StableId.Of(a, b, c, d));
            Assert.Equal(expected, Encoding.UTF8.GetString(StableId.Utf8Of(a, Encoding.UTF8.GetBytes(b), c, d)));
        });
    }
}
