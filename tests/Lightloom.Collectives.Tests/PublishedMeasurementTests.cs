using System.Globalization;
using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Collectives.Tests;

/// <summary>Published peaks that follow from structure, and choices; the bands are held in Lightloom.Planning.Tests.</summary>
public sealed class PublishedMeasurementTests
{
    static CollectiveParameters Mechanism(string key) => PartCatalog.Default.Get<CollectiveParameters>(key);

    static double MedianError(IEnumerable<PublishedMeasurement> rows)
    {
        var errors = rows.Select(r => Math.Abs(r.Predict(Mechanism).Total / r.Time - 1)).Order().ToArray();
        Assert.NotEmpty(errors);
        return (errors[(errors.Length - 1) / 2] + errors[errors.Length / 2]) / 2;
    }

    static void Within(double limit, string name, IEnumerable<PublishedMeasurement> rows)
    {
        var error = MedianError(rows);
        Assert.True(error <= limit, string.Create(CultureInfo.InvariantCulture, $"{name}: median error {error:P1}, at most {limit:P0} was reached before"));
    }

    [Theory]
    [InlineData("8x H200, 4 GPUs", "stas-h200-4g-nvlsoff"), InlineData("8x H200, NVLS", "stas-h200-8g-nvls"), InlineData("8x B200, ring", "stas-b200-8g-ring")]
    [InlineData("3 partitions of 4 GB200, tree", "gb200-issue1801-tree-nvl4"), InlineData("12 nodes of H100", "cw-h100-64-sharp-ar")]
    public void Peaks_by_a_known_algorithm_are_structure_and_not_fit(string what, string id) =>
        Within(0.09, what, PublishedMeasurement.All.Where(r => r.Id == id));

    [Fact]
    public void Every_row_of_the_table_is_understood() => Assert.True(PublishedMeasurement.All.Count >= 500);

    [Fact]
    public void Choice_on_one_H100_node_is_a_ring_for_small_and_NVLS_for_large()
    {
        var rows = PublishedMeasurement.All.Where(r => r.Id == "dgxh100-1n-ar").ToArray();
        Assert.All(rows.Where(r => r.Size.Bytes <= 1 << 20), r => Assert.Same(CollectiveAlgorithm.Ring, r.Predict(Mechanism).Algorithm));
        Assert.All(rows.Where(r => r.Size.Bytes >= 1 << 24), r => Assert.Same(CollectiveAlgorithm.InSwitch, r.Predict(Mechanism).Algorithm));
    }

    [Fact]
    public void Every_accelerator_and_protocol_of_the_catalogue_has_its_mechanism()
    {
        var catalog = PartCatalog.Default;
        Assert.All(catalog.All<Accelerator>(), a => Assert.NotNull(a.Collectives));
        Assert.All(catalog.All<NetworkProtocol>(), p => Assert.NotNull(p.Collectives));
        Assert.Equal("nvlink4", catalog.Get<Accelerator>("h100-sxm-80gb").Collectives.Key);
    }

    [Fact]
    public void Every_mechanism_says_what_it_was_fitted_on() =>
        Assert.All(PartCatalog.Default.All<CollectiveParameters>(), p => Assert.Contains("fitted on", p.Note!, StringComparison.OrdinalIgnoreCase));
}
