using System.Globalization;
using System.Text.RegularExpressions;
using Lightloom.Catalog;
using Lightloom.Fabric;
using Lightloom.Interop.Placement;
using Lightloom.Workloads;

namespace Lightloom.Peers;

/// <summary>
/// Open MPI's mapper takes exported rank files and host files, and refuses them once they are broken. Nothing is started: no host of these is there,
/// so that it stops where it would bind processes to cores.
/// </summary>
public partial class OpenMpiTests
{
    static readonly FabricGraph Graph = Fabrics.SuperPod();

    static TrainingJob Job(int accelerators, Parallelism parallelism) => new()
    {
        Model = new(PartCatalog.Default.Get<TransformerModel>("llama-3.1-70b")),
        Sequence = 8192,
        GlobalBatch = 1016,
        Precision = Precision.Bf16,
        Parallelism = parallelism,
        Accelerators = accelerators,
    };

    [Theory]
    [InlineData(64)]
    [InlineData(1016)]
    public void A_rank_file_is_taken(int accelerators)
    {
        using var scratch = new Scratch();
        Write(scratch, new(Job(accelerators, new() { Tensor = 4, Pipeline = 2 }), RankOrder.Megatron, Graph));
        var said = Map(scratch, accelerators);
        Assert.True(Taken(said), said);
        // All hosts of the host file are known to it.
        Assert.Equal(accelerators / 8, Node().Count(said));
    }

    [Theory]
    [InlineData("rank 9=[^ ]+ ", "rank 9=node-126 ", "Host: node-126")]
    [InlineData("rank 9=", "rank 8=", "Rank:        9")]
    [InlineData("(rank 9=[^ ]+) slot=\\d+", "$1", null)]
    public void A_broken_one_is_refused(string part, string with, string? says)
    {
        using var scratch = new Scratch();
        Write(scratch, new(Job(64, new() { Tensor = 4, Pipeline = 2 }), RankOrder.Megatron, Graph));
        var whole = File.ReadAllText(scratch["ranks"]);
        var broken = Regex.Replace(whole, part, with);
        Assert.NotEqual(whole, broken);
        File.WriteAllText(scratch["ranks"], broken);
        var said = Map(scratch, 64);
        Assert.False(Taken(said), said);
        if (says is not null) Assert.Contains(says, said, StringComparison.Ordinal);
    }

    static void Write(Scratch scratch, RankHosts ranks)
    {
        foreach (var (format, file) in new[] { ("rankfile", "ranks"), ("hostfile", "hosts") })
        {
            using var writer = new StreamWriter(scratch[file]);
            PlacementExport.Find(format).Write(ranks, writer);
        }
    }

    static bool Taken(string said) => said.Contains("mca:rmaps: assigning locations for job", StringComparison.Ordinal);

    static string Map(Scratch scratch, int ranks) => Peer.Run(
        Peer.Find("mpirun", "openmpi-bin"),
        [
            "--do-not-launch", "--hostfile", scratch["hosts"], "--rankfile", scratch["ranks"], "--mca", "rmaps_base_verbose", "20",
            // Names of hosts that are not there would be asked for one by one.
            "--mca", "if_base_do_not_resolve", "1",
            "-np", ranks.ToString(CultureInfo.InvariantCulture), "true",
        ],
        new Dictionary<string, string>
        {
            ["OMPI_ALLOW_RUN_AS_ROOT"] = "1",
            ["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1",
            // Hosts that are not there have as many cores as the design says accelerators.
            ["HWLOC_SYNTHETIC"] = "node:1 core:8 pu:1",
        }).Text;

    [GeneratedRegex(@"^\[[^\]]+\]\s+node: node-\d+ daemon", RegexOptions.Multiline)]
    private static partial Regex Node();
}
