using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Catalog.Tests;

/// <summary>Binding a document to records, and what a wrong one is told.</summary>
public class DocumentBinderTests
{
    public sealed record Design
    {
        public required string Name { get; init; }

        [Limits(Minimum = 1, Maximum = 1000)]
        public int Count { get; init; } = 1;

        [Limits(Minimum = 0, Maximum = 1_000_000)]
        public long Tokens { get; init; }

        [Limits(Minimum = 0.5, Maximum = 2)]
        public double Ratio { get; init; } = 1;

        public bool Spare { get; init; }

        public Switch? Switch { get; init; }

        public AcceleratorSystem? System { get; init; }

        [Limits(Minimum = 0.1, Maximum = 100)]
        public Length? Pitch { get; init; }

        public ScaleUpTopology Topology { get; init; }

        public Parallelism? Parallelism { get; init; }

        public IReadOnlyList<int>? Shape { get; init; }

        public IReadOnlyDictionary<string, Transceiver>? Links { get; init; }

        public Sourced<Money>? Price { get; init; }
    }

    [Shorthand(nameof(Mode))]
    public sealed record Parallelism
    {
        public string? Mode { get; init; }

        [Limits(Minimum = 1)]
        public int Tensor { get; init; } = 1;
    }

    [Fact]
    public void A_whole_document_binds()
    {
        var (design, binder) = Bind("""
            name: a
            count: 127
            spare: true
            switch: qm9700
            pitch: 0.75 m
            topology: full-mesh
            parallelism: { tensor: 4 }
            shape: [4, 4, 8]
            links: { leaf-spine: 800g-2xdr4 }
            price: { value: 5 kUSD, high: 6 kUSD, year: 2026 }
            """);
        Assert.Equal((127, true, 4), (design.Count, design.Spare, design.Parallelism!.Tensor));
        Assert.Equal("qm9700", design.Switch!.Key);
        Assert.Equal(ScaleUpTopology.FullMesh, design.Topology);
        Assert.Equal([4, 4, 8], design.Shape!);
        Assert.Equal("800g-2xdr4", design.Links!["leaf-spine"].Key);
        Assert.Equal(("d.yaml:10:8", Grade.Assumption, 2026), (design.Price!.Value.Source, design.Price.Value.Grade, design.Price.Value.Year));
        Assert.Equal("5 kUSD (5 kUSD to 6 kUSD)", design.Price.ToString());
        Assert.Equal(new Mark("d.yaml", 7, 24), binder.PlaceOf("parallelism.tensor"));
        Assert.Equal(new Mark("d.yaml", 7, 1), binder.PlaceOf("parallelism.pipeline"));
        Assert.True(binder.Gave("shape.2") && !binder.Gave("ratio"));
    }

    [Fact]
    public void A_plain_value_stands_for_a_record_that_allows_it() =>
        Assert.Equal("auto", Bind("name: a\nparallelism: auto\n").Design.Parallelism!.Mode);

    [Theory]
    [InlineData("nmae: a", "d.yaml:1:1: unknown key 'nmae'; did you mean 'name'?")]
    [InlineData("name: a\nzebra: 1",
        "d.yaml:2:1: unknown key 'zebra'; expected one of name, count, tokens, ratio, spare, switch, system, pitch, " +
        "topology, parallelism, shape, links, price")]
    [InlineData("count: 1", "d.yaml:1:1: key 'name' is missing")]
    [InlineData("name:", "d.yaml:1:6: expected a text, found nothing")]
    [InlineData("name: [a]", "d.yaml:1:7: expected a plain value for 'name', found a list")]
    [InlineData("name: a\ncount: 0", "d.yaml:2:8: expected a whole number from 1 to 1000, found '0'")]
    [InlineData("name: a\ncount: 1.5", "d.yaml:2:8: expected a whole number from 1 to 1000, found '1.5'")]
    [InlineData("name: a\ncount: 99999999999999999999",
        "d.yaml:2:8: expected a whole number from 1 to 1000, found '99999999999999999999'")]
    [InlineData("name: a\nratio: .nan", "d.yaml:2:8: expected a number from 0.5 to 2, found '.nan'")]
    [InlineData("name: a\nratio: 3", "d.yaml:2:8: expected a number from 0.5 to 2, found '3'")]
    [InlineData("name: a\ntokens: -1", "d.yaml:2:9: expected a whole number from 0 to 1,000,000, found '-1'")]
    [InlineData("name: a\nspare: yes", "d.yaml:2:8: expected true or false, found 'yes'")]
    [InlineData("name: a\npitch: 3", "d.yaml:2:8: '3' has no unit; a length is given in nm, um, mm, cm, m, km, in, ft")]
    [InlineData("name: a\npitch: 3 dB",
        "d.yaml:2:8: '3 dB' is not a length: 'dB' is a unit of gain or loss; units that fit are nm, um, mm, cm, m, km, in, ft")]
    [InlineData("name: a\npitch: 3 km", "d.yaml:2:8: expected a length from 100 mm to 100 m, found '3 km'")]
    [InlineData("name: a\ntopology: mesh", "d.yaml:2:11: expected one of switched, full-mesh, torus; found 'mesh'")]
    [InlineData("name: a\nshape: 4", "d.yaml:2:8: expected a list for 'shape', found '4'")]
    [InlineData("name: a\nshape: [4, x]", "d.yaml:2:12: expected a whole number, found 'x'")]
    [InlineData("name: a\nlinks: qm9700", "d.yaml:2:8: expected a mapping for 'links', found 'qm9700'")]
    [InlineData("name: a\nparallelism: [1]",
        "d.yaml:2:14: expected a mapping for 'parallelism' with keys such as mode, tensor; found a list")]
    [InlineData("name: a\nparallelism: { tensor: 0 }", "d.yaml:2:24: expected a whole number of at least 1, found '0'")]
    [InlineData("name: a\nswitch: qm970", "d.yaml:2:9: there is no switch 'qm970'; did you mean 'qm9700'?")]
    [InlineData("name: a\nswitch: [qm9700]",
        "d.yaml:2:9: expected the name of a part, or a mapping with 'basedOn', for 'switch'; found a list")]
    [InlineData("name: a\nswitch: { power: 2 kW }",
        "d.yaml:2:9: 'switch' is described here, so it needs 'basedOn', the part that it starts from")]
    [InlineData("name: a\nswitch: { basedOn: qm9700, powr: 2 kW }", "d.yaml:2:28: unknown key 'powr'; did you mean 'power'?")]
    [InlineData("name: a\nswitch: { basedOn: qm9700, power: 2 m }",
        "d.yaml:2:35: '2 m' is not a power: 'm' is a unit of length; units that fit are " +
        "pW, nW, uW, mW, W, kW, MW, GW")]
    [InlineData("name: a\nswitch: { basedOn: qm9700, power: { value: 2 kW, lo: 1 kW } }",
        "d.yaml:2:50: unknown key 'lo' in a figure; did you mean 'low'?")]
    [InlineData("name: a\nswitch: { basedOn: qm9700, power: { low: 1 kW } }", "d.yaml:2:35: figure 'power' has no 'value'")]
    [InlineData("name: a\nswitch: { basedOn: qm9700, power: { value: 2 kW, low: 3 kW } }",
        "d.yaml:2:35: figure 'power' must have low <= value <= high; found 3 kW, 2 kW, 2 kW")]
    [InlineData("name: a\nswitch: { basedOn: qm9700, provenance: { source: me, grade: standard } }",
        "d.yaml:2:28: 'provenance' speaks for the figures of the part that this one is based on; give each changed figure its own source and grade")]
    [InlineData("name: a\nprice: { value: 5 USD, year: 26 }",
        "d.yaml:2:30: expected a whole number from 1950 to 2100, found '26'")]
    [InlineData("name: a\nprice: { value: 5 USD, grade: gut }",
        "d.yaml:2:31: expected one of standard, measured, vendor, simulated, estimate, assumption; found 'gut'")]
    public void A_wrong_document_is_told_what_was_expected_and_where(string text, string message) =>
        Assert.Equal(message, Assert.Throws<InputException>(() => Bind(text)).Message);

    [Fact]
    public void A_changed_part_keeps_the_provenance_of_the_rest_and_marks_what_changed()
    {
        var basis = PartCatalog.Default.Get<Switch>("qm9700");
        var changed = Bind("name: a\nswitch: { basedOn: qm9700, power: 1.9 kW, rackUnits: { value: 2, low: 1, high: 3 } }\n").Design.Switch!;
        Assert.Equal("qm9700*", changed.Key);
        Assert.Equal("1.9 kW", changed.Power!.Value.Value.ToString());
        Assert.Equal(("d.yaml:2:35", Grade.Assumption, null), (changed.Power.Value.Source, changed.Power.Value.Grade, changed.Power.Value.Year));
        Assert.Equal((2, 1, 3), (changed.RackUnits!.Value.Value, changed.RackUnits.Value.Low, changed.RackUnits.Value.High));
        Assert.Equal(("d.yaml:2:54", Grade.Assumption, null),
            (changed.RackUnits.Value.Source, changed.RackUnits.Value.Grade, changed.RackUnits.Value.Year));
        Assert.Equal(basis.Latency, changed.Latency);
        Assert.Equal(basis.Ports, changed.Ports);
        Assert.Equal(basis.PortsPerCage, changed.PortsPerCage);
        Assert.Equal("747 W", basis.Power!.Value.Value.ToString());
    }

    [Fact]
    public void A_user_may_cite_a_source_and_the_part_s_year_does_not_stick_to_it()
    {
        var power = Bind("name: a\nswitch: { basedOn: sn6810, power: { value: 3 kW, source: our meter, grade: measured } }\n").Design.Switch!.Power!.Value;
        Assert.Equal(("our meter", Grade.Measured, null), (power.Source, power.Grade, power.Year));
    }

    [Fact]
    public void Parts_within_parts_can_be_changed_too()
    {
        var system = Bind("""
            name: a
            system:
              basedOn: dgx-h100
              nic: { basedOn: connectx-7, price: 1 kUSD }
              accelerator:
                basedOn: h100-sxm-80gb
                power: 650 W
            """).Design.System!;
        Assert.Equal(("dgx-h100*", "connectx-7*", "h100-sxm-80gb*"), (system.Key, system.Nic.Key, system.Accelerator.Key));
        Assert.Equal("1 kUSD", system.Nic.Price!.Value.Value.ToString());
        Assert.Equal("d.yaml:7:12", system.Accelerator.Power!.Value.Source);
        Assert.Equal("989 TFLOP/s", system.Accelerator.Bf16Peak.Value.ToString());
    }

    [Fact]
    public void A_part_that_is_based_on_another_and_changes_nothing_is_the_same_but_for_its_key()
    {
        var part = Bind("name: a\nswitch: { basedOn: qm9700 }\n").Design.Switch!;
        Assert.Equal("qm9700*", part.Key);
        Assert.Equal(PartCatalog.Default.Get<Switch>("qm9700").Power, part.Power);
    }

    [Fact]
    public void No_shipped_figure_comes_from_a_place_in_a_file() =>
        Assert.DoesNotContain(Figures.Shipped(), f => f.Figure.Source.Contains(".yaml:", StringComparison.Ordinal));

    static (Design Design, DocumentBinder Binder) Bind(string text)
    {
        var binder = new DocumentBinder(PartCatalog.Default);
        return (binder.Bind<Design>(YamlText.Read(text, "d.yaml")), binder);
    }
}
