using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Planning.Validation;
using Lightloom.Workloads;

namespace Lightloom.Planning.Tests.Validation;

/// <summary>What a row of a table of training steps says, and what follows from it where it leaves something out.</summary>
public sealed class MeasuredStepTests
{
    static MeasuredStep Step(string gpus, string batch, string sequence, string value, string unit, string notes)
    {
        const string header = "id,model,arch,seq,gpus,gpu_type,tp,pp,dp,ep,cp,microbatch,vp_interleave,globalbatch,precision,recompute,metric,value,unit,source,notes\n";
        var text = $"{header}r1,Llama-3.1-8B,dense,{sequence},{gpus},TPU v6e,,,,,,,,{batch},bf16,,step_time,{value},{unit},tpu-recipes,{notes}\n";
        return MeasuredStep.Of(CsvTable.Read(text, "made.csv").Rows[0], PartCatalog.Default);
    }

    // 3.393 s at 7243.378 tokens a second on each of 16 chips: 393,240 tokens, 48 sequences of 8192.
    [Fact]
    public void Time_and_throughput_of_a_step_tell_its_batch()
    {
        var step = Step("16", "", "8192", "3.393", "s", "7243.378 tok/s/chip");
        Assert.Equal(48, step.Job.GlobalBatch);
        Assert.Contains("globalbatch", step.Open);
    }

    [Theory]
    [InlineData("64", "3.393", "s", "7243.378 tok/s/chip", 64)] // the row says it
    [InlineData("", "3.393", "s", "", 16)]
    [InlineData("", "7243", "tok/s/GPU", "7243 tok/s/chip", 16)]
    [InlineData("", "3.393", "s", "1.2.3 tok/s/chip", 16)]
    public void A_batch_is_as_the_row_has_it_or_what_is_usual(string batch, string value, string unit, string notes, int expected) =>
        Assert.Equal(expected, Step("16", batch, "8192", value, unit, notes).Job.GlobalBatch);

    [Theory]
    [InlineData("256", "64", 4)]
    [InlineData("256", "256", 1)]
    [InlineData("256", "96", 1)]
    public void Fewer_sequences_than_chips_of_a_torus_are_split(string gpus, string batch, int context) =>
        Assert.Equal(context, Step(gpus, batch, "131072", "34", "s", "").Job.Parallelism.Context);

    static KernelRow Row(string precision, string metric, string source = "a report of 2025", string sharding = "")
    {
        const string header = "id,model,arch,seq,gpus,gpu_type,tp,pp,dp,ep,cp,microbatch,vp_interleave,globalbatch,precision,recompute,zero_fsdp,metric,value,unit,source,notes\n";
        var text = $"{header}r1,Llama-3.1-8B,dense,8192,64,H100-SXM-80GB,1,1,64,1,1,1,1,128,{precision},none,{sharding},{metric},40,%,{source},\n";
        return Assert.Single(KernelFit.Read([CsvTable.Read(text, "made.csv")], static (_, reason) => Assert.Fail(reason)));
    }

    // Line rates: 400 Gb/s are what eight cards of 50 GB/s have each.
    [Theory]
    [InlineData("CX7 IB NDR 400Gb/s per GPU", 400)]
    [InlineData("3200 Gb/s RoCE per node", 400)]
    [InlineData("H100 cluster; fabric not stated (3200 Gb/s per node assumed)", 400)]
    [InlineData("NVLink4 + IB 8x50GB/s", 400)]
    [InlineData("Selene: 8x HDR IB 200Gb/s per node; 3-level fat tree", 200)]
    [InlineData("IB; 400G class (system json: PCIe-NIC 500 GB/s per node)", 400)] // what is said of a node is another figure
    [InlineData("NVL8 + CX7 400G NDR", 400)]
    [InlineData("Selene 8x HDR200", 200)]
    public void A_fabrics_rate_is_that_of_one_accelerator(string fabric, double gigabits)
    {
        const string header = "id,model,arch,seq,gpus,gpu_type,gpus_per_node,fabric,tp,pp,dp,ep,cp,microbatch,vp_interleave,globalbatch,precision,recompute,metric,value,unit,source,notes\n";
        StepNetwork Network(string cell) => MeasuredStep.Of(
            CsvTable.Read($"{header}r1,Llama-3.1-8B,dense,8192,64,H100-SXM-80GB,8,{cell},1,1,64,1,1,1,1,128,bf16,none,MFU,40,%,a report,\n", "made.csv").Rows[0], PartCatalog.Default).Network;
        var protocol = fabric.Contains("RoCE", StringComparison.Ordinal) ? "RoCE " : "";
        Assert.Equal(Network(FormattableString.Invariant($"{protocol}{gigabits} Gb/s per GPU")).Levels[1].Bandwidth, Network(fabric).Levels[1].Bandwidth);
    }

    static double Utilisation(string precision, string metric) => Row(precision, metric) is var row ? 40 * (1 + row.Error(row.Step.System.Kernels)) : 0;

    // An H100 has 989.4 TFLOP/s in BF16 and 1,979 in FP8.
    [Fact]
    public void Utilisations_are_of_the_peak_that_matrices_were_computed_at_or_of_the_one_that_is_named()
    {
        var fp8 = Utilisation("fp8", "MFU");
        Assert.Equal(fp8, Utilisation("fp8", "MFU (fp8 peak)"), 12);
        Assert.InRange(Utilisation("fp8", "MFU (BF16 peak)") / fp8, 1.998, 2.002);
        Assert.Equal(Utilisation("bf16", "MFU"), Utilisation("bf16", "MFU (bf16 peak)"), 12);
        Assert.InRange(Utilisation("bf16", "MFU") / Utilisation("bf16", "MFU (fp8 peak)"), 1.998, 2.002);
    }

    [Theory]
    [InlineData("NVIDIA/NeMo docs (NeMo 24.07, DGX-H100)", "hopper-2024")]
    [InlineData("NVIDIA/Megatron-LM README (Megatron-Core r0.8.0, 2024-07)", "hopper-2024")]
    [InlineData("NVIDIA-NeMo/Megatron-Bridge, section 25.09 NeMo Container", "hopper")]
    [InlineData("Llama 3 Herd of Models, arXiv:2407.21783", "hopper")]
    [InlineData("MLCommons training_results_v4.1", "hopper")]
    public void Releases_of_2024_have_kernels_of_their_own(string source, string kernels) =>
        Assert.Equal(kernels, Row("bf16", "MFU", source.Replace(",", " ", StringComparison.Ordinal)).Step.System.Kernels.Key);

    [Theory]
    [InlineData("fp16", "Narayanan et al. 2021", 2)]
    [InlineData("fp16", "a report of 2025", 2)]
    [InlineData("bf16", "Korthikanti et al. 2022", 4)]
    [InlineData("bf16", "a report of 2025", 4)]
    [InlineData("bf16", "NVIDIA NeMo", 2)]
    public void Gradients_are_summed_in_what_the_software_sums_them_in(string precision, string source, int bytes) =>
        Assert.Equal(bytes, Row(precision, "MFU", source).Step.Job.Parallelism.GradientBytes);

    [Theory]
    [InlineData("Narayanan et al. 2021", "", false)]
    [InlineData("Megatron-LM images (Jan 2021)", "", false)]
    [InlineData("Smith et al. 2022", "ZeRO-1 (DeepSpeed)", false)]
    [InlineData("Korthikanti et al. 2022", "0", true)]
    [InlineData("a report of 2025", "ZeRO-1", true)]
    public void Megatron_waited_for_input_gradients_until_September_2021(string source, string sharding, bool overlaps) =>
        Assert.Equal(overlaps, Row("bf16", "MFU", source, sharding).Step.Job.Parallelism.OverlapTensorGradients);
}
