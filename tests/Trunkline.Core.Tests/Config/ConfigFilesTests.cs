using CsCheck;
using Trunkline.Core.Config;

namespace Trunkline.Core.Tests.Config;

public sealed class ConfigFilesTests : IDisposable
{
    private static readonly string[] Parts = ["..", ".", "a", "b*", "", "..."];

    private readonly string _folder = Directory.CreateTempSubdirectory("trunkline-config-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Files_on_disk_are_found_by_pattern_in_order()
    {
        Write("project/b.yaml");
        Write("project/flows/z.yaml");
        Write("project/flows/a.yaml");
        Write("project/flows/.hidden.yaml");
        Write("project/flows/deep/c.yaml");
        var files = new DiskConfigFiles(Path.Combine(_folder, "project"));

        Assert.Equal(["flows/a.yaml", "flows/z.yaml"], files.Find(new GlobPattern("flows/*.yaml"), 10));
        Assert.Equal(["b.yaml", "flows/a.yaml", "flows/deep/c.yaml", "flows/z.yaml"], files.Find(new GlobPattern("**/*.yaml"), 10));
        Assert.Equal(["flows/deep/c.yaml"], files.Find(new GlobPattern("flows/*/?.yaml"), 10));
    }

    [Fact]
    public void A_link_out_of_the_folder_is_not_followed()
    {
        Write("secret.yaml");
        Write("project/real.yaml");
        File.CreateSymbolicLink(Path.Combine(_folder, "project", "out.yaml"), Path.Combine(_folder, "secret.yaml"));
        File.CreateSymbolicLink(Path.Combine(_folder, "project", "in.yaml"), Path.Combine(_folder, "project", "real.yaml"));
        Directory.CreateSymbolicLink(Path.Combine(_folder, "project", "up"), _folder);
        var files = new DiskConfigFiles(Path.Combine(_folder, "project"));

        Assert.Equal("is a link out of the project's folder", files.Read("out.yaml", 100).Problem);
        Assert.Equal("is a link out of the project's folder", files.Read("up/secret.yaml", 100).Problem);
        Assert.Equal("x: 1", files.Read("in.yaml", 100).Text);
        Assert.Empty(files.Find(new GlobPattern("up/*.yaml"), 10));
    }

    [Fact]
    public void What_is_not_utf8_or_too_large_is_not_read()
    {
        File.WriteAllBytes(Path.Combine(_folder, "latin.yaml"), [0x61, 0xE9, 0x62]);
        File.WriteAllText(Path.Combine(_folder, "large.yaml"), new string('a', 500));
        var files = new DiskConfigFiles(_folder);

        Assert.Equal("is not UTF-8", files.Read("latin.yaml", 100).Problem);
        Assert.Equal("is too large", files.Read("large.yaml", 100).Problem);
        Assert.Equal("does not exist", files.Read("none.yaml", 100).Problem);
        Assert.Equal("is a folder", files.Read(".", 100).Problem);
    }

    [Theory]
    [InlineData("a.yaml", "b.yaml", "b.yaml")]
    [InlineData("x/a.yaml", "../b.yaml", "b.yaml")]
    [InlineData("x/a.yaml", "./y/./b.yaml", "x/y/b.yaml")]
    [InlineData("x/a.yaml", "../../b.yaml", null)]
    [InlineData("a.yaml", "x/../../b.yaml", null)]
    [InlineData("a.yaml", "/etc/passwd", null)]
    [InlineData("a.yaml", "..\\b.yaml", null)]
    [InlineData("a.yaml", "", null)]
    public void Includes_stay_in_the_folder(string from, string path, string? expected) => Assert.Equal(expected, IncludeLoader.Normalise(from, path));

    [Fact]
    public void A_normalised_include_never_leads_out() =>
        Gen.Int[0, Parts.Length - 1].Select(i => Parts[i]).Array[1, 8].Sample(parts =>
            IncludeLoader.Normalise("x/y.yaml", string.Join('/', parts)) is not { } path || (!path.StartsWith('/') && !path.Split('/').Contains("..")));

    [Fact]
    public void Hostile_patterns_take_no_time() =>
        Assert.False(new GlobPattern(string.Concat(Enumerable.Repeat("*a", 200)) + "b").IsMatch(new string('a', 4000)));

    private void Write(string path)
    {
        var full = Path.Combine(_folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, "x: 1");
    }
}
