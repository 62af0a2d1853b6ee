using System.Text.Json.Nodes;
using NJsonSchema;

namespace Lightloom.Planning.Tests;

/// <summary>The published schema: it is what the types say, it takes what the reader takes and refuses what the reader refuses.</summary>
public class DesignSchemaTests
{
    static readonly string File = Path.Combine(Designs.Root, "schema", "design.schema.json");

    static readonly Lazy<JsonSchema> Schema =
        new(() => JsonSchema.FromJsonAsync(DesignSchema.Write(), TestContext.Current.CancellationToken).GetAwaiter().GetResult());

    [Fact]
    public void The_published_schema_is_the_one_that_the_types_make()
    {
        var made = DesignSchema.Write() + "\n";
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(File)!);
            System.IO.File.WriteAllText(File, made);
        }
        Assert.True(System.IO.File.Exists(File), $"{File} is missing; UPDATE_GOLDEN=1 makes it");
        Assert.Equal(System.IO.File.ReadAllText(File), made);
    }

    [Fact]
    public void Every_key_of_the_design_is_described()
    {
        var schema = JsonNode.Parse(DesignSchema.Write())!;
        foreach (var section in new[] { "AcceleratorsSection", "FabricSection", "SiteSection", "FloorSection", "JobSection", "Parallelism" })
        {
            var definition = schema["definitions"]![section]!;
            var properties = (definition["properties"] ?? definition["anyOf"]![1]!["properties"])!.AsObject();
            Assert.NotEmpty(properties);
            foreach (var (key, value) in properties)
                Assert.False(string.IsNullOrEmpty((string?)value!["description"]), $"{section}.{key} has no description: are the XML docs beside the assemblies?");
        }
    }

    [Theory]
    [MemberData(nameof(Designs.Examples), MemberType = typeof(Designs))]
    public void Every_example_is_valid(string example) => Assert.Empty(Problems(Designs.Text(example)));

    [Theory]
    [InlineData("switch: qm9700", "switch: { basedOn: qm9700, power: 1.9 kW, ports: { value: 64, low: 32, high: 64, grade: vendor } }")]
    [InlineData("parallelism: { tensor: 4, pipeline: 2 }", "parallelism: auto")]
    [InlineData("electricity: 0.08 USD/kWh", "assumptions: { basedOn: default, restart: 20 min, acceleratorLoad: 1 }")]
    [InlineData("links: cheapest-feasible", "links: { policy: fewest-watts, leaf-spine: 800g-2xdr4, connectors: 4 }")]
    public void What_the_reader_takes_is_valid(string old, string with)
    {
        var text = Designs.Changed(Designs.SuperPod, (old, with));
        Designs.Evaluate(text);
        Assert.Empty(Problems(text));
    }

    [Theory]
    [InlineData("systems: 127", "sistems: 127")]
    [InlineData("systems: 127", "systems: 0")]
    [InlineData("systems: 127", "systems: many")]
    [InlineData("systems: 127", "systems: 1.5")]
    [InlineData("switch: qm9700", "switch: qm9701")]
    [InlineData("switch: qm9700", "switch: { power: 1.9 kW }")]
    [InlineData("switch: qm9700", "switch: { basedOn: qm9700, power: 1.9 m }")]
    [InlineData("switch: qm9700", "switch: { basedOn: qm9700, power: 1.9 }")]
    [InlineData("switch: qm9700", "switch: { basedOn: qm9700, powr: 1.9 kW }")]
    [InlineData("switch: qm9700", "switch: { basedOn: qm9700, power: { low: 1 kW } }")]
    [InlineData("electricity: 0.08 USD/kWh", "electricity: 0.08 EUR/kWh")]
    [InlineData("aislePitch: 3.0 m", "aislePitch: 3.0 s")]
    [InlineData("precision: bf16", "precision: bf15")]
    [InlineData("protocol: infiniband", "protocol: token-ring")]
    [InlineData("links: cheapest-feasible", "links: cheapest")]
    [InlineData("globalBatch: 1016", "globalBatch: -1016")]
    [InlineData("tensor: 4", "tensr: 4")]
    [InlineData("lightloom: 1", "lightloom: 2")]
    [InlineData("name: 1,016 H100 on InfiniBand NDR", "title: a")]
    public void What_the_reader_refuses_is_not_valid(string old, string with)
    {
        var text = Designs.Changed(Designs.SuperPod, (old, with));
        Assert.Throws<Catalog.Documents.InputException>(() => DesignDocument.Parse(text));
        Assert.NotEmpty(Problems(text));
    }

    static IEnumerable<string> Problems(string text) => Schema.Value.Validate(Designs.Json(text).ToJsonString()).Select(e => e.ToString());
}
