using CsCheck;
using Lightloom.Catalog.Documents;

namespace Lightloom.Catalog.Tests;

public class NodeTextTests
{
    static readonly Mark Here = new("d.yaml", 1, 1);

    // Keys and values as documents have them, and such as need quotes.
    static readonly string[] Awkward =
    [
        "a", "3.0 m", "0.08 USD/kWh", "yes", "null", "", " ", "- x", "a: b", "a #b", "#", "'", "\"", "\\", "{", "[1]", "*x", "&x", "!t", "|", ">-", "%", "@", "two\nlines", "end ", "\u00e4\u2028\u0085", "?",
    ];

    static readonly Gen<string> Text = Gen.OneOf(Gen.Int[0, Awkward.Length - 1].Select(i => Awkward[i]), Gen.String[Gen.Char[' ', '~'], 0, 12]);

    // Any value in quotes, so that what it was generated as does not depend on the reader.
    static readonly Gen<Node> Scalar = Text.Select(t => (Node)new ScalarNode(Here, t, false));

    static Gen<Node> NodeOf(int depth) => depth == 0 ? Scalar : Gen.OneOf(
        Scalar,
        NodeOf(depth - 1).Array[0, 3].Select(items => (Node)new SequenceNode(Here, items)),
        Mapping(depth - 1).Select(m => (Node)m));

    static Gen<MappingNode> Mapping(int depth) => Gen.Select(Text.ArrayUnique[0, 4], NodeOf(depth).Array[4])
        .Select((keys, values) => new MappingNode(Here, [.. keys.Select((k, i) => KeyValuePair.Create(new ScalarNode(Here, k, false), values[i]))]));

    [Fact]
    public void What_is_written_is_read_again_as_it_was() =>
        Mapping(3).Sample(root => YamlText.Read(NodeText.Of(root), "d.yaml").Content == root.Content, iter: 500);

    [Theory]
    [InlineData("a: 1\nb: { c: [1, 2, { d: 3.0 m }], e: {} , f: [] }\ng:\nh: \"8\"\ni: >-\n  two words\n  folded\n")]
    [InlineData("a: plain over\n  two lines\nb:\n  - - x\n    - y\n  - z: 1\n    w: 2\n")]
    [InlineData("x: &v { value: 3 m, low: 2 m }\ny: *v\n")]
    public void Plain_values_stay_plain(string text)
    {
        var root = YamlText.Read(text, "d.yaml");
        var again = YamlText.Read(NodeText.Of(root), "d.yaml");
        Assert.Equal(root.Content, again.Content);
        Assert.Equal(Plain(root), Plain(again));
    }

    [Fact]
    public void Every_example_is_written_as_a_document_of_the_same_content()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(Root(), "examples"), "*.yaml"))
        {
            var root = YamlText.ReadFile(file);
            Assert.Equal(root.Content, YamlText.Read(NodeText.Of(root), file).Content);
        }
    }

    static IEnumerable<bool> Plain(Node node) => node switch
    {
        ScalarNode scalar => [scalar.Plain],
        SequenceNode sequence => sequence.Items.SelectMany(Plain),
        MappingNode mapping => mapping.Entries.SelectMany(e => Plain(e.Value)),
        _ => [],
    };

    static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Lightloom.slnx"))) folder = folder.Parent;
        return folder.FullName;
    }
}
