using Lightloom.Catalog;
using Lightloom.Collectives;
using Lightloom.Collectives.Congestion;
using Lightloom.Quantities;
using Lightloom.Workloads;
using Lightloom.Workloads.Pipelines;

namespace Lightloom.Validation;

/// <summary>
/// AMD's comparison of pipeline schedules: the model puts them in the measured order. The source says neither microbatches nor
/// recomputation, so times can't be compared; the order is asked for every number of microbatches from the given one on.
/// </summary>
public sealed class PipelineOrderTests(ITestOutputHelper output)
{
    // Schedules that were measured closer together than this may come in either order, but not far apart.
    const double Close = 0.03;

    sealed record Measured(string Id, PipelineKind Kind, int Chunks, double Rate, double Memory);

    static List<Measured> Rows(string prefix) =>
    [
        .. from row in Tables.Of("amd_primus").Rows
           where row["id"].StartsWith(prefix, StringComparison.Ordinal)
           select new Measured(row["id"], Kind(row["schedule"]), (int)row.Count("vp_interleave"), row.Real("value"), row.Real("value2")),
    ];

    static PipelineKind Kind(string schedule) => schedule switch
    {
        "1F1B" => PipelineKind.OneForwardOneBackward,
        "interleaved-1F1B" => PipelineKind.Interleaved,
        // "zbb" is Primus' zero bubble in the memory of 1F1B.
        "zbb" => PipelineKind.ZeroBubbleH1,
        "zbv-formatted" => PipelineKind.ZeroBubbleV,
        "v-min" => PipelineKind.VMin,
        _ => throw new InvalidDataException(schedule),
    };

    static TrainingStep Predict(Measured row, string model, string accelerator, int ranks, int pipeline, int expert, int batches)
    {
        var chip = PartCatalog.Default.Get<Accelerator>(accelerator);
        var protocol = PartCatalog.Default.Get<NetworkProtocol>("rocev2");
        var domain = NetworkLevel.ScaleUp("scale-up", chip.ScaleUpBandwidth.Value, chip.Collectives);
        var network = ranks <= 8
            ? new StepNetwork(new(domain), [8])
            : new(new(domain, NetworkLevel.ScaleOut("scale-out", Bandwidth.FromGigabitsPerSecond(400), Ratio.From(new FabricBalance(protocol.LoadBalancing, new LinkStage("leaf-spine", 16, 16, 2)).With(_ => FabricBalance.OfferedBy(protocol)).Expected),
                Duration.FromMicroseconds(3), protocol.Collectives)), [8, ranks]);
        var job = new TrainingJob
        {
            Model = new(PartCatalog.Default.Get<TransformerModel>(model)),
            Sequence = 4096,
            GlobalBatch = batches * ranks / pipeline,
            Precision = Precision.Bf16,
            Accelerators = ranks,
            Parallelism = new()
            {
                Pipeline = pipeline,
                Expert = expert,
                Schedule = row.Kind,
                Interleave = row.Kind == PipelineKind.Interleaved ? row.Chunks : null,
                Recompute = Recomputation.None,
                Graphs = RecordedGraphs.None, // Primus launches kernel by kernel
            },
        }.Checked();
        return StepModel.Predict(job, ComputeRates.Of(chip, Precision.Bf16), network, chip.Memory.Value, chip.Kernels.RuntimeMemory.Value);
    }

    [Theory]
    [InlineData("primus_pp_l2_", 4, "llama-2-7b", "mi300x", 8, 8, 1, 64)]
    [InlineData("primus_pp_q235_", 4, "qwen3-235b-a22b", "mi355x", 32, 4, 8, 8)] // the table leaves the batch out: two for each stage and more
    public void Schedules_come_in_the_measured_order_of_speed_and_of_memory(
        string prefix, int rows, string model, string accelerator, int ranks, int pipeline, int expert, int fewest)
    {
        var measured = Rows(prefix);
        Assert.Equal(rows, measured.Count);
        for (var batches = fewest; batches <= 256; batches *= 2)
        {
            var predicted = measured.Select(row => (Row: row, Step: Predict(row, model, accelerator, ranks, pipeline, expert, batches))).ToList();
            output.WriteLine($"{batches} microbatches: " + string.Join(", ", predicted.Select(p =>
                $"{p.Row.Kind} {p.Step.TokensPerSecond / ranks:0} tokens/s ({p.Row.Rate:0}), {p.Step.Memory.Total.Gigabytes:0} GB ({p.Row.Memory * 1.073741824:0})")));
            foreach (var slow in predicted)
            {
                foreach (var fast in predicted.Where(p => p.Row.Rate > slow.Row.Rate))
                {
                    var gain = fast.Step.TokensPerSecond / slow.Step.TokensPerSecond;
                    if (fast.Row.Rate / slow.Row.Rate > 1 + Close) Assert.True(gain > 1, $"{fast.Row.Id} over {slow.Row.Id}: {gain}");
                    else Assert.InRange(gain, 1 - (2 * Close), 1 + (2 * Close));
                }
                foreach (var large in predicted.Where(p => p.Row.Memory > slow.Row.Memory)) Assert.True(large.Step.Memory.Total > slow.Step.Memory.Total);
            }
        }
    }
}
