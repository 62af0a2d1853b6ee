// A published training step, understood from its row alone: the columns of the tables in data/validation/training.
//
//   model      the row's own dimensions where it gives them all; otherwise the catalogue's model of that name, with the row's layers
//   system     the accelerator of that name; what its name adds in brackets (power cap, memory, bandwidth) changes it
//   network    the scale-up domain, and one level between domains: the rate that the row names, or what the accelerator is usually
//              given; the protocol's mechanism and load balance (RoCE where the row says so, otherwise InfiniBand), 3 us of path
//   software   Megatron of 2021 and 2022 (those years in the source, or FP16): attention not fused, no distributed optimiser, nothing
//              of the data group or the pipeline overlapped. FSDP rows: what PyTorch does. Everything else: Megatron Core
//   batch      where a row leaves it out and has tokens a second in its notes beside the time of a step, their product
//   open       what a row leaves out (degrees, microbatch, interleaving, recomputation) is the fastest choice that fits the memory, or comes
//              within a tenth of it: what is published did run. Where the batch is open too it is a microbatch for each replica, or enough to fill a pipeline,
//              and of what comes within a twentieth of the fastest that with least memory. Such rows count apart, but for recomputation that nothing is said of where
//              the microbatch is given: that was none, or what had to be
using System.Globalization;
using System.Text.RegularExpressions;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;
using Lightloom.Workloads;
using Lightloom.Workloads.Pipelines;

namespace Lightloom.Planning.Validation;

/// <summary>A row of a table of training steps, understood.</summary>
/// <param name="Row">The row.</param>
/// <param name="Job">What ran; degrees that the row leaves out are open.</param>
/// <param name="System">What it ran on, with the kernels of its software.</param>
/// <param name="Network">The network as its ranks saw it.</param>
/// <param name="Open">What the row leaves out, by column.</param>
public sealed partial record MeasuredStep(CsvRow Row, TrainingJob Job, Accelerator System, StepNetwork Network, IReadOnlyList<string> Open)
{
    /// <summary>The columns that a table has at least.</summary>
    public static IReadOnlyList<string> Columns { get; } = ["id", "model", "gpus", "gpu_type", "tp", "pp", "metric", "value", "unit"];

    const double NearlyFastest = 1.05;

    static readonly int[] MicroBatches = [1, 2, 4, 8, 16];

    /// <summary>Whether the row says everything that the step depends on.</summary>
    public bool Complete => Open.Count == 0;

    /// <summary>
    /// Whether the row says enough to teach what kernels sustain: everything but microbatch, interleaving and recomputation. Layers in a pattern teach
    /// nothing: what is particular to them has figures of its own, measured elsewhere, so that they are a test.
    /// </summary>
    public bool Teaches => Job.Model.Model.Pattern is null && Open.All(o => o is "microbatch" or "vp_interleave" or "recompute");

    /// <summary>Understands a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="catalog">Where models, accelerators and mechanisms are.</param>
    /// <exception cref="InputException">A cell is malformed (with its place), or the row says what the models have no answer for (without one).</exception>
    public static MeasuredStep Of(CsvRow row, PartCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(row);
        ArgumentNullException.ThrowIfNull(catalog);
        var open = new List<string>();
        var gpus = (int)row.Count("gpus", 1, 10_000_000);
        var accelerator = MeasuredSystem.Accelerator(row, catalog);
        var precision = PrecisionOf(row, open);
        var model = MeasuredModel.Of(row, catalog);
        var sequence = Given(row, "seq", open) ?? model.Sequence;
        var software = MeasuredSoftware.Of(row, precision);
        var context = Count(row, "cp") ?? (software.Xla ? ContextOf(gpus, Count(row, "globalbatch")) : 1);
        int? tensor = Count(row, "tp"), pipeline = Count(row, "pp"), data = Count(row, "dp"), expert = Count(row, "ep");
        // A row of plain data parallelism needs neither, nor does what XLA shards over a torus.
        var plain = data == gpus || software.Xla;
        if (tensor is null && plain) tensor = 1;
        if (pipeline is null && plain) pipeline = 1;
        if (tensor is null) open.Add("tp");
        if (pipeline is null) open.Add("pp");
        if (model.Experts is not null && expert is null) open.Add("ep");
        var microBatch = Count(row, "microbatch");
        if (microBatch is null) open.Add("microbatch");
        var stages = pipeline ?? 1;
        var schedule = ScheduleOf(row, stages);
        var interleave = Interleave(row, stages, schedule, open);
        IReadOnlyList<int>? deal = null;
        if (schedule is null && stages > 1 && interleave is { } chunks && !StageLayout.Fits(model.Layers, stages * chunks) && model.Layers >= stages * chunks)
            (deal, schedule) = (Deal(new(model), precision, stages * chunks), chunks > 1 ? PipelineKind.Interleaved : PipelineKind.OneForwardOneBackward);
        var recompute = row["recompute"].Length > 0 ? Recompute(row, open) : software.Recompute ?? Recompute(row, open);
        var replicas = Math.Max(1, gpus / Math.Max(1, (tensor ?? 1) * stages * context));
        // Where the column is a replica's whole batch, it goes through a pipeline in as many pieces as there are stages.
        if (software.Fsdp && stages > 1 && microBatch is { } local && Count(row, "globalbatch") == local * replicas) microBatch = Math.Max(1, local / stages);
        var batch = Given(row, "globalbatch", open) ?? ToldBatch(row, gpus, sequence) ?? UsualBatch(replicas, microBatch ?? 1, stages);
        var system = accelerator with { Kernels = software.KernelsOf(accelerator, catalog) };
        var job = new TrainingJob
        {
            Model = new(model),
            Sequence = sequence,
            GlobalBatch = batch,
            Precision = precision,
            Accelerators = gpus,
            Memory = software.PlanOf(row),
            FrozenWeights = row["notes"].Contains("task=lora", StringComparison.OrdinalIgnoreCase),
            Parallelism = new()
            {
                Tensor = tensor ?? 1,
                Pipeline = stages,
                Context = context,
                Expert = model.Experts is null ? 1 : expert ?? 1,
                ExpertTensor = model.Experts is null ? null : 1,
                SequenceParallel = software.SplitsSequence(row, recompute),
                Schedule = schedule,
                StageLayers = deal,
                Interleave = interleave,
                MicroBatch = microBatch ?? 1,
                Sharding = software.ShardingOf(row),
                Recompute = recompute,
                GradientBytes = software.GradientBytes,
                OverlapData = software.OverlapsData(row),
                OverlapPipeline = software.OverlapsPipeline(row),
                OverlapTensor = software.OverlapsTensor(row),
                OverlapTensorGradients = !software.BeforeAsyncReduce,
                OverlapExpert = software.OverlapsExpert,
                ExpertCapacity = model.Experts is null ? null : software.Recipe?.Capacity,
                Graphs = software.Graphs,
                ExpertDispatch = software.Recipe is { AllToAll: true } ? ExpertDispatch.AllToAll : ExpertDispatch.Fused,
            },
        };
        return new(row, job, system, MeasuredSystem.Network(row, system, catalog, gpus), open);
    }

    /// <summary>Predicts the row's step: the fastest that fits of what is open.</summary>
    /// <exception cref="InputException">No choice of what is open keeps the rules; without a place.</exception>
    public TrainingStep Predict() => Predict(System);

    /// <summary>Predicts it on an accelerator whose kernels are changed.</summary>
    /// <param name="system">The accelerator.</param>
    /// <exception cref="InputException">No choice of what is open keeps the rules; without a place.</exception>
    public TrainingStep Predict(Accelerator system)
    {
        ArgumentNullException.ThrowIfNull(system);
        ComputeRates rates;
        try
        {
            rates = ComputeRates.Of(system, Job.Precision);
        }
        catch (JobException e)
        {
            throw new InputException(e.Message);
        }
        // What is published did run; nine in ten predictions of memory lie within a tenth.
        var (capacity, runtime) = (system.Memory.High * 1.1, system.Kernels.RuntimeMemory.Value);
        TrainingStep? best = null;
        var steps = new List<TrainingStep>();
        foreach (var job in Candidates())
        {
            if (!job.IsValid) continue;
            var step = StepModel.Predict(job, rates, Network, capacity, runtime);
            if (best is not { } b || Better(step, b, capacity)) best = step;
            steps.Add(step);
        }
        // Of batches that nobody told larger ones are always a little faster.
        if (best is { } found)
            return HasAnyBatch && found.Memory.Total <= capacity ? steps.Where(s => PerSequence(s) <= NearlyFastest * PerSequence(found)).MinBy(s => s.Memory.Total.Bytes) : found;
        try
        {
            Job.Checked();
        }
        catch (JobException e)
        {
            throw new InputException(e.Message);
        }
        throw new InputException("no choice of what the row leaves open keeps the rules");
    }

    bool HasAnyBatch => Open.Contains("globalbatch") && ToldBatch(Row, Job.Accelerators, Job.Sequence) is null;

    static double PerSequence(in TrainingStep step) => step.Time.Seconds / step.Job.GlobalBatch;

    static bool Better(in TrainingStep a, in TrainingStep b, DataSize capacity) => (a.Memory.Total <= capacity, b.Memory.Total <= capacity) switch
    {
        (true, true) => PerSequence(a) < PerSequence(b),
        (false, false) => a.Memory.Total < b.Memory.Total,
        (var fits, _) => fits,
    };

    IEnumerable<TrainingJob> Candidates()
    {
        IEnumerable<int> Open(string column, int given, IEnumerable<int> values) => this.Open.Contains(column) ? values : [given];
        var p = Job.Parallelism;
        var anyBatch = HasAnyBatch;
        var powers = Enumerable.Range(0, 7).Select(i => 1 << i);
        foreach (var tensor in Open("tp", p.Tensor, powers.Where(t => t <= System.ScaleUpDomain.Value)))
            foreach (var pipeline in Open("pp", p.Pipeline, powers))
                foreach (var expert in Open("ep", p.Expert, powers.Append(Job.Model.Model.Experts?.Experts ?? 1)))
                    foreach (var micro in Open("microbatch", p.MicroBatch, MicroBatches))
                    {
                        var job = Job with { Parallelism = p with { Tensor = tensor, Pipeline = pipeline, Expert = expert, MicroBatch = micro } };
                        yield return anyBatch ? job with { GlobalBatch = UsualBatch(Math.Max(1, job.DataParallel), micro, pipeline) } : job;
                    }
    }

    // Layouts by hand even out time: the output layer counts as many layers as it has matrices of one, computed in BF16 whatever these
    // are in, once for itself and once behind each prediction block, which is a layer too. Chunks between differ by one layer at most.
    static int[] Deal(ModelSize model, Precision precision, int chunks)
    {
        var layers = model.Model.Layers;
        var layer = (model.ActiveParameters - model.EmbeddingParameters - model.OutputParameters) / layers;
        var output = (double)model.Model.Vocabulary * model.Model.Hidden / layer * (precision == Precision.Bf16 ? 1 : 2);
        var behind = ((1 + model.Model.PredictionBlocks) * output) + model.Model.PredictionBlocks;
        var share = (layers + behind) / chunks;
        var deal = new int[chunks];
        deal[^1] = (int)Math.Clamp(Math.Round(share - behind), 0, layers / chunks);
        var rest = layers - deal[^1];
        // The earlier ones hold more microbatches, so that what is left over goes to the later.
        for (var k = 0; k < chunks - 1; k++) deal[k] = (int)(((long)rest * (k + 1) / (chunks - 1)) - ((long)rest * k / (chunks - 1)));
        return deal;
    }

    static int? Count(CsvRow row, string column) => row[column] is "" or "n/a" ? null : (int)row.Count(column, 1, 100_000_000);

    static int? Given(CsvRow row, string column, List<string> open)
    {
        var value = Count(row, column);
        if (value is null) open.Add(column);
        return value;
    }

    // One microbatch for each replica, and enough of them to fill a pipeline.
    static int UsualBatch(int replicas, int microBatch, int stages) => replicas * microBatch * (stages > 1 ? 8 * stages : 1);

    // What is sharded over a torus splits sequences where there are more chips than those.
    static int ContextOf(int gpus, int? sequences) => sequences is { } batch && batch < gpus && gpus % batch == 0 ? gpus / batch : 1;

    // Where a row has the time of a step and, in its notes, the tokens a second of a chip, their product is what a step trains on.
    static int? ToldBatch(CsvRow row, int gpus, int sequence)
    {
        if (row["unit"] != "s" || RateText().Match(row["notes"]) is not { Success: true } rate) return null;
        var sequences = row.Real("value", 0, 1e9) * (double.TryParse(rate.Groups[1].ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var tokens) ? tokens : 0) * gpus / sequence;
        return sequences is >= 1 and <= 100_000_000 ? (int)Math.Round(sequences) : null;
    }

    [GeneratedRegex(@"([\d.]{1,20}) tok/s/(?:chip|GPU)\b")]
    private static partial Regex RateText();

    static int? Interleave(CsvRow row, int stages, PipelineKind? schedule, List<string> open)
    {
        if (stages == 1) return null;
        if (row["vp_interleave"] == "n/a") return 1;
        if (Count(row, "vp_interleave") is { } chunks) return schedule is null or PipelineKind.Interleaved ? chunks : null;
        // Who writes the microbatch down and no chunks had none, unless the row retells somebody else's.
        var retold = row["evidence"].StartsWith("secondary", StringComparison.Ordinal);
        if (row["schedule"].Equals("1f1b", StringComparison.OrdinalIgnoreCase) || (row.Has("microbatch") && row["schedule"].Length == 0 && !retold)) return 1;
        open.Add("vp_interleave");
        return null;
    }

    static PipelineKind? ScheduleOf(CsvRow row, int stages)
    {
        var name = row["schedule"].ToLowerInvariant();
        if (stages == 1) return null;
        return name switch
        {
            // Both have closed forms.
            "" or "1f1b" => null,
            _ when name.StartsWith("interleaved", StringComparison.Ordinal) => null,
            "gpipe" => PipelineKind.GPipe,
            "zbh1" or "zb-h1" or "zbb" => PipelineKind.ZeroBubbleH1, // Primus' zbb keeps as much as 1F1B
            "zbh2" or "zb-h2" => PipelineKind.ZeroBubbleH2,
            "zbv" or "zb-v" or "zbv-formatted" => PipelineKind.ZeroBubbleV,
            "v-half" => PipelineKind.VHalf,
            "v-min" => PipelineKind.VMin,
            "dualpipe" => PipelineKind.DualPipe,
            "dualpipev" or "dualpipe-v" => PipelineKind.DualPipeV,
            _ => throw new InputException($"unknown pipeline schedule '{row["schedule"]}'"),
        };
    }

    static Recomputation? Recompute(CsvRow row, List<string> open)
    {
        var text = row["recompute"];
        bool Starts(string word) => text.StartsWith(word, StringComparison.OrdinalIgnoreCase);
        if (Starts("full")) return Recomputation.Full;
        if (Starts("selective") || Starts("per-op")) return Recomputation.Selective;
        if (Starts("none") || Starts("no")) return Recomputation.None;
        if (text.Length > 0) throw new InputException($"unknown recomputation '{text}'");
        if (!row.Has("microbatch")) open.Add("recompute");
        return null;
    }

    static Precision PrecisionOf(CsvRow row, List<string> open)
    {
        var text = row["precision"].ToLowerInvariant();
        if (text.Length == 0)
        {
            open.Add("precision");
            return Precision.Bf16;
        }
        if (text.Contains("unresolved", StringComparison.Ordinal) || text.Contains("int8", StringComparison.Ordinal))
            throw new InputException($"what the matrices were computed in isn't settled: '{row["precision"]}'");
        if (text.Contains("fp4", StringComparison.Ordinal)) return Precision.Nvfp4;
        if (text.StartsWith("mxfp8", StringComparison.Ordinal) || text is "fp8-mx") return Precision.Mxfp8;
        if (text.Contains("fp8", StringComparison.Ordinal) || text.Contains("float8", StringComparison.Ordinal)) return Precision.Fp8;
        return text is "bf16" or "fp16" or "amp_bf16" or "amp_fp16" ? Precision.Bf16 : throw new InputException($"unknown precision '{row["precision"]}'");
    }
}
