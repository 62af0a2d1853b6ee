using System.Text;
using CsCheck;
using Lightloom.Catalog.Documents;

namespace Lightloom.Catalog.Tests;

/// <summary>Strict YAML: what a design has no use for is refused, with its place.</summary>
public class YamlTextTests
{
    [Theory]
    [InlineData("", "d.yaml:1:1: the file is empty; expected a mapping")]
    [InlineData("# nothing\n", "d.yaml:1:1: the file is empty; expected a mapping")]
    [InlineData("- a\n- b\n", "d.yaml:1:1: expected a mapping, found a list")]
    [InlineData("five\n", "d.yaml:1:1: expected a mapping, found 'five'")]
    [InlineData("a: 1\nb: 2\na: 3\n", "d.yaml:3:1: key 'a' stands here a second time")]
    [InlineData("a:\n\tb: 1\n", "d.yaml:2:1: a tab stands in the indentation; YAML is indented with spaces")]
    [InlineData("a:\n  \tb: 1\n", "d.yaml:2:3: a tab stands in the indentation; YAML is indented with spaces")]
    [InlineData("a: 1\n---\nb: 2\n", "d.yaml:2:1: a second document starts here; expected one")]
    [InlineData("a: !!int 5\n", "d.yaml:1:4: tag 'tag:yaml.org,2002:int' has no meaning here")]
    [InlineData("a: !python/object:os.system x\n", "d.yaml:1:4: tag '!python/object:os.system' has no meaning here")]
    [InlineData("a: *b\n", "d.yaml:1:4: alias '*b' names no anchor above it")]
    [InlineData("a: &b [*b]\n", "d.yaml:1:8: alias '*b' names no anchor above it")]
    [InlineData("? [a]\n: 1\n", "d.yaml:1:1: a key must be a plain value")]
    public void What_is_not_strict_is_refused_with_its_place(string text, string message) =>
        Assert.Equal(message, Assert.Throws<InputException>(() => YamlText.Read(text, "d.yaml")).Message);

    [Theory]
    [InlineData("a: [1, 2\n", 2)]
    [InlineData("a: \"never closed\n", 2)]
    [InlineData("a: 1\n b: 2\n", 2)]
    [InlineData("a: {b: 1\n", 2)]
    [InlineData("a: @b\n", 1)]
    [InlineData("!!-[\n", 2)]
    public void What_is_no_YAML_is_refused_near_its_line(string text, int line)
    {
        var e = Assert.Throws<InputException>(() => YamlText.Read(text, "d.yaml"));
        Assert.StartsWith("not valid YAML: ", e.Problem, StringComparison.Ordinal);
        Assert.InRange(e.Mark!.Value.Line, Math.Max(1, line - 1), line);
    }

    [Fact]
    public void Every_node_knows_its_place()
    {
        var root = YamlText.Read("a: 1\nb:\n  c: [x, 'y z']\n", "d.yaml");
        Assert.Equal(new Mark("d.yaml", 1, 4), root.Find("a")!.Mark);
        var list = (SequenceNode)((MappingNode)root.Find("b")!).Find("c")!;
        Assert.Equal(new Mark("d.yaml", 3, 6), list.Mark);
        Assert.Equal(new Mark("d.yaml", 3, 10), list.Items[1].Mark);
        Assert.Equal("y z", ((ScalarNode)list.Items[1]).Text);
    }

    [Fact]
    public void Anchors_and_Windows_line_ends_are_read()
    {
        var root = YamlText.Read("a: &x { b: 1 }\r\nc: *x\r\n", "d.yaml");
        Assert.Equal("1", ((ScalarNode)((MappingNode)root.Find("c")!).Find("b")!).Text);
    }

    [Fact]
    public void Nesting_ends_at_a_depth()
    {
        var deepest = "a: " + new string('[', YamlText.MaximumDepth - 1) + new string(']', YamlText.MaximumDepth - 1);
        Assert.NotNull(YamlText.Read(deepest, "d.yaml"));
        var text = "a: " + new string('[', 100_000);
        Assert.Equal("nested more than 32 levels deep", Assert.Throws<InputException>(() => YamlText.Read(text, "d.yaml")).Problem);
    }

    [Fact]
    public void A_bomb_of_aliases_does_not_go_off()
    {
        var text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 20; i++) text.Append($"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n");
        Assert.Equal("the document has more than 250,000 values once its aliases are expanded",
            Assert.Throws<InputException>(() => YamlText.Read(text.ToString(), "d.yaml")).Problem);
    }

    [Fact]
    public void Any_text_is_read_or_refused_but_never_breaks_the_reader() =>
        Gen.String[Gen.Char["ab:- \n\t[]{}&*!|>'\"#%@,?0\r\\~<="], 0, 40].Sample(text =>
        {
            try
            {
                YamlText.Read(text, "d.yaml");
            }
            catch (InputException e)
            {
                Assert.NotEmpty(e.Problem);
                Assert.True(e.Mark is { Line: >= 1, Column: >= 1 }, e.Message);
            }
        }, iter: 20_000);

    [Fact]
    public void Files_that_are_missing_folders_binary_or_huge_are_refused()
    {
        var folder = Directory.CreateTempSubdirectory("lightloom");
        try
        {
            string Write(string name, byte[] bytes)
            {
                var path = Path.Combine(folder.FullName, name);
                File.WriteAllBytes(path, bytes);
                return path;
            }
            string Problem(string path) => Assert.Throws<InputException>(() => YamlText.ReadFile(path)).Message;

            var missing = Path.Combine(folder.FullName, "none.yaml");
            Assert.Equal($"there is no file '{missing}'", Problem(missing));
            Assert.Equal($"there is no file '{missing}/x.yaml'", Problem(missing + "/x.yaml"));
            Assert.Equal($"'{folder.FullName}' is a folder; expected a file", Problem(folder.FullName));
            Assert.StartsWith("'' can't be read: ", Problem(""), StringComparison.Ordinal);
            Assert.StartsWith("'a\uFFFDb' can't be read: ", Problem("a\0b"), StringComparison.Ordinal);
            var binary = Write("b.yaml", [0x7f, (byte)'E', (byte)'L', (byte)'F', 0, 1]);
            Assert.Equal($"'{binary}' is not a text file: byte 4 is zero", Problem(binary));
            var latin = Write("l.yaml", [(byte)'a', (byte)':', (byte)' ', 0xe9, (byte)'\n']);
            Assert.Equal($"'{latin}' is not a UTF-8 text file: byte 3 can't be read", Problem(latin));
            var huge = Write("h.yaml", new byte[YamlText.MaximumBytes + 1]);
            Assert.Equal($"'{huge}' is larger than 16 MiB; a document of this kind is a few kilobytes", Problem(huge));
            var marked = Write("m.yaml", [0xef, 0xbb, 0xbf, .. "a: 1\n"u8]);
            Assert.Equal("1", ((ScalarNode)YamlText.ReadFile(marked).Find("a")!).Text);
            Assert.Equal($"{Write("e.yaml", [])}:1:1: the file is empty; expected a mapping", Problem(Path.Combine(folder.FullName, "e.yaml")));
            if (File.Exists("/dev/zero"))
                Assert.Equal("'/dev/zero' is larger than 16 MiB; a document of this kind is a few kilobytes", Problem("/dev/zero"));
        }
        finally
        {
            folder.Delete(true);
        }
    }
}
