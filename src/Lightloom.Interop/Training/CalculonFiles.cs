// Calculon's three kinds of JSON (calculon-ai/calculon, 2024): an application (six sizes of a GPT), a system (rates by the size of an
// operation, memories, networks) and an execution (how the work is spread). Each has an exact set of keys, as Calculon demands it.
//
// Worked example: GPT-3 (hidden 12288, feedforward 49152, 96 heads of 128, 96 blocks, 2,048 tokens) executed with num_procs 64, tensor_par 8,
// pipeline_par 8, data_par 1, rs_ag, attn_only, 3 chunks is tensor 8 with sequence parallelism, pipeline 8 in 3 chunks, selective recomputation.

using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;
using Lightloom.Workloads;

namespace Lightloom.Interop.Training;

/// <summary>A GPT as Calculon describes it.</summary>
/// <param name="Hidden">Size of the residual stream.</param>
/// <param name="FeedForward">Inner size of the feed-forward layer.</param>
/// <param name="Sequence">Tokens of a sequence.</param>
/// <param name="Heads">Attention heads.</param>
/// <param name="HeadSize">Size of one.</param>
/// <param name="Blocks">Transformer blocks.</param>
public sealed record CalculonApplication(int Hidden, int FeedForward, int Sequence, int Heads, int HeadSize, int Blocks)
{
    /// <summary>Entries of the vocabulary, which Calculon counts whatever the model is.</summary>
    public const int Vocabulary = 51200;

    /// <summary>The model, with the biases, tied embeddings and learned positions that Calculon counts parameters by.</summary>
    /// <param name="multiQuery">Whether all heads share keys and values, which the execution says.</param>
    public TransformerModel ToModel(bool multiQuery = false) => new()
    {
        Name = "imported",
        Layers = Blocks,
        Hidden = Hidden,
        Heads = Heads,
        HeadSize = (long)Heads * HeadSize == Hidden ? null : HeadSize,
        KeyValueHeads = multiQuery ? 1 : null,
        FeedForward = FeedForward,
        Activation = FeedForwardKind.Gelu,
        Vocabulary = Vocabulary,
        LearnedPositions = Sequence,
        TiedEmbeddings = true,
        Biases = true,
        Sequence = Sequence,
    };
}

/// <summary>How tensor ranks communicate in Calculon.</summary>
public enum CalculonTensorCommunication
{
    /// <summary>All-reduce of whole activations ("ar").</summary>
    AllReduce,

    /// <summary>The same, scattered and gathered around the sends of the pipeline ("p2p_rs_ag").</summary>
    ScatteredSends,

    /// <summary>Reduce-scatter and all-gather: sequence parallelism ("rs_ag").</summary>
    SequenceParallel,
}

/// <summary>How Calculon spreads the work.</summary>
public sealed record CalculonExecution
{
    /// <summary>Processors: tensor x pipeline x data.</summary>
    public required int Processors { get; init; }

    /// <summary>Tensor ranks.</summary>
    public required int Tensor { get; init; }

    /// <summary>Pipeline stages.</summary>
    public required int Pipeline { get; init; }

    /// <summary>Replicas.</summary>
    public required int Data { get; init; }

    /// <summary>Sequences of a step.</summary>
    public required int Batch { get; init; }

    /// <summary>Sequences of a microbatch.</summary>
    public required int MicroBatch { get; init; }

    /// <summary>Number format.</summary>
    public required Precision Precision { get; init; }

    /// <summary>Whether the activation function is fused, so that nothing is kept for it.</summary>
    public bool FusedActivation { get; init; }

    /// <summary>Whether heads share keys and values.</summary>
    public bool MultiQuery { get; init; }

    /// <summary>What is computed again: none, attention's core or all.</summary>
    public required Recomputation Recompute { get; init; }

    /// <summary>Chunks of a stage.</summary>
    public int Interleaving { get; init; } = 1;

    /// <summary>Whether replicas share the optimiser's states.</summary>
    public bool OptimizerSharding { get; init; }

    /// <summary>How tensor ranks communicate.</summary>
    public CalculonTensorCommunication TensorCommunication { get; init; }

    /// <summary>Whether their communication runs beside computation ("ring" or "pipe").</summary>
    public bool TensorOverlap { get; init; }

    /// <summary>Whether gathered activations are gathered again for the backward pass instead of being kept.</summary>
    public bool GatherAgain { get; init; }

    /// <summary>Whether data-parallel communication runs beside computation.</summary>
    public bool DataOverlap { get; init; }

    /// <summary>Whether activations wait for the backward pass in the second memory.</summary>
    public bool OffloadActivations { get; init; }

    /// <summary>Whether the optimiser's states lie in the second memory.</summary>
    public bool OffloadOptimizer { get; init; }

    /// <summary>How memory is used.</summary>
    /// <param name="blocks">Blocks of the model.</param>
    public MemoryPlan ToMemory(int blocks) => OffloadActivations || OffloadOptimizer
        ? new() { OffloadBlocks = OffloadActivations ? blocks / Pipeline : 0, OffloadOptimizer = Ratio.From(OffloadOptimizer ? 1 : 0) }
        : MemoryPlan.Default;

    /// <summary>The parallelism.</summary>
    public Parallelism ToParallelism() => new()
    {
        Tensor = Tensor,
        Pipeline = Pipeline,
        MicroBatch = MicroBatch,
        Interleave = Interleaving,
        SequenceParallel = Tensor == 1 || TensorCommunication == CalculonTensorCommunication.SequenceParallel,
        Sharding = OptimizerSharding ? Sharding.Optimizer : Sharding.None,
        Recompute = Recompute,
        OverlapData = DataOverlap,
        OverlapTensor = TensorOverlap,
    };
}

/// <summary>A system as Calculon describes it, as far as one is compared.</summary>
/// <param name="MatrixTeraflops">Peak of matrix multiplications by number format.</param>
/// <param name="MemoryGibibytes">First memory.</param>
/// <param name="MemoryGigabytesPerSecond">Its bandwidth.</param>
/// <param name="NetworkGigabytesPerSecond">Bandwidth of each network, from the innermost.</param>
public sealed record CalculonSystem(IReadOnlyDictionary<string, double> MatrixTeraflops, double MemoryGibibytes, double MemoryGigabytesPerSecond, IReadOnlyList<double> NetworkGigabytesPerSecond);

/// <summary>Reads Calculon's files.</summary>
public static class CalculonFiles
{
    static readonly string[] ApplicationKeys = ["hidden", "feedforward", "seq_size", "attn_heads", "attn_size", "num_blocks"];

    static readonly string[] ExecutionKeys =
    [
        "num_procs", "tensor_par", "pipeline_par", "data_par", "tensor_par_net", "pipeline_par_net", "data_par_net", "batch_size", "microbatch_size", "datatype", "fused_activation", "attention_type",
        "activation_recompute", "pipeline_interleaving", "optimizer_sharding", "tensor_par_comm_type", "tensor_par_overlap", "seq_par_ag_redo", "data_par_overlap", "weight_offload", "activations_offload",
        "optimizer_offload", "training",
    ];

    static readonly string[] SystemKeys = ["matrix", "vector", "mem1", "mem2", "processing_mode", "networks"];

    /// <summary>Reads an application.</summary>
    /// <exception cref="InputException">A key is missing, unknown or out of range.</exception>
    public static CalculonApplication ReadApplication(string path) => Application(JsonText.ReadFile(path));

    /// <summary>Reads an execution.</summary>
    /// <exception cref="InputException">A key is missing, unknown or out of range, or keys contradict each other.</exception>
    public static CalculonExecution ReadExecution(string path) => Execution(JsonText.ReadFile(path), null);

    /// <summary>Reads a system.</summary>
    /// <exception cref="InputException">A key is missing, unknown or out of range.</exception>
    public static CalculonSystem ReadSystem(string path) => System(JsonText.ReadFile(path));

    internal static ImportedJob Read(string path, ImportOptions options)
    {
        var words = LaunchWords.Of(options.Words);
        if (words.Arguments.Count > 0 || words.Variables.Count > 0) throw new InputException("behind a file of Calculon stand its other files alone: the application, the execution and, if one likes, the system");
        CalculonApplication? application = null;
        CalculonSystem? system = null;
        (MappingNode Root, string Path)? execution = null;
        foreach (var file in (string[])[path, .. words.Positional ?? []])
        {
            var root = JsonText.ReadFile(file);
            var keys = root.Entries.Select(e => e.Key.Text).ToHashSet(StringComparer.Ordinal);
            int Share(string[] known) => known.Count(keys.Contains);
            // The kind that most keys are of.
            var (app, exe, sys) = (Share(ApplicationKeys), Share(ExecutionKeys), Share(SystemKeys));
            if (Math.Max(app, Math.Max(exe, sys)) == 0) throw new InputException($"none of Calculon's three kinds has these keys: expected {string.Join(", ", ApplicationKeys)}; or {string.Join(", ", ExecutionKeys.Take(4))}, ...; or {string.Join(", ", SystemKeys)}", root.Mark);
            if (exe >= app && exe >= sys) execution = execution is null ? (root, file) : throw new InputException("this is a second execution; expected one", root.Mark);
            else if (app >= sys) application = application is null ? Application(root) : throw new InputException("this is a second application; expected one", root.Mark);
            else system = system is null ? System(root) : throw new InputException("this is a second system; expected one", root.Mark);
        }
        if (execution is not { } found) throw new InputException($"'{path}' is no execution (num_procs, tensor_par, ...), and none stands behind it");
        var arguments = new List<ImportedArgument>();
        var exe2 = Execution(found.Root, arguments);
        var model = options.Model ?? application?.ToModel(exe2.MultiQuery)
            ?? throw new InputException($"'{found.Path}' is an execution alone; give the application (hidden, feedforward, ...) behind it, or a model with --model");
        var assumptions = new List<string>();
        if (system is not null) assumptions.Add("the system's figures aren't used: rates and links are those of the catalogue");
        if (options.Accelerators is { } wanted && wanted != exe2.Processors) throw new InputException($"--accelerators {wanted:N0} contradicts num_procs {exe2.Processors:N0}", found.Root.Mark);
        if (options.Model is null) assumptions.Add($"the vocabulary is {CalculonApplication.Vocabulary:N0}, embeddings are tied, positions learned and layers biased, as Calculon counts parameters; its times leave all of that out");
        assumptions.Add("gradients are summed in FP32");
        var places = new Dictionary<string, (string, Mark)>(StringComparer.Ordinal);
        foreach (var (key, field) in new[] { ("tensor_par", "parallelism.tensor"), ("pipeline_par", "parallelism.pipeline"), ("pipeline_interleaving", "parallelism.interleave"), ("batch_size", "globalBatch"), ("microbatch_size", "parallelism.microBatch") })
            if (found.Root.Find(key) is { } node) places[field] = (key, node.Mark);
        return new()
        {
            Kind = TrainingImports.Calculon,
            File = path,
            Model = model,
            Sequence = application?.Sequence ?? model.Sequence,
            GlobalBatch = exe2.Batch,
            Precision = exe2.Precision,
            Parallelism = exe2.ToParallelism(),
            Memory = exe2.ToMemory(model.Layers),
            Accelerators = exe2.Processors,
            Arguments = arguments,
            Assumptions = assumptions,
            Places = places,
        };
    }

    static void Exactly(JsonFields fields, string[] keys)
    {
        fields.OnlyKnown(keys);
        foreach (var key in keys)
            if (!fields.Has(key)) throw fields.Wrong($"'{key}' is missing; Calculon demands exactly {string.Join(", ", keys)}");
    }

    static int Whole(JsonFields fields, string key, int least = 1, int most = 100_000_000)
    {
        var number = fields.Required(key, least, most);
        return number == Math.Floor(number) ? (int)number : throw fields.Wrong($"expected a whole number for '{key}'", fields.Find(key));
    }

    static CalculonApplication Application(MappingNode root)
    {
        var fields = new JsonFields(root, "application");
        Exactly(fields, ApplicationKeys);
        return new(Whole(fields, "hidden", 1, 10_000_000), Whole(fields, "feedforward"), Whole(fields, "seq_size"), Whole(fields, "attn_heads", 1, 100_000), Whole(fields, "attn_size", 1, 100_000), Whole(fields, "num_blocks", 1, 10_000));
    }

    static CalculonExecution Execution(MappingNode root, List<ImportedArgument>? arguments)
    {
        var fields = new JsonFields(root, "execution");
        Exactly(fields, ExecutionKeys);
        InputException Wrong(string key, string problem) => fields.Wrong($"{problem} ('{key}')", fields.Find(key));
        string Choice(string key, params string[] choices)
        {
            var text = fields.RequiredText(key);
            return choices.Contains(text) ? text : throw Wrong(key, $"expected one of {string.Join(", ", choices)}, found '{text}'");
        }
        int Count(string key) => Whole(fields, key);
        var (processors, tensor, pipeline, data) = (Count("num_procs"), Count("tensor_par"), Count("pipeline_par"), Count("data_par"));
        if ((long)tensor * pipeline * data != processors) throw Wrong("num_procs", $"tensor {tensor} x pipeline {pipeline} x data {data} = {(long)tensor * pipeline * data:N0}, not {processors:N0}");
        var (batch, micro, chunks) = (Count("batch_size"), Count("microbatch_size"), Count("pipeline_interleaving"));
        if (batch % data != 0 || batch / data % micro != 0) throw Wrong("batch_size", $"{batch:N0} sequences do not split into {data:N0} replicas of microbatches of {micro}");
        if (pipeline == 1 && chunks > 1) throw Wrong("pipeline_interleaving", "interleaving needs more than one stage");
        if (!fields.Flag("training")) throw Wrong("training", "inference isn't modelled; expected true");
        var type = Choice("datatype", "float8", "float16", "bfloat16", "float32");
        if (type == "float32") throw Wrong("datatype", "FP32 isn't modelled");
        var recompute = Choice("activation_recompute", "full", "attn_only", "none");
        var communication = Choice("tensor_par_comm_type", "ar", "p2p_rs_ag", "rs_ag");
        var overlap = Choice("tensor_par_overlap", "none", "ring", "pipe");
        if (overlap != "none" && tensor == 1) throw Wrong("tensor_par_overlap", "there is no communication with one tensor rank");
        var again = fields.Flag("seq_par_ag_redo");
        if (again && (communication != "rs_ag" || recompute == "full")) throw Wrong("seq_par_ag_redo", "needs rs_ag, and no full recomputation");
        var sharding = fields.Flag("optimizer_sharding");
        if (sharding && data == 1) throw Wrong("optimizer_sharding", "needs more than one replica");
        var dataOverlap = fields.Flag("data_par_overlap");
        if (dataOverlap && data == 1) throw Wrong("data_par_overlap", "needs more than one replica");
        foreach (var key in new[] { "tensor_par_net", "pipeline_par_net", "data_par_net" }) Whole(fields, key, 0, 1000);
        if (fields.Flag("weight_offload")) throw Wrong("weight_offload", "weights in a second memory aren't modelled; expected false");
        foreach (var (key, value) in root.Entries)
        {
            var (use, note) = key.Text switch
            {
                "tensor_par_net" or "pipeline_par_net" or "data_par_net" => (ArgumentUse.NoEffect, "which links a group crosses follows from the design"),
                "fused_activation" => (ArgumentUse.NotModelled, ""),
                "seq_par_ag_redo" => (ArgumentUse.NotModelled, "gathered again, as Megatron-LM does"),
                "tensor_par_comm_type" when communication == "p2p_rs_ag" => (ArgumentUse.NotModelled, "taken as ar"),
                _ => (ArgumentUse.Used, ""),
            };
            arguments?.Add(new(key.Text, value is ScalarNode scalar ? scalar.Text : value.Kind, use, note, key.Mark));
        }
        return new()
        {
            Processors = processors,
            Tensor = tensor,
            Pipeline = pipeline,
            Data = data,
            Batch = batch,
            MicroBatch = micro,
            Precision = type == "float8" ? Precision.Fp8 : Precision.Bf16,
            FusedActivation = fields.Flag("fused_activation"),
            MultiQuery = Choice("attention_type", "multihead", "multiquery") == "multiquery",
            Recompute = recompute switch { "full" => Recomputation.Full, "attn_only" => Recomputation.Selective, _ => Recomputation.None },
            Interleaving = chunks,
            OptimizerSharding = sharding,
            TensorCommunication = communication switch { "ar" => CalculonTensorCommunication.AllReduce, "rs_ag" => CalculonTensorCommunication.SequenceParallel, _ => CalculonTensorCommunication.ScatteredSends },
            TensorOverlap = overlap != "none",
            GatherAgain = again,
            DataOverlap = dataOverlap,
            OffloadActivations = fields.Flag("activations_offload"),
            OffloadOptimizer = fields.Flag("optimizer_offload"),
        };
    }

    static CalculonSystem System(MappingNode root)
    {
        var fields = new JsonFields(root, "system");
        Exactly(fields, SystemKeys);
        var rates = new Dictionary<string, double>(StringComparer.Ordinal);
        var matrix = fields.Object("matrix")!;
        foreach (var type in matrix.Keys) rates[type] = matrix.Object(type)!.Required("tflops", 0, 1e9);
        if (rates.Count == 0) throw matrix.Wrong("no number format has a rate");
        var memory = fields.Object("mem1")!;
        var networks = fields.Objects("networks");
        return new(rates, memory.Required("GiB", 0, 1e15), memory.Required("GBps", 0, 1e9), [.. networks.Select(n => n.Required("bandwidth", 0, 1e9))]);
    }
}
