// NCCL's tuner configuration, as its example plugin reads it from NCCL_TUNER_CONFIG_FILE: one line per range of sizes,
//   collective_type,min_bytes,max_bytes,algorithm,protocol,channels,nNodes,nRanks,numPipeOps,regBuff
// where -1 means any or unchanged. A line fits the counts of nodes and ranks that it was made for, and no others.
using System.Globalization;
using Lightloom.Catalog.Documents;

namespace Lightloom.Collectives;

/// <summary>Writes choices as a tuner configuration for NCCL's example plugin.</summary>
public static class NcclTunerCsv
{
    /// <summary>Writes ranges; a comment names the release and the machine.</summary>
    public static void Write(TextWriter writer, NcclTuner tuner, NcclFunction function, IEnumerable<NcclSizeRange> ranges)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(tuner);
        ArgumentNullException.ThrowIfNull(ranges);
        var machine = tuner.Machine;
        writer.WriteLine($"# {tuner.Tuning.Library} {tuner.Tuning.Version}'s cost model for {machine.Nodes} x {machine.RanksPerNode} GPUs: {machine.Name.ReplaceLineEndings(" ")}");
        foreach (var program in tuner.Programs(function))
        {
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"# runs before any tuner, unless RCCL_MSCCL_ENABLE=0: MSCCL {program.Name}/{NcclTuner.Name(program.Protocol)}, {program.From} to {program.To} B, {DocumentShape.NameOf(program.Buffers)} buffers"));
        }
        writer.WriteLine("# collective_type,min_bytes,max_bytes,algorithm,protocol,channels,nNodes,nRanks,numPipeOps,regBuff");
        foreach (var range in ranges)
        {
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{Name(function)},{range.From},{range.To},{Name(range.Algorithm)},{Name(range.Protocol)},-1,{machine.Nodes},{machine.Ranks},-1,-1"));
        }
    }

    /// <summary>A collective as the configuration names it.</summary>
    public static string Name(NcclFunction function) => function switch
    {
        NcclFunction.AllReduce => "allreduce",
        NcclFunction.AllGather => "allgather",
        NcclFunction.ReduceScatter => "reducescatter",
        NcclFunction.Broadcast => "broadcast",
        _ => "reduce",
    };

    static string Name(NcclAlgorithm algorithm) => algorithm switch
    {
        NcclAlgorithm.Tree => "tree",
        NcclAlgorithm.Ring => "ring",
        NcclAlgorithm.CollNetDirect => "collnet_direct",
        NcclAlgorithm.CollNetChain => "collnet_chain",
        NcclAlgorithm.Nvls => "nvls",
        NcclAlgorithm.NvlsTree => "nvls_tree",
        _ => "pat",
    };

    static string Name(NcclProtocol protocol) => protocol switch { NcclProtocol.LL => "ll", NcclProtocol.LL128 => "ll128", _ => "simple" };
}
