using System.Diagnostics;
using System.Text;
using Jint.Native;
using Trunkline.Messaging;
using Trunkline.Server.Expressions;

namespace Trunkline.Server.Tests.Expressions;

/// <summary>One engine, fed with one message after the other.</summary>
internal sealed class Sandbox(ExpressionLimits? limits = null) : IDisposable
{
    private readonly ExpressionEngine _engine = new(limits ?? new ExpressionLimits());

    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public string Run(string expression, string message = "{}", string id = "m-1")
    {
        var stored = new StoredMessage(new Message { Id = new MessageId(id), Source = "s", Time = Noon }, new Position(0, 0), Noon);
        _engine.Begin(stored);
        var prepared = ExpressionSyntax.Prepare(expression);
        var meta = prepared.UsesMeta ? _engine.Meta(stored.Message, 1) : JsValue.Undefined;
        return Encoding.UTF8.GetString(_engine.WriteJson(_engine.Evaluate(prepared, new ExpressionInput(_engine.ReadJson(Encoding.UTF8.GetBytes(message)), meta, JsValue.Null))));
    }

    public ExpressionException Fail(string expression, string message = "{}") =>
        Assert.Throws<ExpressionException>(() => Run(expression, message));

    /// <summary>Time and memory a hostile expression took, and how it ended.</summary>
    public static (string End, TimeSpan Time, long Bytes) Measure(string expression)
    {
        using var sandbox = new Sandbox();
        sandbox.Run("1");
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        string end;
        try
        {
            end = sandbox.Run(expression);
        }
        catch (ExpressionException exception)
        {
            end = exception.Code;
        }

        return (end, watch.Elapsed, GC.GetAllocatedBytesForCurrentThread() - allocated);
    }

    public void Dispose() => _engine.Dispose();
}
