using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Rpc;
using Trunkline.Server.Api.Problems;

namespace Trunkline.Server.Api.Otlp;

/// <summary>The bytes OTLP requests are answered with.</summary>
internal static class OtlpAnswers
{
    /// <summary>In Protobuf: nothing for full success; else a partial success, or one with a remark.</summary>
    public static byte[] Protobuf(OtlpAnswer answer)
    {
        if (answer.Remark is null)
        {
            return [];
        }

        var partial = new MemoryStream();
        using (var fields = new CodedOutputStream(partial, leaveOpen: true))
        {
            fields.WriteTag(1, WireFormat.WireType.Varint);
            fields.WriteInt64(answer.Rejected);
            fields.WriteTag(2, WireFormat.WireType.LengthDelimited);
            fields.WriteString(answer.Remark);
        }

        var whole = new MemoryStream();
        using (var fields = new CodedOutputStream(whole, leaveOpen: true))
        {
            fields.WriteTag(1, WireFormat.WireType.LengthDelimited);
            fields.WriteBytes(ByteString.CopyFrom(partial.ToArray()));
        }

        return whole.ToArray();
    }

    /// <summary>The same in JSON.</summary>
    public static byte[] Json(OtlpSignal signal, OtlpAnswer answer) => Bytes(answer.Remark is null ? [] : new JsonObject
    {
        ["partialSuccess"] = new JsonObject { [signal.Rejected] = answer.Rejected.ToString(CultureInfo.InvariantCulture), ["errorMessage"] = answer.Remark },
    });

    /// <summary>A problem as google.rpc.Status, which OTLP asks for.</summary>
    public static byte[] ProtobufProblem(ProblemException problem) => StatusOf(problem).ToByteArray();

    /// <summary>The same in JSON.</summary>
    public static byte[] JsonProblem(ProblemException problem)
    {
        var status = StatusOf(problem);
        return Bytes(new JsonObject { ["code"] = status.Code, ["message"] = status.Message });
    }

    /// <summary>The code gRPC has for it.</summary>
    public static Grpc.Core.StatusCode CodeOf(ProblemException problem) => problem.Entry.Status switch
    {
        // The code OTLP repeats a request for.
        429 or 503 => Grpc.Core.StatusCode.Unavailable,
        413 => Grpc.Core.StatusCode.ResourceExhausted,
        _ => Grpc.Core.StatusCode.InvalidArgument,
    };

    private static Status StatusOf(ProblemException problem) => new() { Code = (int)CodeOf(problem), Message = $"{problem.Entry.Code}: {problem.Message} {problem.Entry.Remedy}" };

    private static byte[] Bytes(JsonObject answer) => JsonSerializer.SerializeToUtf8Bytes(answer);
}
