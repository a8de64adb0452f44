using System.Text;
using CsCheck;
using Jint.Native;
using Jint.Runtime;
using Trunkline.Messaging;
using Trunkline.Server.Expressions;
using Trunkline.Server.Expressions.Compiled;

namespace Trunkline.Server.Tests.Expressions;

/// <summary>Compiled expressions give what the engine gives, to the byte and to the word of a failure.</summary>
public sealed class CompiledExpressionTests : IDisposable
{
    private const int CasesMin = 6000;

    // A machine that stalls must not end one side by its limit of time, and the other not.
    private static readonly ExpressionLimits Limits = new() { Time = TimeSpan.FromMinutes(10), RegexTime = TimeSpan.FromMinutes(10) };

    private static readonly StoredMessage Stored = new(
        new Message
        {
            Id = new MessageId("m-1"),
            Source = "s",
            Time = Sandbox.Noon,
            Key = MessageKey.FromText("k-é"),
            Headers = Headers.Of(new Header("h", "one"), new Header("x-y", "z"), new Header("h", "two")),
        },
        new Position(0, 0),
        Sandbox.Noon);

    private readonly ExpressionEngine _engine = new(Limits);
    private readonly MessageBody _body = new(Limits);
    private readonly CompiledScope _scope = new();

    public void Dispose()
    {
        _engine.Dispose();
        _body.Dispose();
    }

    [Fact]
    public void Whatever_is_compiled_gives_what_the_engine_gives()
    {
        var (cases, compiled) = (0, 0);
        Gen.Int.Sample(
            seed =>
            {
                var random = new ExpressionCases(seed);
                var body = random.Body();
                PreparedExpression[] maps = [.. Enumerable.Range(0, Math.Abs(seed % 3)).Select(_ => ExpressionSyntax.Prepare(random.Expression()))];
                var last = ExpressionSyntax.Prepare(random.Expression());
                cases++;
                compiled += IsCompiled(body, last) ? 1 : 0;
                foreach (var use in Enum.GetValues<Use>())
                {
                    var expected = WithEngine(body, maps, last, use);
                    var got = WithBody(body, maps, last, use);
                    Assert.True(expected == got, $"{use} of {last.Source} after [{string.Join(" | ", maps.Select(m => m.Source))}] over {body}: expected {expected}, got {got}");
                }
            },
            iter: CasesMin,
            threads: 1);

        // Without these there is nothing the test has shown. Over 80 runs the share was 0.340 on average, 0.324 to 0.356, with a standard
        // deviation of 0.0057: below 0.3 the compiler does less than it did.
        Assert.True(cases >= CasesMin, $"only {cases} cases");
        Assert.True(compiled > cases * 3 / 10, $"only {compiled} of {cases} did without the engine");
    }

    [Theory]
    [InlineData("({ ...message, stage: 'triaged', score: message.priority * 2 })")]
    [InlineData("message.priority < 9")]
    [InlineData("message.spam?.probability > 0.9 || message.from.endsWith('@example.com')")]
    [InlineData("message.text.trim().toLowerCase().includes('refund')")]
    [InlineData("`${meta.id}/${message.customer.id}`")]
    [InlineData("({ id: message.id, at: meta.time, by: meta.headers['x-user'] ?? 'nobody', message })")]
    [InlineData("message.a == null ? typeof message.b : -message.c % 7")]
    public void The_everyday_part_of_the_language_needs_no_engine(string expression) =>
        Assert.NotNull(ExpressionSyntax.Prepare(expression).Compiled);

    [Theory]
    [InlineData("message.toString")]
    [InlineData("message.__proto__")]
    [InlineData("({ __proto__: message })")]
    [InlineData("({ 1: message })")]
    [InlineData("Math.max(1, 2)")]
    [InlineData("() => message")]
    [InlineData("message.text.slice(1)")]
    [InlineData("(message, 1)")]
    public void What_an_engine_treats_in_a_way_of_its_own_is_left_to_it(string expression) =>
        Assert.Null(ExpressionSyntax.Prepare(expression).Compiled);

    [Fact]
    public void Deep_and_long_expressions_are_left_to_the_engine()
    {
        Assert.Null(ExpressionSyntax.Prepare(string.Concat(Enumerable.Repeat("!", 100)) + "message").Compiled);
        Assert.Null(ExpressionSyntax.Prepare($"({{ {string.Join(", ", Enumerable.Range(0, 300).Select(i => $"a{i}: 1"))} }})").Compiled);
    }

    [Fact]
    public void Large_bodies_and_texts_give_the_same_too()
    {
        var text = new string('x', 300_000);
        AssertSame($$"""{"a":"{{text}}"}""", "message.a.length", "300000");
        var smaller = $$"""{"a":"{{text[..60_000]}}"}""";
        AssertSame(smaller, "(message.a + message.a).length", "120000");
        AssertSame(smaller, "`${message.a}${message.a}${message.a}`.length", "180000");
        AssertSame("{" + string.Join(",", Enumerable.Range(0, 300).Select(i => $"\"n{i}\":{i}")) + "}", "message.n299", "299");
        var doubling = Enumerable.Repeat(ExpressionSyntax.Prepare("({ a: message, b: message })"), 16).ToArray();
        Assert.Equal(WithEngine("{}", doubling[1..], doubling[0], Use.Write), WithBody("{}", doubling[1..], doubling[0], Use.Write));
    }

    [Fact]
    public void An_answer_is_set_as_the_engine_sets_it()
    {
        string[] answers = ["""{ "p" : 1.0, "q":[1, 2] }""", "1", "\"\\u00e9\"", "9007199254740993", "1e400", "{", """{"1":2,"0":1}"""];
        string[] bodies = ["""{"a":{ "b": 1 },"z":2}""", "{}", "[1]", """{"a":1,"a":2}"""];
        foreach (var (answer, body) in answers.SelectMany(a => bodies.Select(b => (a, b))))
        {
            foreach (var name in (string[])["a", "z", "new", "1", "__proto__"])
            {
                Assert.Equal(SetWithEngine(body, name, answer), SetWithBody(body, name, answer));
            }
        }
    }

    private void AssertSame(string body, string expression, string expected)
    {
        var prepared = ExpressionSyntax.Prepare(expression);
        Assert.Equal(expected, WithEngine(body, [], prepared, Use.Write));
        Assert.Equal(expected, WithBody(body, [], prepared, Use.Write));
    }

    private string SetWithEngine(string body, string name, string answer) => Try(() =>
    {
        _engine.Begin(Stored);
        var value = _engine.Evaluate(ExpressionSyntax.Prepare("({ ...message, c: 1 })"), new ExpressionInput(_engine.ReadJson(Encoding.UTF8.GetBytes(body)), JsValue.Undefined, JsValue.Null));
        value = _engine.With(value, name, _engine.ReadJson(Encoding.UTF8.GetBytes(answer)));
        value = _engine.With(value, "again", _engine.ReadJson(Encoding.UTF8.GetBytes(answer)));
        return Encoding.UTF8.GetString(_engine.WriteJson(value));
    });

    private string SetWithBody(string body, string name, string answer) => Try(() =>
    {
        _body.Begin(With(body), 2);
        _body.Map(ExpressionSyntax.Prepare("({ ...message, c: 1 })"));
        _body.Set(name, Encoding.UTF8.GetBytes(answer));
        _body.Set("again", Encoding.UTF8.GetBytes(answer));
        return Encoding.UTF8.GetString(_body.Write());
    });

    private bool IsCompiled(string body, PreparedExpression expression)
    {
        _scope.Begin(Stored.Message, Sandbox.Noon, 2);
        return expression.Compiled is { } node
            && _scope.TryRead(Encoding.UTF8.GetBytes(body)) && _scope.TryEvaluate(node, out _);
    }

    private string WithEngine(string body, PreparedExpression[] maps, PreparedExpression last, Use use) => Try(() =>
    {
        _engine.Begin(Stored);
        var meta = _engine.Meta(Stored.Message, 2);
        var value = _engine.ReadJson(Encoding.UTF8.GetBytes(body));
        foreach (var map in maps)
        {
            value = _engine.Evaluate(map, new ExpressionInput(value, meta, JsValue.Null));
        }

        var result = _engine.Evaluate(last, new ExpressionInput(value, meta, JsValue.Null));
        return use switch
        {
            Use.Test => TypeConverter.ToBoolean(result).ToString(),
            Use.Key => result switch
            {
                JsNull or JsUndefined => "none",
                JsString or JsNumber or JsBoolean or ExactInteger => MessageKey.FromText(TypeConverter.ToString(result)).ToString(),
                _ => throw new ExpressionException(ExpressionException.Failed, "The key is neither text, number, boolean nor null."),
            },
            _ => Encoding.UTF8.GetString(_engine.WriteJson(result)),
        };
    });

    private string WithBody(string body, PreparedExpression[] maps, PreparedExpression last, Use use) => Try(() =>
    {
        _body.Begin(With(body), 2);
        foreach (var map in maps)
        {
            _body.Map(map);
        }

        switch (use)
        {
            case Use.Test:
                return _body.Test(last).ToString();
            case Use.Key:
                return _body.Key(last)?.ToString() ?? "none";
            case Use.Write:
                return Encoding.UTF8.GetString(_body.Write(last));
            default:
                _body.Map(last);
                return Encoding.UTF8.GetString(_body.Write());
        }
    });

    private static StoredMessage With(string body) => Stored with
    {
        Message = new Message
        {
            Id = Stored.Message.Id,
            Source = Stored.Message.Source,
            Time = Stored.Message.Time,
            Key = Stored.Message.Key,
            Headers = Stored.Message.Headers,
            Payload = Encoding.UTF8.GetBytes(body),
        },
    };

    private static string Try(Func<string> work)
    {
        try
        {
            return work();
        }
        catch (ExpressionException exception)
        {
            return $"{exception.Code}: {exception.Message}";
        }
    }

    private enum Use
    {
        Write,
        Test,
        Key,
        Map,
    }
}
