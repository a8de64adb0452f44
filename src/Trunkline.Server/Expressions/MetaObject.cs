using System.Globalization;
using Jint;
using Jint.Native;
using Trunkline.Messaging;

namespace Trunkline.Server.Expressions;

/// <summary>The value of <c>meta</c>. Its members are made when they are read: most expressions read one or none.</summary>
internal static class MetaObject
{
    private static readonly JsObjectLayout Layout = JsObjectLayout.CreateBuilder()
        .AddLazy("id", (_, state) => JsString.Create(((Source)state!).Message.Id.Value))
        .AddLazy("key", (_, state) => ((Source)state!).Message.Key is { } key ? JsString.Create(key.ToString()) : JsValue.Null)
        .AddLazy("time", (_, state) => JsString.Create(
            ((Source)state!).Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)))
        .AddLazy("headers", (_, state) => Headers((Source)state!))
        .AddLazy("attempt", (_, state) => JsNumber.Create(((Source)state!).Attempt))
        .AddLazy("timer", (_, state) => ((Source)state!).Message.Headers.Text(HeaderNames.Timer) is { } timer ? JsString.Create(timer) : JsValue.Null)
        .Build();

    /// <summary>Makes it for one message.</summary>
    public static JsValue Of(Engine engine, Message message, DateTimeOffset time, int attempt) =>
        JsObject.Create(engine, Layout, [null!, null!, null!, null!, null!, null!], new Source(engine, message, time, attempt));

    private static JsObject Headers(Source source) => JsObject.CreateFromEntries(
        source.Engine, source.Message.Headers.Select(header => KeyValuePair.Create<string, JsValue>(header.Name, JsString.Create(header.Text))));

    private sealed record Source(Engine Engine, Message Message, DateTimeOffset Time, int Attempt);
}
