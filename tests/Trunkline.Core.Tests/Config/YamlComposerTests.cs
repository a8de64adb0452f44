using Trunkline.Core.Config;

namespace Trunkline.Core.Tests.Config;

public sealed class YamlComposerTests
{
    private readonly FaultList _faults = new();

    [Fact]
    public void Every_value_knows_its_line()
    {
        var root = Assert.IsType<MappingNode>(Compose("a: 1\n\n# remark\nb:\n  - x\n  - c: |\n      text\n").Root);

        Assert.Empty(_faults.Ordered());
        Assert.Equal([1, 4], root.Entries.Select(e => e.Where.Line));
        var list = Assert.IsType<SequenceNode>(root.Find("b"));
        Assert.Equal([5, 6], list.Items.Select(i => i.Where.Line));
    }

    [Fact]
    public void Aliases_stand_for_what_they_name_within_bounds()
    {
        var root = Assert.IsType<MappingNode>(Compose("a: &x [1, 2]\nb: *x").Root);
        Assert.Same(root.Find("a"), root.Find("b"));

        // Billion laughs: ten levels of ten.
        var lines = new List<string> { "l0: &l0 [a, a, a, a, a, a, a, a, a, a]" };
        for (var level = 1; level <= 10; level++)
        {
            lines.Add($"l{level}: &l{level} [{string.Join(", ", Enumerable.Repeat($"*l{level - 1}", 10))}]");
        }

        var bomb = Compose(string.Join('\n', lines));
        Assert.False(bomb.Complete);
        Assert.Equal(FaultCodes.TooLarge, Assert.Single(_faults.Ordered()).Code);
    }

    [Theory]
    [InlineData('[')]
    [InlineData('{')]
    public void Deep_nesting_is_refused_not_followed(char open)
    {
        Compose(new string(open, 100_000));

        Assert.Equal(FaultCodes.TooLarge, Assert.Single(_faults.Ordered()).Code);
    }

    [Fact]
    public void Deep_block_nesting_is_refused_not_followed()
    {
        Compose(string.Concat(Enumerable.Repeat("- ", 50_000)));

        Assert.Equal(FaultCodes.TooLarge, Assert.Single(_faults.Ordered()).Code);
    }

    [Fact]
    public void A_file_over_the_bound_is_refused_unread()
    {
        var document = Compose(new string('a', (1024 * 1024) + 1));

        Assert.Null(document.Root);
        Assert.Equal(FaultCodes.TooLarge, Assert.Single(_faults.Ordered()).Code);
    }

    [Fact]
    public void A_key_written_twice_is_a_fault_at_the_second()
    {
        Compose("a: 1\nb: {x: 1, x: 2}\na: 3");

        Assert.Equal([(2, FaultCodes.DuplicateName), (3, FaultCodes.DuplicateName)], _faults.Ordered().Select(f => (f.Where.Line, f.Code)));
    }

    [Fact]
    public void What_stands_before_a_syntax_error_is_kept()
    {
        var document = Compose("a: {b: 1}\nc: [\nd: 2\n");

        Assert.False(document.Complete);
        Assert.NotNull(Assert.IsType<MappingNode>(document.Root).Find("a"));
        Assert.Equal(FaultCodes.BrokenYaml, Assert.Single(_faults.Ordered()).Code);
    }

    private YamlDocument Compose(string text) => YamlComposer.Compose("f.yaml", text, _faults);
}
