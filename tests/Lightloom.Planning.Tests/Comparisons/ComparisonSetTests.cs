using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Planning.Comparisons;

namespace Lightloom.Planning.Tests.Comparisons;

public class ComparisonSetTests
{
    static readonly Evaluator Evaluator = new();

    public static TheoryData<string, string> Cases =>
    [
        .. from set in ComparisonSets.All
           from example in (string[])[Designs.SuperPod, Designs.Pluggable, Designs.Copper]
           select (set.Name, example),
    ];

    static ComparisonStudy Study(string set, string example) => ComparisonStudy.Of(DesignDocument.Parse(Designs.Text(example), "d.yaml"), ComparisonSets.Find(set));

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_variant_differs_from_the_design_only_in_what_it_says(string set, string example)
    {
        var document = DesignDocument.Parse(Designs.Text(example), "d.yaml");
        foreach (var variant in ComparisonSets.Find(set).Of(document).Where(v => v.Refusal is null))
        {
            var changed = variant.Of(document);
            string[] said = [.. variant.Changes.Select(c => c.Path), .. variant.IsBase ? (string[])[] : ["name"]];
            var before = Leaves(document.Root, "").ToDictionary();
            var after = Leaves(changed.Root, "").ToDictionary();
            var differ = before.Keys.Union(after.Keys).Where(k => before.GetValueOrDefault(k) != after.GetValueOrDefault(k)).ToList();
            Assert.All(differ, path => Assert.Contains(said, s => path == s || path.StartsWith(s + ".", StringComparison.Ordinal) || IsShorthandOf(path, s)));
            // And whatever it says is a difference.
            Assert.All(said, s => Assert.Contains(differ, path => path == s || path.StartsWith(s + ".", StringComparison.Ordinal)));
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Its_figures_are_those_of_the_written_variant_evaluated(string set, string example)
    {
        var study = Study(set, example);
        var rows = Comparison.Of(study.Designs).ToDictionary(r => r.Key);
        for (var i = 0; i < study.Designs.Count; i++)
        {
            var written = DesignDocument.Parse(NodeText.Of(study.Designs[i].Document.Root), "v.yaml");
            if (written.Design.Sites is { Count: > 1 }) continue; // Of several sites: a test of its own.
            var evaluation = Evaluator.Evaluate(written);
            Assert.Equal(evaluation.Id, study.Designs[i].Evaluation.Id);
            Assert.Equal(evaluation.Outcome!.Value.EffectiveTokensPerSecond, rows["effectiveTokensPerSecond"].Values[i]!.Value.Value, 1e-12 * evaluation.Outcome.Value.EffectiveTokensPerSecond);
            Assert.Equal(evaluation.MillionTokens!.Value.Value.Dollars, rows["millionTokens_USD"].Values[i]!.Value.Value, 1e-12);
            Assert.Equal(evaluation.MillionTokens.Value.High.Dollars, rows["millionTokens_USD"].Values[i]!.Value.High, 1e-12);
            Assert.Equal(evaluation.Economics.TotalCapital.Value.Dollars / 1e6, rows["capital_MUSD"].Values[i]!.Value.Value, 1e-9);
            Assert.Equal(evaluation.Power.InUse.Kilowatts, rows["power_kW"].Values[i]!.Value.Value, 1e-9);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_variant_stands_in_the_table_or_has_a_reason_and_the_design_itself_is_in_it_once(string set, string example)
    {
        var study = Study(set, example);
        Assert.Single(study.Designs, d => d.Variant.IsBase);
        var variants = ComparisonSets.Find(set).Of(DesignDocument.Parse(Designs.Text(example), "d.yaml"));
        Assert.All(variants, v => Assert.Single(study.Designs.Select(d => d.Name).Concat(study.NotPossible.Select(n => n.Name)), name => name == v.Name));
        Assert.All(study.NotPossible, n => Assert.NotEqual("", n.Refusal));
        Assert.All(study.Designs.Where(d => !d.Variant.IsBase), d => Assert.Equal(0, d.Sum(e => e.Build.Links.Sum(l => l.Open))));
    }

    [Fact]
    public void Protocols_change_the_switch_only_where_it_does_not_speak_them()
    {
        var study = Study("fabric", Designs.SuperPod);
        Assert.Equal(["RoCE", "Ultra Ethernet", "InfiniBand", "InfiniBand, switches reduce"], study.Designs.Select(d => d.Name));
        Assert.Equal(["sn5600", "sn5600", "qm9700", "qm9700"], study.Designs.Select(d => d.Document.Design.Fabric.Switch.Key));
        Assert.Equal(["no", "no", "yes, not used", "yes"], study.Designs.Select(d => DesignFacts.Of(d).InNetworkReduction));
        var roce = Study("fabric", Designs.Copper).Designs;
        Assert.Equal("sn5600", roce.Single(d => d.Name == "Ultra Ethernet").Document.Design.Fabric.Switch.Key);
        // One vendor makes InfiniBand's switches; the premium comes with a range that holds it.
        var rows = Comparison.Of(study.Designs).ToDictionary(r => r.Key);
        Assert.Equal(1, rows["fewestVendors"].Values[2]!.Value.Value);
        Assert.True(rows["fewestVendors"].Values[0]!.Value.Value > 1);
        Assert.Null(rows["networkPremium_share"].Values[0]);
        var premium = rows["networkPremium_share"].Values[2]!.Value;
        Assert.True(premium.Low < premium.Value && premium.Value < premium.High, $"{premium}");
        Assert.Equal(rows["networkCapital_MUSD"].Difference(2)!.Value, premium.Value, 1e-9);
    }

    [Fact]
    public void Modules_of_each_class_close_every_link_or_the_reason_is_told()
    {
        var study = Study("optics", Designs.Pluggable);
        var package = study.Designs.Single(d => d.Name == "co-packaged");
        Assert.Equal("q3450-ld", package.Document.Design.Fabric.Switch.Key);
        // The shipped example of the same fabric with co-packaged optics is what the change makes of it.
        var shipped = Designs.Example(Designs.CoPackaged);
        Assert.Equal(shipped.Economics.TotalCapital.Value.Dollars, package.Evaluation.Economics.TotalCapital.Value.Dollars, 1e-3);
        Assert.Equal(shipped.Power.InUse.Watts, package.Evaluation.Power.InUse.Watts, 1e-6);
        Assert.Equal(shipped.Outcome!.Value.EffectiveTokensPerSecond, package.Evaluation.Outcome!.Value.EffectiveTokensPerSecond, 1e-3);
        Assert.Contains(study.NotPossible, v => v.Name == "linear modules" && v.Refusal!.StartsWith("no linear module with a price closes", StringComparison.Ordinal));
    }

    [Fact]
    public void Domains_keep_every_figure_of_an_accelerator()
    {
        var study = Study("domain", Designs.Pluggable);
        Assert.Equal(["NVL4", "NVL8", "NVL16", "NVL32", "NVL64", "NVL72"], study.Designs.Select(d => d.Name).Concat(study.NotPossible.Select(n => n.Name)).Where(n => !n.Contains(',')).OrderBy(n => int.Parse(n[3..])));
        var (rack, eight) = (study.Designs.Single(d => d.Name == "NVL72").Evaluation, study.Designs.Single(d => d.Name == "NVL8").Evaluation);
        Assert.Equal(rack.Build.Plan.AcceleratorCount, eight.Build.Plan.AcceleratorCount);
        Assert.Equal(72, eight.Build.Plan.Request.Systems);
        double Systems(Evaluation e) => e.Bill.TotalOf(MaterialCategory.Systems).Value.Dollars;
        Assert.Equal(Systems(rack), Systems(eight), 1);
        Assert.Equal(rack.Power.Items.Where(i => !i.IsNetwork).Sum(i => i.InUse.Watts), eight.Power.Items.Where(i => !i.IsNetwork).Sum(i => i.InUse.Watts), 1e-3);
        // Its 64-way experts leave a domain of 8 and stay in one of 72.
        Assert.True(eight.Outcome!.Value.Step.Time.Seconds > rack.Outcome!.Value.Step.Time.Seconds);
        var odd = Study("domain", Designs.SuperPod).NotPossible.Single(v => v.Name == "NVL72");
        Assert.Equal("1,016 accelerators aren't whole domains of 72; the nearest possible are 1,008 and 1,080", odd.Refusal);
    }

    /// <summary>Racks of GB200 beside boards of B200, with the catalogue's own prices and the cards that the fabric takes.</summary>
    [Fact]
    public void A_domain_of_another_size_may_be_another_product()
    {
        var study = Study("domain", Designs.Pluggable);
        var (rack, board) = (study.Designs.Single(d => d.Name == "NVL72").Evaluation, study.Designs.Single(d => d.Name.StartsWith("NVL8, ", StringComparison.Ordinal)).Evaluation);
        var system = board.Build.Plan.Request.System;
        Assert.Equal(("b200-sxm", 8), (system.Accelerator.Key, system.Accelerators.Value));
        Assert.Equal(rack.Build.Plan.AcceleratorCount, board.Build.Plan.AcceleratorCount);
        Assert.Equal(rack.Build.Plan.Request.System.Nic.Key, system.Nic.Key);
        Assert.Equal(72 * PartCatalog.Default.Get<AcceleratorSystem>("hgx-b200").Price.Value.Dollars, board.Bill.TotalOf(MaterialCategory.Systems).Value.Dollars, 1);
        // An H100 has no rack-scale sibling in the catalogue.
        Assert.DoesNotContain(ComparisonSets.Find("domain").Of(DesignDocument.Parse(Designs.Text(Designs.SuperPod), "d.yaml")), v => v.Name.Contains(','));
    }

    [Fact]
    public void Two_halves_of_a_cluster_cost_what_they_cost_and_train_as_train_sites_says()
    {
        var study = Study("sites", Designs.Copper);
        Assert.Equal(["one site", "two sites, 10 km", "two sites, 100 km", "two sites, 1,000 km"], study.Designs.Select(d => d.Name));
        var rows = Comparison.Of(study.Designs).ToDictionary(r => r.Key);
        foreach (var design in study.Designs.Skip(1))
        {
            var i = study.Designs.ToList().IndexOf(design);
            var sites = SiteStudy.Of(DesignDocument.Parse(NodeText.Of(design.Document.Root), "v.yaml"), Evaluator);
            Assert.Equal(2, design.Sites.Count);
            Assert.Equal(rows["accelerators"].Values[0], rows["accelerators"].Values[i]);
            Assert.Equal(2 * sites.Sites[0].Economics.TotalCapital.Value.Dollars / 1e6, rows["capital_MUSD"].Values[i]!.Value.Value, 1e-9);
            // Both sites' parts fail, as many as stand in one, but for the switches that each needs of its own; and the route is cut, and whole sites fail.
            var outages = sites.Routes[0].Outages.Sum(o => o.Rate.PerYear) + (2 * sites.Routes[0].Defaults.SiteFailures.Value.PerYear);
            var inside = (8766 / rows["interruptionMeanTime_h"].Values[i]!.Value.Value) - outages;
            Assert.InRange(8766 / inside / rows["interruptionMeanTime_h"].Values[0]!.Value.Value, 0.9, 1.001);
            var lost = 1 - (0.5 * (1 - sites.Routes[0].Availability));
            Assert.InRange(rows["effectiveShare"].Values[i]!.Value.Value, (lost * rows["effectiveShare"].Values[0]!.Value.Value) - 0.001, rows["effectiveShare"].Values[0]!.Value.Value);
            Assert.Equal(design.Method!.Predict(sites.Work, sites.Network).Step.Seconds, rows["stepTime_s"].Values[i]!.Value.Value, 1e-12);
            // Two sites' costs over their common tokens, and no range lost on the way.
            Assert.Equal(rows["yearlyCost_MUSD"].Values[i]!.Value.Value * 1e12 / (rows["effectiveTokensPerSecond"].Values[i]!.Value.Value * 8766 * 3600), rows["millionTokens_USD"].Values[i]!.Value.Value, 1e-9);
            Assert.True(rows["millionTokens_USD"].Values[i]!.Value.HasRange);
        }
        // Farther never is faster.
        Assert.True(rows["stepTime_s"].Values[3]!.Value.Value >= rows["stepTime_s"].Values[1]!.Value.Value);
    }

    [Fact]
    public void A_comparison_is_found_by_name()
    {
        Assert.Equal("there is no comparison 'fabrik'; did you mean 'fabric'?",
            Assert.Throws<InputException>(() => ComparisonSets.Find("fabrik")).Message);
    }

    [Fact]
    public void What_is_wrong_with_the_design_itself_is_an_error_and_no_refusal()
    {
        var document = DesignDocument.Parse(Designs.Changed(Designs.SuperPod, ("tensor: 4", "tensor: 3")), "d.yaml");
        Assert.Contains("tensor 3", Assert.Throws<InputException>(() => ComparisonStudy.Of(document, ComparisonSets.Find("fabric"))).Message, StringComparison.Ordinal);
    }

    static bool IsShorthandOf(string path, string said) => (path, said.Split('.')) switch
    {
        ("site.links", ["site", "links", ..]) or ("site.links.policy", ["site", "links", ..]) => true,
        ("accelerators.system", ["accelerators", "system", ..]) or ("accelerators.system.basedOn", ["accelerators", "system", ..]) => true,
        _ => false,
    };

    static IEnumerable<(string, string)> Leaves(Node node, string path) => node is MappingNode mapping
        ? mapping.Entries.SelectMany(e => Leaves(e.Value, path.Length == 0 ? e.Key.Text : $"{path}.{e.Key.Text}"))
        : [(path, node.Content)];
}
