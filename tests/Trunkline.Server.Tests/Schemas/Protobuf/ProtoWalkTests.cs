using Trunkline.Server.Schemas.Protobuf;

namespace Trunkline.Server.Tests.Schemas.Protobuf;

/// <summary>Bytes that are, or are not, a message of a type.</summary>
public sealed class ProtoWalkTests
{
    private static readonly ProtobufSchema s_schema = ProtobufSchemaTests.Read(
        """
        syntax = "proto2";
        message Mail {
          required string id = 1;
          repeated int32 sizes = 2 [packed = true];
          repeated Mail inner = 3;
          optional fixed32 four = 4;
          optional fixed64 eight = 5;
          optional group G = 6 { optional bool b = 1; }
          optional bytes raw = 7;
          map<string, int32> counts = 8;
          optional int32 far = 1000;
          message Part { optional string name = 1; }
        }
        message Other { optional string a = 1; }
        """);

    [Theory]
    [InlineData("0A0161", "")]
    [InlineData("0A0161 12020102 1001", "")]
    [InlineData("0A0161 1A03 0A0162", "")]
    [InlineData("0A0161 2501020304 290102030405060708", "")]
    [InlineData("0A0161 33 0801 34", "")]
    [InlineData("0A0161 3A03FFFEFD", "")]
    [InlineData("0A0161 42050A01781005", "")]
    [InlineData("0A0161 C03E05", "")]
    [InlineData("0A0161 7801 8A01022020 9301 9401", "")]
    [InlineData("", "a required field is missing (byte 0)")]
    [InlineData("1001", "a required field is missing (byte 2)")]
    [InlineData("0A0161 1A00", "/inner a required field is missing (byte 5)")]
    [InlineData("0A0261", "/id a length goes beyond the end (byte 2)")]
    [InlineData("0A01FF", "/id a string is not UTF-8 (byte 3)")]
    [InlineData("0801", "/id the field is a string, and is not written as one (byte 1)")]
    [InlineData("0A0161 1280", "/sizes a number is cut off (byte 5)")]
    [InlineData("0A0161 1202 01", "/sizes a length goes beyond the end (byte 5)")]
    [InlineData("0A0161 120180", "/sizes a number is cut off (byte 6)")]
    [InlineData("0A0161 25010203", "/four a number is cut off (byte 8)")]
    [InlineData("0A0161 33 0801", "/g a group does not end (byte 6)")]
    [InlineData("0A0161 34", "a group ends that did not begin (byte 4)")]
    [InlineData("0A0161 42030A01FF", "/counts/key a string is not UTF-8 (byte 8)")]
    [InlineData("0A0161 00", "a tag has no number of a field (byte 4)")]
    [InlineData("0A0161 1F", "/inner the field is a message, and is not written as one (byte 4)")]
    [InlineData("0A0161 7F", "there is no such wire type (byte 4)")]
    [InlineData("0A0161 10FFFFFFFFFFFFFFFFFF7F", "/sizes a number has more than 64 bits (byte 14)")]
    [InlineData("0A0161 10FFFFFFFFFFFFFFFFFFFF01", "/sizes a number has more than 64 bits (byte 14)")]
    public void Bytes_are_a_message_or_say_where_they_are_not(string hex, string fault)
    {
        var found = ProtoWalk.Check(ProtoShape.Of(s_schema.File.MessageTypes[0]), Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));
        Assert.Equal(fault, found is null ? "" : $"{found.At} {found.Message}".TrimStart());
    }

    [Fact]
    public void Nesting_has_an_end_in_messages_that_are_known_and_in_groups_that_are_not()
    {
        var groups = Enumerable.Repeat((byte)0x7B, 100_000).ToArray();
        Assert.Contains("nested", ProtoWalk.Check(ProtoShape.Of(s_schema.File.MessageTypes[1]), groups)!.Message, StringComparison.Ordinal);
        byte[] inner = [0x0A, 0];
        for (var i = 0; i < 150; i++)
        {
            inner = [0x0A, 0, 0x1A, (byte)((inner.Length & 0x7F) | 0x80), (byte)(inner.Length >> 7), .. inner];
        }

        Assert.Contains("nested", ProtoWalk.Check(ProtoShape.Of(s_schema.File.MessageTypes[0]), inner)!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_the_bytes_are_the_walk_ends_and_agrees_with_itself()
    {
        var random = new Random(7);
        var shape = ProtoShape.Of(s_schema.File.MessageTypes[0]);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = new byte[random.Next(40)];
            random.NextBytes(bytes);
            Assert.Equal(ProtoWalk.Check(shape, bytes), ProtoWalk.Check(shape, bytes));
        }
    }

    [Theory]
    [InlineData("00", 1, "Mail")]
    [InlineData("0200", 2, "Mail")]
    [InlineData("0202", 2, "Other")]
    [InlineData("040002", 3, "Part")]
    [InlineData("0204", 2, null)]
    [InlineData("0201", 2, null)]
    [InlineData("", -1, "Mail")]
    [InlineData("04", -1, null)]
    [InlineData("01", -1, null)]
    [InlineData("FFFFFFFF0F", -1, null)]
    public void Message_indexes_name_a_message(string hex, int length, string? name)
    {
        Assert.Equal(length, MessageIndexes.Length(Convert.FromHexString(hex)));
        if (length >= 0 || name is not null)
        {
            Assert.Equal(name, MessageIndexes.Find(s_schema.File, Convert.FromHexString(hex))?.Name);
        }
    }
}
