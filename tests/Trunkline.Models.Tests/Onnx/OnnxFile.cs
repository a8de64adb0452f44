using System.Buffers.Binary;

namespace Trunkline.Models.Tests.Onnx;

/// <summary>
/// Writes a tiny ONNX file by hand: sums the token ids and gives two numbers, <c>sum × weight + bias</c>. The fields are those of
/// onnx.proto (IR version 7, operator set 11).
/// </summary>
internal static class OnnxFile
{
    public static byte[] Classifier(float[] weights, float[] biases, string input = "input_ids")
    {
        var graph = Message(
            Field(1, Node("Cast", [input], ["floats"], IntAttribute("to", 1))),
            Field(1, Node("ReduceSum", ["floats"], ["sum"], IntsAttribute("axes", 1), IntAttribute("keepdims", 1))),
            Field(1, Node("MatMul", ["sum", "weights"], ["product"])),
            Field(1, Node("Add", ["product", "biases"], ["logits"])),
            Field(2, "tiny"),
            Field(5, Floats("weights", [1, weights.Length], weights)),
            Field(5, Floats("biases", [biases.Length], biases)),
            Field(11, Value(input, 7, "batch", "tokens")),
            Field(11, Value("attention_mask", 7, "batch", "tokens")),
            Field(12, Value("logits", 1, "batch", "classes")));
        return Message(Field(1, 7), Field(7, graph), Field(8, Message(Field(2, 11))));
    }

    private static byte[] Node(string op, string[] inputs, string[] outputs, params byte[][] attributes) => Message(
        [.. inputs.Select(i => Field(1, i)), .. outputs.Select(o => Field(2, o)), Field(4, op), .. attributes.Select(a => Field(5, a))]);

    private static byte[] IntAttribute(string name, long value) => Message(Field(1, name), Field(3, value), Field(20, 2));

    private static byte[] IntsAttribute(string name, long value) => Message(Field(1, name), Field(8, value), Field(20, 7));

    private static byte[] Floats(string name, long[] dimensions, float[] values)
    {
        var raw = new byte[values.Length * 4];
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(raw.AsSpan(i * 4), values[i]);
        }

        return Message([.. dimensions.Select(d => Field(1, d)), Field(2, 1), Field(8, name), Field(9, raw)]);
    }

    private static byte[] Value(string name, long type, params string[] dimensions)
    {
        var shape = Message([.. dimensions.Select(d => Field(1, Message(Field(2, d))))]);
        return Message(Field(1, name), Field(2, Message(Field(1, Message(Field(1, type), Field(2, shape))))));
    }

    private static byte[] Message(params byte[][] fields) => [.. fields.SelectMany(f => f)];

    private static byte[] Field(int number, string text) => Field(number, System.Text.Encoding.UTF8.GetBytes(text));

    private static byte[] Field(int number, byte[] bytes) => [.. Varint(((long)number << 3) | 2), .. Varint(bytes.Length), .. bytes];

    private static byte[] Field(int number, long value) => [.. Varint((long)number << 3), .. Varint(value)];

    private static byte[] Varint(long value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
        return [.. bytes];
    }
}
