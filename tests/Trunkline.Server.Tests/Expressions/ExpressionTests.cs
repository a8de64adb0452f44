using Trunkline.Server.Expressions;

namespace Trunkline.Server.Tests.Expressions;

public sealed class ExpressionTests : IDisposable
{
    private readonly Sandbox _sandbox = new();

    public void Dispose() => _sandbox.Dispose();

    [Theory]
    [InlineData("message", """{"a":9007199254740993}""", """{"a":9007199254740993}""")]
    [InlineData("message", """{"a":-123456789012345678901234567890}""", """{"a":-123456789012345678901234567890}""")]
    [InlineData("({ ...message, b: 1 })", """{"a":9223372036854775807}""", """{"a":9223372036854775807,"b":1}""")]
    [InlineData("({ a: message.a, t: `${message.a}`, s: String(message.a) })", """{"a":9007199254740993}""", """{"a":9007199254740993,"t":"9007199254740993","s":"9007199254740993"}""")]
    [InlineData("message.a", """{"a":9007199254740991}""", "9007199254740991")]
    [InlineData("message.a", """{"a":1e20}""", "100000000000000000000")]
    [InlineData("message.a", """{"a":1e300}""", "1e+300")]
    [InlineData("message.a", """{"a":-0}""", "-0")]
    [InlineData("message.a", """{"a":1.0}""", "1")]
    [InlineData("message.a", """{"a":0.1234567890123456789}""", "0.12345678901234568")]
    [InlineData("message.a", """{"a":1e-7}""", "1e-7")]
    [InlineData("message.a + 1", """{"a":1.5}""", "2.5")]
    public void Numbers_keep_their_value(string expression, string message, string result) => Assert.Equal(result, _sandbox.Run(expression, message));

    [Theory]
    [InlineData("message.a + 1")]
    [InlineData("message.a > 5")]
    [InlineData("message.a == 9007199254740993")]
    [InlineData("-message.a")]
    [InlineData("Number(message.a)")]
    [InlineData("Math.max(message.a, 1)")]
    [InlineData("'' + message.a")]
    public void An_integer_past_2_53_is_not_computed_with(string expression) =>
        Assert.Equal(ExpressionException.Failed, _sandbox.Fail(expression, """{"a":9007199254740993}""").Code);

    [Theory]
    [InlineData("9007199254740991 + 2")]
    [InlineData("2 ** 60")]
    [InlineData("0 / 0")]
    [InlineData("1 / 0")]
    [InlineData("undefined")]
    [InlineData("() => 1")]
    [InlineData("new Map()")]
    [InlineData("/x/")]
    [InlineData("({ get a() { return 1 } })")]
    [InlineData("(() => { const o = {}; o.o = o; return o })()")]
    public void A_result_without_an_exact_json_form_fails(string expression) =>
        Assert.Equal(ExpressionException.ResultNotJson, _sandbox.Fail(expression).Code);

    [Theory]
    [InlineData("""{"a":1e400}""")]
    [InlineData("""{"a":12345678901234567890.5}""")]
    [InlineData("""{"a":1""")]
    [InlineData("""{"a":1}{}""")]
    [InlineData("")]
    [InlineData("""{"a":01}""")]
    [InlineData("""{'a':1}""")]
    [InlineData("{\"a\":\"line\nbreak\"}")]
    [InlineData("{\"a\":\"nul\0\"}")]
    public void A_body_that_is_not_json_fails(string message) => Assert.Equal(ExpressionException.JsonInvalid, _sandbox.Fail("message", message).Code);

    [Fact]
    public void Bytes_that_are_no_utf8_and_deep_nesting_fail()
    {
        using var engine = new ExpressionEngine(new ExpressionLimits());
        Assert.Equal(ExpressionException.JsonInvalid, Assert.Throws<ExpressionException>(() => engine.ReadJson([(byte)'"', 0xc3, 0x28, (byte)'"'])).Code);
        Assert.Equal(ExpressionException.JsonInvalid, _sandbox.Fail("1 + message", new string('[', 10_000)).Code);
        Assert.Equal(ExpressionException.JsonInvalid, _sandbox.Fail("1 + message", string.Concat(Enumerable.Repeat("{\"a\":", 10_000))).Code);
    }

    [Theory]
    [InlineData("""{"a":1,"a":2}""", """{"a":2}""")]
    [InlineData("""{"a":"\ud83d"}""", """{"a":"\ud83d"}""")]
    [InlineData("""{"a":"\ud83d\ude00"}""", """{"a":"😀"}""")]
    [InlineData("""{"a":"\u0000\u001f\"\\\/"}""", """{"a":"\u0000\u001f\"\\/"}""")]
    [InlineData("""{"__proto__":{"x":1},"constructor":2}""", """{"__proto__":{"x":1},"constructor":2}""")]
    [InlineData(""" [ true , null ] """, "[true,null]")]
    public void Text_and_names_keep_their_value(string message, string result) => Assert.Equal(result, _sandbox.Run("message", message));

    [Theory]
    [InlineData("(() => { Object.prototype.leak = 1; return 1 })()")]
    [InlineData("(() => { Array.prototype.push = () => 1; return 1 })()")]
    [InlineData("(() => { [].__proto__.leak = 1; return 1 })()")]
    [InlineData("(() => { (() => 1).__proto__.leak = 1; return 1 })()")]
    [InlineData("(() => { Math.leak = 1; return 1 })()")]
    [InlineData("(() => { JSON.parse = () => 1; return 1 })()")]
    [InlineData("(() => { [].values().__proto__.leak = 1; return 1 })()")]
    [InlineData("(() => { [].values().__proto__.__proto__.leak = 1; return 1 })()")]
    [InlineData("(() => { 'a'.matchAll(/a/g).__proto__.next = 1; return 1 })()")]
    [InlineData("(() => { Error.leak = 1; return 1 })()")]
    [InlineData("(() => { message.big.__proto__.leak = 1; return 1 })()")]
    [InlineData("Object.assign(Object.getPrototypeOf({}), { leak: 1 })")]
    public void Nothing_shared_can_be_changed(string expression)
    {
        _sandbox.Fail(expression, """{"big":9007199254740993}""");
        Assert.Equal("[null,null,null,1]", _sandbox.Run("[{}.leak, [].leak, Math.leak, [1].length]"));
    }

    [Fact]
    public void A_polluted_message_stays_alone()
    {
        Assert.Equal("1", _sandbox.Run("(() => { message.__proto__ = { admin: true }; return 1 })()", "{}"));
        Assert.Equal("[null,false]", _sandbox.Run("[message.admin, 'admin' in {}]", """{"__proto__":{"admin":true}}"""));
    }

    [Fact]
    public void A_regex_keeps_no_place_between_messages()
    {
        Assert.Equal("true", _sandbox.Run("/a/g.test('a')"));
        Assert.Equal("true", _sandbox.Run("/a/g.test('a')"));
    }

    [Theory]
    [InlineData("(() => 1).constructor('return 1')()")]
    [InlineData("[].values().constructor('return 1')()")]
    [InlineData("(() => 1).__proto__.constructor('return 1')()")]
    [InlineData("({}).constructor.constructor('return 1')()")]
    [InlineData("[].map.call.constructor('return 1')()")]
    public void No_text_becomes_code(string expression) => Assert.Equal(ExpressionException.Failed, _sandbox.Fail(expression).Code);

    [Fact]
    public void Clock_and_dice_depend_on_the_message_alone()
    {
        const string Expression = "[new Date().toISOString(), Date.now(), Math.random(), Math.random(), Date()]";
        using var other = new Sandbox();
        var first = _sandbox.Run(Expression);

        Assert.StartsWith("""["2026-03-01T12:00:00.000Z",1772366400000,0.""", first, StringComparison.Ordinal);
        Assert.Equal(first, _sandbox.Run(Expression));
        Assert.Equal(first, other.Run(Expression));
        Assert.NotEqual(first, _sandbox.Run(Expression, id: "m-2"));
    }

    [Fact]
    public void Json_in_text_keeps_big_integers_too()
    {
        Assert.Equal("""{"a":9007199254740993}""", _sandbox.Run("JSON.parse(message.t)", """{"t":"{\"a\":9007199254740993}"}"""));
        Assert.Equal("\"{\\\"a\\\":9007199254740993}\"", _sandbox.Run("JSON.stringify(message)", """{"a":9007199254740993}"""));
        Assert.Equal("\"no\"", _sandbox.Run("(() => { try { return JSON.parse('{') } catch { return 'no' } })()"));
    }

    [Fact]
    public void A_limit_cannot_be_caught() => Assert.Equal(
        ExpressionException.Limit, _sandbox.Fail("(() => { for (;;) { try { 'a'.repeat(4e8) } catch { } } })()").Code);

    [Theory]
    [InlineData("message.a >", "column")]
    [InlineData("a; b", "column 2")]
    [InlineData("mesage.a", "'mesage' is not known")]
    [InlineData("globalThis.x", "'globalThis' is not known")]
    [InlineData("eval('1')", "'eval' is not known")]
    [InlineData("Function('1')", "'Function' is not known")]
    [InlineData("new ArrayBuffer(1)", "'ArrayBuffer' is not known")]
    [InlineData("x = 1", "'x' is not known")]
    [InlineData("1) }); (function () { (1", "column 2")]
    [InlineData("async () => 1", "async")]
    [InlineData("(function* () { })()", "generators")]
    [InlineData("import('fs')", "import")]
    [InlineData("2n ** 100n", "BigInt")]
    [InlineData("", "column")]
    public void Wrong_expressions_are_told_when_the_project_is_read(string source, string part) =>
        Assert.Contains(part, ExpressionSyntax.Check(source), StringComparison.Ordinal);

    [Theory]
    [InlineData("({ ...message, seenAt: meta.time }) // fine")]
    [InlineData("message.spam?.probability > 0.9 && message.tags.some(t => t === 'x')")]
    [InlineData("(() => { let n = 0; for (const x of message.list) n += x; return n })()")]
    [InlineData("message.text.replace(/\\s+/g, ' ').slice(0, 100)")]
    public void Usual_expressions_are_right(string source) => Assert.Null(ExpressionSyntax.Check(source));
}
