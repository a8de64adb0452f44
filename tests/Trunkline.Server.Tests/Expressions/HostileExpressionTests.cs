namespace Trunkline.Server.Tests.Expressions;

/// <summary>Expressions that try to take time, memory or the stack. Whatever they do, it ends soon and within bounds.</summary>
public sealed class HostileExpressionTests
{
    // The limits are 1 s and 64 MiB; one built-in may run past them by a bounded amount. The bound is wide for slow machines.
    private static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(15);
    private const long BytesMax = 400_000_000;

    public static TheoryData<string> Expressions { get; } =
    [
        .. new[]
        {
            "'a'.repeat(4e8)", "'a'.repeat(1e6).repeat(1e3)", "'a'.padStart(4e8)", "'a'.padEnd(4e8, 'xy').length", "''.concat(...Array(1e5).fill('x'.repeat(1e6)))",
            "Array(1e5).fill('b'.repeat(1e6)).join('')", "new Array(4294967294).join('x')", "Array(1e5).fill('b').join('x'.repeat(1e6))",
            "new Array(1e8).fill(1)", "(() => { let a = []; a.length = 4e9; a[3e9] = 1; return a.join('x') })()",
            "(() => { let s = 'a'; for (;;) s += s })()", "Array.from({ length: 60 }).reduce((s) => s + s, 'ab').length",
            "Array.from({ length: 60 }).reduce((s) => `${s}${s}`, 'ab').length", "Array.from({ length: 1e9 }).length",
            "/^(a+)+$/.test('a'.repeat(40) + 'b')", "/(x+x+)+y/.test('x'.repeat(60))", "new RegExp('^(a|aa)+$').test('a'.repeat(60) + 'b')",
            "'a'.repeat(50).replace(/(a*)*$/g, 'b')", "'x'.repeat(1e6).match(/(?=(x*))/g).length", "[...'x'.repeat(1e6).matchAll(/x*?(?=(x*)y?)/g)].length",
            "'x'.repeat(1e6).split(/(?=(x*)y?)/).length", "'x'.repeat(1e6).search(/x*x*x*y/)", "'x'.repeat(1e6).replace(/(?=(x*))/g, '$1')",
            "(() => { for (;;); })()", "(() => { const f = () => f(); return f() })()", "(() => { const f = (n) => 1 + f(n + 1); return f(0) })()",
            "(() => { const f = (n) => 1 + g(n + 1), g = (n) => 1 + f(n); return f(0) })()", "(() => { const o = { get a() { return this.a } }; return o.a })()",
            "(() => { const o = { toString() { return `${this}` } }; return `${o}` })()", "({ get a() { for (;;); } }).a", "(() => { let a = []; a[0] = a; return a.join() })()",
            "(() => { let a = []; for (let i = 0; i < 9000; i++) a = [a]; return a.join() })()", "(() => { let o = {}; for (let i = 0; i < 9000; i++) o = { o }; return o })()",
            "(() => { let o = {}; for (let i = 0; i < 9000; i++) o = { o }; return JSON.stringify(o) })()", "(() => { const o = {}; o.o = o; return o })()",
            "'a'.repeat(1e5).replaceAll('a', 'b'.repeat(1e5)).length", "'a'.repeat(1e5).replace(/a/g, 'b'.repeat(1e5)).length",
            "(() => { const b = 'b'.repeat(1e5); return 'a'.repeat(1e5).replace(/a/g, () => b).length })()", "'a'.repeat(1e5).replace(/a/g, \"$'\").length",
            "'a'.repeat(1e5).replaceAll('a', '$`').length", "'a'.repeat(1e6).split('').length", "'ab'.repeat(1e6).split('a').length",
            "Array(1000).fill(Array(1000).fill(Array(1000).fill(1))).flat(5).length", "Array(1e5).fill(1).flatMap(() => Array(1e5)).length",
            "(() => { let a = [1]; for (let i = 0; i < 60; i++) a = [...a, ...a]; return a.length })()", "(() => { let a = [1]; for (let i = 0; i < 60; i++) a = a.concat(a); return a.length })()",
            "(() => { let a = [1]; for (let i = 0; i < 60; i++) a = [a, a]; return a })()", "(() => { let a = ['x']; for (let i = 0; i < 60; i++) a = [a, a]; return String(a) })()",
            "JSON.stringify(Array(1000).fill('b'.repeat(1e6))).length", "JSON.parse('['.repeat(100000))", "JSON.parse('[' + '1,'.repeat(1e6) + '1]').length",
            "'\\u0344'.repeat(4e6).normalize('NFD').length", "encodeURIComponent('\\u00e9'.repeat(4e6)).length", "(() => { const m = new Map(); for (let i = 0; i < 1e9; i++) m.set(i, i) })()",
            "String.fromCharCode(...Array(1e6).fill(65)).length", "Math.max(...Array(1e6))", "Math.max.apply(null, { length: 1e9 })", "((...a) => a.length)(...Array(1e6))",
            "Array.prototype.join.call({ length: 1e9 }, 'x')", "Array.prototype.fill.call({ length: 1e9 }, 'x')", "Array.prototype.indexOf.call({ length: 1e15 }, 'x')",
            "Array.prototype.lastIndexOf.call({ length: 1e15 }, 'x')", "Array.prototype.reverse.call({ length: 1e15 })", "Array.prototype.includes.call({ length: 1e15 }, 'x')",
            "Array.prototype.every.call({ length: 1e15 }, () => true)", "Array.prototype.some.call({ length: 1e15 }, () => false)", "Array.prototype.forEach.call({ length: 1e15 }, () => 1)",
            "Array.prototype.filter.call({ length: 1e15 }, () => true)", "Array.prototype.map.call({ length: 1e9 }, () => 1)", "Array.prototype.find.call({ length: 1e15 }, () => false)",
            "Array.prototype.findLast.call({ length: 1e15 }, () => false)", "Array.prototype.reduce.call({ length: 1e15 }, () => 1, 1)", "Array.prototype.reduceRight.call({ length: 1e15 }, () => 1, 1)",
            "Array.prototype.shift.call({ length: 1e15 })", "Array.prototype.unshift.call({ length: 1e15 }, 1)", "Array.prototype.splice.call({ length: 1e15 }, 0, 1, 2)",
            "Array.prototype.slice.call({ length: 1e9 }).length", "Array.prototype.concat.call([], Array(1e6)).length", "Array.prototype.toReversed.call({ length: 1e9 })", "Array.prototype.toSorted.call({ length: 1e9 })",
            "Array.prototype.with.call({ length: 1e9 }, 0, 1)", "Array.prototype.sort.call({ length: 1e15 })", "Array.prototype.pop.call({ length: 1e15 })", "Array.prototype.at.call({ length: 1e15 }, -1)",
            "Array.from({ length: 900000 }, (_, i) => i).sort(() => 1).length", "Array.from({ length: 900000 }, (_, i) => 'x' + i).sort().length", "Object.groupBy('a'.repeat(1e6), (x) => x)",
            "[...'a'.repeat(4e6)].length", "(() => { let o = {}; for (let i = 0; i < 50000; i++) o = { ...o, ['k' + i]: i }; return 1 })()", "Object.fromEntries(Array.from({ length: 900000 }, (_, i) => [i, i]))",
            "('a'.repeat(1e6) + 'b').lastIndexOf('b' + 'a'.repeat(5e5))", "'a'.repeat(2e6).indexOf('a'.repeat(1e6) + 'b')", "'a'.repeat(2e6).includes('a'.repeat(1e6) + 'b' + 'a'.repeat(9e5))",
            "'a'.repeat(1e6).localeCompare('a'.repeat(1e6))", "parseFloat('1'.repeat(4e6))", "Number('1'.repeat(4e6))", "(1.5).toFixed(100)", "(255).toString(2)", "new Date('x'.repeat(4e6)).getTime()",
            "[].values().constructor", "Array(1e6).entries().toArray", "new Set(Array.from({ length: 900000 }, (_, i) => i)).size", "'\\ud800'.repeat(4e6).toWellFormed().length", "' '.repeat(4e6).trim().length",
        },
    ];

    [Theory]
    [MemberData(nameof(Expressions))]
    public void It_ends_soon_and_within_bounds(string expression)
    {
        var (end, time, bytes) = Sandbox.Measure(expression);

        Assert.True(time < TimeMax, $"{expression} took {time.TotalSeconds:f1} s and ended in {Short(end)}");
        Assert.True(bytes < BytesMax, $"{expression} allocated {bytes / 1_000_000} MB and ended in {Short(end)}");
        TestContext.Current.TestOutputHelper?.WriteLine($"{time.TotalMilliseconds:f0} ms, {bytes / 1_000_000} MB, {Short(end)}");
    }

    private static string Short(string end) => end.Length > 60 ? $"{end[..60]}…" : end;
}
