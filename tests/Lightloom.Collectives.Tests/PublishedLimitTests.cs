using Lightloom.Quantities;

namespace Lightloom.Collectives.Tests;

/// <summary>How near published runs came to the limits of their line rates; each table by its largest size.</summary>
public sealed class PublishedLimitTests
{
    static (NetworkLevels Levels, GroupPlacement Group) Network(PublishedMeasurement row)
    {
        var inside = new NetworkLevel("scale-up", row.ScaleUp, Duration.Zero) { InNetworkBandwidth = row.Switches ? row.ScaleUp : default };
        return row.Domain >= row.Ranks || row.FabricMechanism is null
            ? (new(inside), GroupPlacement.Of(row.Ranks))
            : (new(inside, new NetworkLevel("fabric", row.Nic, Duration.Zero)), GroupPlacement.Of(row.Domain, row.Ranks));
    }

    static BoundedTime Beside(PublishedMeasurement row, SwitchReduction reduction)
    {
        var (levels, group) = Network(row);
        return new(row.Time, CollectiveBounds.Of(row.Kind, row.Size, group, levels, reduction));
    }

    static IReadOnlyList<PublishedMeasurement> Largest(Func<PublishedMeasurement, bool> wanted)
    {
        var rows = PublishedMeasurement.All.Where(wanted).GroupBy(r => (r.Id, r.Kind)).Select(g => g.MaxBy(r => r.Size.Bytes)!).ToList();
        Assert.NotEmpty(rows);
        return rows;
    }

    static void Between(double low, double high, IEnumerable<(PublishedMeasurement Row, double Share)> shares)
    {
        foreach (var (row, share) in shares) Assert.True(share >= low && share <= high, $"{row.Id}: {share:0.000} is not within {low} to {high}");
    }

    [Fact]
    public void Nobody_beat_the_line_rates_with_the_switches_that_there_are()
    {
        foreach (var row in PublishedMeasurement.All)
        {
            var share = Beside(row, SwitchReduction.AsEquipped).OfLimit.Si;
            Assert.True(share is > 0 and <= 1, $"row {row.Row}, {row.Id}: {share:0.000} of the limit");
        }
    }

    [Fact]
    public void Two_nodes_of_B200_reached_93_percent_of_their_cards()
    {
        var rows = PublishedMeasurement.All.Where(r => r is { Kind: CollectiveKind.AllReduce, Accelerator: "B200", Nodes: 2 } && r.Size.Gigabytes > 2).ToList();
        Assert.NotEmpty(rows);
        foreach (var row in rows)
        {
            var beside = Beside(row, SwitchReduction.None);
            var (levels, group) = Network(row);
            Assert.Equal("out of one scale-up domain: 8 x 50 GB/s", beside.Bound.Say(levels, group));
            Assert.InRange(beside.OfLimit.Si, 0.91, 0.96);
        }
    }

    [Fact]
    public void One_node_behind_switches_gathers_scatters_and_exchanges_at_about_three_quarters_of_its_data_sheet() => Between(0.73, 0.81,
        Largest(r => r is { Nodes: 1, Ranks: 8, Accelerator: "H100" or "B200" or "B300", Kind: CollectiveKind.AllGather or CollectiveKind.ReduceScatter or CollectiveKind.AllToAll })
            .Select(r => (r, Beside(r, SwitchReduction.None).OfLimit.Si)));

    // The links inside a node alone would have been beaten; a rank also has its card, and with it the limit stands.
    [Fact]
    public void Two_nodes_of_H100_passed_the_limit_of_their_NVLink_and_not_that_of_all_their_ports()
    {
        var rows = Largest(r => r is { Kind: CollectiveKind.AllReduce, Accelerator: "H100", Nodes: 2 });
        foreach (var row in rows)
        {
            var (levels, group) = Network(row);
            var inside = CollectiveBounds.Of(row.Kind, row.Size, GroupPlacement.Of(row.Ranks), new(levels[0])).Time;
            Assert.InRange(inside / row.Time, 1.03, 1.08);
            Assert.InRange(Beside(row, SwitchReduction.None).OfLimit.Si, 0.92, 0.98);
            Assert.InRange(Beside(row, SwitchReduction.AsEquipped).OfLimit.Si, 0.6, 0.65);
        }
    }

    [Fact]
    public void Switches_that_reduce_beat_the_limit_of_those_that_only_forward()
    {
        var rows = Largest(r => r is { Kind: CollectiveKind.AllReduce, Accelerator: "H100", Nodes: 1, Ranks: 8 } && r.Switches);
        Between(1.06, 1.07, rows.Select(r => (r, Beside(r, SwitchReduction.None).OfLimit.Si)));
        Between(0.6, 0.62, rows.Select(r => (r, Beside(r, SwitchReduction.AsEquipped).OfLimit.Si)));
    }

    // A ring moves (n − 1) / n of everything over each boundary where (N − 1) / N would do: two nodes stay below a half.
    [Fact]
    public void Two_nodes_gather_and_scatter_at_less_than_half_of_the_limit() => Between(0.4, 0.55,
        Largest(r => r is { Nodes: 2, Ranks: 16, Kind: CollectiveKind.AllGather or CollectiveKind.ReduceScatter }).Select(r => (r, Beside(r, SwitchReduction.None).OfLimit.Si)));
}
