using System.Text;
using CsCheck;

namespace Trunkline.Server.Tests.Configuration;

/// <summary>Whatever a file holds, loading it answers and does not throw.</summary>
public sealed class ProjectFuzzTests
{
    private static readonly string[] Pieces =
    [
        "{", "}", "[", "]", ":", ": ", "- ", "\n", "\t", "  ", "&a ", "*a", "!!int ", "|", ">", "'", "\"", "#", "---\n", "...\n", "%YAML 1.2\n", "? ", "${", "}", "$$", "${X}",
        "<<: ", "~", "null", "\u0000", "\uFEFF", "\u2028", "\U0001F4A9", "\\", "0", "-1", "99999999999999999999", "1e999", "0x7f", ".inf", "flows", "topics:", "include: '**/*'",
    ];

    [Fact]
    public void Mutations_of_the_example_give_a_project_or_faults()
    {
        var mutation = Gen.Select(Gen.Int[0, Projects.Example.Length - 1], Gen.Int[0, 12], Gen.Int[0, Pieces.Length - 1].Select(i => Pieces[i]), Gen.Int[0, 3]);
        mutation.Array[1, 8].Sample(
            mutations =>
            {
                var text = new StringBuilder(Projects.Example);
                foreach (var (at, cut, piece, times) in mutations)
                {
                    var from = Math.Min(at, text.Length);
                    text.Remove(from, Math.Min(cut, text.Length - from)).Insert(from, string.Concat(Enumerable.Repeat(piece, times)));
                }

                AnswersEitherWay(text.ToString());
            },
            iter: 2000);
    }

    [Fact]
    public void Files_made_of_scraps_give_a_project_or_faults() =>
        Gen.Int[0, Pieces.Length - 1].Select(i => Pieces[i]).Array[0, 60].Sample(pieces => AnswersEitherWay(string.Concat(pieces)), iter: 2000);

    [Fact]
    public void Any_text_gives_a_project_or_faults() => Gen.String.Sample(AnswersEitherWay, iter: 2000);

    [Fact]
    public void Every_prefix_of_the_example_gives_a_project_or_faults()
    {
        for (var length = 0; length <= Projects.Example.Length; length += 3)
        {
            AnswersEitherWay(Projects.Example[..length]);
        }
    }

    private static void AnswersEitherWay(string text)
    {
        var load = Projects.Load(text);
        Assert.Equal(load.Config is null, load.Faults.Count > 0);
        var lines = text.Count(c => c is '\n' or '\r' or '\u0085' or '\u2028' or '\u2029') + 2;
        Assert.All(load.Faults, f => Assert.InRange(f.Where.Line, 0, lines));
    }
}
