using Lightloom.Catalog.Documents;
using Lightloom.Planning.Comparisons;

namespace Lightloom.Planning.Tests.Comparisons;

public class DesignChangeTests
{
    [Theory]
    [InlineData("a: 1", "a", "2", "a: 2\n")]
    [InlineData("a: 1", "b.c.d", "[1, 2]", "a: 1\nb:\n  c:\n    d:\n      - 1\n      - 2\n")]
    [InlineData("a: { b: 1, c: 2 }", "a.b", null, "a:\n  c: 2\n")]
    [InlineData("a: { b: { c: 2 } }\nd: 1", "a.b.c", null, "d: 1\n")]
    [InlineData("a: 1", "b.c", null, "a: 1\n")]
    [InlineData("site: { links: fewest-watts }", "site.links.media", "optics", "site:\n  links:\n    policy: fewest-watts\n    media: optics\n")]
    [InlineData("accelerators: { system: dgx-h100 }", "accelerators.system.nics", "4", "accelerators:\n  system:\n    basedOn: dgx-h100\n    nics: 4\n")]
    public void A_change_sets_or_takes_out_one_key(string text, string path, string? value, string expected) =>
        Assert.Equal(expected, NodeText.Of(new DesignChange(path, value).Of(YamlText.Read(text, "d.yaml"))));

    [Theory]
    [InlineData("a.b", "1")]
    [InlineData("a.c", null)]
    [InlineData("x.y.z", null)]
    [InlineData("site.links.media", null)]
    public void What_changes_nothing_gives_the_same_document(string path, string? value)
    {
        var root = YamlText.Read("a: { b: 1 }\nsite: { links: fewest-watts }", "d.yaml");
        Assert.Same(root, new DesignChange(path, value).Of(root));
    }
}
