using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Lightloom.Catalog.Documents;
using Lightloom.Interop.Training;
using Lightloom.Planning;
using Lightloom.Workloads;

namespace Lightloom.Interop.Tests.Training;

/// <summary>Calculon's files, and its figures beside ours: 36 of its runs (calculon-ai/calculon as of 2024, run as shipped).</summary>
public partial class CalculonTests
{
    static readonly Dictionary<string, CalculonApplication> Applications = new(StringComparer.Ordinal)
    {
        ["gpt3-175B"] = new(12288, 49152, 2048, 96, 128, 96),
        ["megatron-22B"] = new(6144, 24576, 2048, 64, 96, 48),
        ["megatron-1T"] = new(25600, 102400, 2048, 160, 160, 128),
        ["turing-530B"] = new(20480, 81920, 2048, 128, 160, 105),
    };

    static string Root { get; } = FindRoot();

    static CsvTable Runs { get; } = CsvTable.ReadFile(Path.Combine(Root, "data", "validation", "training", "calculon_outputs.csv"));

    public static TheoryData<int> Rows => [.. Enumerable.Range(0, Runs.Rows.Count)];

    static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Lightloom.slnx"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }

    static CalculonExecution Execution(CsvRow row) => new()
    {
        Processors = (int)row.Real("num_procs"),
        Tensor = (int)row.Real("tensor_par"),
        Pipeline = (int)row.Real("pipeline_par"),
        Data = (int)row.Real("data_par"),
        Batch = (int)row.Real("batch_size"),
        MicroBatch = (int)row.Real("microbatch_size"),
        Precision = Precision.Bf16,
        FusedActivation = row.Text("fused_activation") == "True",
        Recompute = row.Text("activation_recompute") switch { "full" => Recomputation.Full, "attn_only" => Recomputation.Selective, _ => Recomputation.None },
        Interleaving = (int)row.Real("pipeline_interleaving"),
        OptimizerSharding = row.Text("optimizer_sharding") == "True",
        TensorCommunication = row.Text("tensor_par_comm_type") == "rs_ag" ? CalculonTensorCommunication.SequenceParallel : CalculonTensorCommunication.AllReduce,
        GatherAgain = row.Text("seq_par_ag_redo") == "True",
        DataOverlap = row.Text("data_par_overlap") == "True",
    };

    static void Same(double published, double counted) => Assert.True(Math.Abs(counted - published) <= 1e-12 * published, $"published {published:R}, counted {counted:R}");

    [Fact]
    public void There_are_36_runs() => Assert.Equal(36, Runs.Rows.Count);

    /// <summary>Every class of memory, to the last byte, and the operations of a block.</summary>
    [Theory]
    [MemberData(nameof(Rows))]
    public void Our_account_of_Calculons_rules_gives_its_figures(int number)
    {
        var row = Runs.Rows[number];
        var account = CalculonAccount.Of(Applications[row.Text("model")], Execution(row));
        Same(row.Real("weight_space"), account.Weights);
        Same(row.Real("weight_grad_space"), account.Gradients);
        Same(row.Real("optimizer_space"), account.Optimizer);
        Same(row.Real("act_space"), account.Activations);
        Same(row.Real("act_checkpoint_size"), account.Checkpoints);
        Same(row.Real("act_grad_space"), account.ActivationGradients);
        Same(row.Real("useful_flops"), account.BlockFlop);
    }

    /// <summary>Our count of the model is Calculon's and the norm before the output layer; a rank's weights are Calculon's and biases.</summary>
    [Theory]
    [MemberData(nameof(Rows))]
    public void Parameters_differ_by_what_Calculon_leaves_out(int number)
    {
        var row = Runs.Rows[number];
        var (application, execution) = (Applications[row.Text("model")], Execution(row));
        var ours = new ModelSize(application.ToModel());
        double h = application.Hidden, f = application.FeedForward, q = (double)application.Heads * application.HeadSize, t = execution.Tensor, blocks = application.Blocks / (double)execution.Pipeline;
        Assert.Equal(ours.Parameters, CalculonAccount.Of(application, execution).Parameters + (2 * h));
        // A stage's blocks on one tensor rank: matrices are split, norms and biases behind sums are whole.
        var block = ((ours.AttentionParameters + ours.DenseFeedForwardParameters - (2 * h)) / t) + (2 * h) + ours.NormParameters;
        var biases = (((3 * q) + f) / t) + (2 * h);
        Same(row.Real("weight_space"), 2 * blocks * (block - biases));
    }

    /// <summary>Our operations of a token are Calculon's matrices and scores and the output layer; what it adds is element-wise.</summary>
    [Theory]
    [MemberData(nameof(Rows))]
    public void Operations_differ_by_what_each_counts(int number)
    {
        var row = Runs.Rows[number];
        var (application, execution) = (Applications[row.Text("model")], Execution(row));
        var ours = new ModelSize(application.ToModel());
        double n = (double)execution.MicroBatch * application.Sequence, t = execution.Tensor, h = application.Hidden;
        double a = n * h, scores = n * application.Sequence * application.Heads / t;
        var part = execution.TensorCommunication == CalculonTensorCommunication.SequenceParallel ? a / t : a;
        // Norms 9 + 14 + 7, dropout 1 + 1, sums 1 + 2 and forks 2 of the residual stream, twice; three uses of attention's input; reducing
        // four sums; softmax, its mask; GELU; Adam's 11 of each weight.
        var elementwise = (2 * part * (30 + 2 + 3 + 2)) + (3 * a) + (4 * a * (t - 1) / t) + (scores * (5 + 8 + 2)) + (n * application.FeedForward / t * (8 + 13));
        var shards = execution.OptimizerSharding ? execution.Data : 1;
        var adam = 11 * row.Real("weight_space") / 2 / (application.Blocks / execution.Pipeline) / shards;
        // Ours without biases and norms, which are added and not multiplied, and without the output layer.
        double multiplied = 6 * (ours.PerToken(application.Sequence, FlopConvention.ModelFullAttention).Flop / 6) * n;
        var added = 6 * n * ((application.Blocks * (ours.NormParameters + (3 * h) + application.FeedForward + (2 * h))) + (2 * h));
        var output = 6 * n * CalculonApplication.Vocabulary * h;
        var block = (multiplied - added - output) / application.Blocks / t;
        Assert.True(Math.Abs(block + elementwise + adam - row.Real("useful_flops")) <= 1e-9 * row.Real("useful_flops"));
    }

    const string Application = """{ "hidden": 12288, "feedforward": 49152, "seq_size": 2048, "attn_heads": 96, "attn_size": 128, "num_blocks": 96 }""";

    const string Executed = """
        {
          "num_procs": 64, "tensor_par": 8, "pipeline_par": 8, "data_par": 1, "tensor_par_net": 0, "pipeline_par_net": 1, "data_par_net": 1,
          "batch_size": 64, "microbatch_size": 1, "datatype": "float16", "fused_activation": false, "attention_type": "multihead",
          "activation_recompute": "attn_only", "pipeline_interleaving": 3, "optimizer_sharding": false, "tensor_par_comm_type": "rs_ag",
          "tensor_par_overlap": "none", "seq_par_ag_redo": true, "data_par_overlap": false, "weight_offload": false,
          "activations_offload": false, "optimizer_offload": false, "training": true
        }
        """;

    const string System = """
        { "matrix": { "float16": { "tflops": 312, "gflops_efficiency": [[128, 0.95], [0, 0.1]] } }, "vector": {}, "mem1": { "GiB": 80, "GBps": 2048, "MB_efficiency": [[0, 0.9]] },
          "mem2": { "GiB": 512, "GBps": 32, "MB_efficiency": [[0, 0.9]] }, "processing_mode": "no_overlap", "networks": [ { "bandwidth": 300, "size": 8 }, { "bandwidth": 25, "size": 65536 } ] }
        """;

    static ImportedJob Import(string execution, string application = Application, string? system = null)
    {
        using var files = new LaunchFiles();
        List<string> beside = [files.Add("app.json", application)];
        if (system is not null) beside.Add(files.Add("sys.json", system));
        return TrainingImports.ReadFile(files.Add("exe.json", execution), new() { Words = beside });
    }

    [Fact]
    public void Its_three_kinds_of_files_are_a_job()
    {
        var job = Import(Executed, system: System);
        Assert.Equal(("calculon", 64, 2048, 64, Precision.Bf16), (job.Kind, job.Accelerators, job.Sequence, job.GlobalBatch, job.Precision));
        Assert.Equal(new Parallelism { Tensor = 8, Pipeline = 8, Interleave = 3, Recompute = Recomputation.Selective, Sharding = Sharding.None, OverlapData = false }, job.Parallelism);
        Assert.Equal(new ModelSize(job.Model).Parameters, CalculonAccount.Of(Applications["gpt3-175B"], Execution(Runs.Rows[2])).Parameters + (2 * 12288));
        // In any order.
        using var files = new LaunchFiles();
        Assert.Equal(64, TrainingImports.ReadFile(files.Add("a.json", Application), new() { Words = [files.Add("e.json", Executed)] }).Accelerators);
        var system = CalculonFiles.ReadSystem(files.Add("s.json", System));
        Assert.Equal((312, 80, 2048, 25), (system.MatrixTeraflops["float16"], system.MemoryGibibytes, system.MemoryGigabytesPerSecond, system.NetworkGigabytesPerSecond[1]));
    }

    [Theory]
    [InlineData("\"num_procs\": 64", "\"num_procs\": 65", "tensor 8 x pipeline 8 x data 1 = 64, not 65")]
    [InlineData("\"num_procs\": 64,", "", "'num_procs' is missing; Calculon demands exactly")]
    [InlineData("\"num_procs\"", "\"num_proc\"", "unknown key 'num_proc'; did you mean 'num_procs'?")]
    [InlineData("\"batch_size\": 64", "\"batch_size\": 0", "from 1 to")]
    [InlineData("\"batch_size\": 64", "\"batch_size\": 6.5", "expected a whole number for 'batch_size'")]
    [InlineData("\"microbatch_size\": 1", "\"microbatch_size\": 7", "do not split into 1 replicas of microbatches of 7")]
    [InlineData("\"float16\"", "\"float32\"", "FP32 isn't modelled")]
    [InlineData("\"float16\"", "\"int8\"", "expected one of float8, float16, bfloat16, float32, found 'int8'")]
    [InlineData("\"attn_only\"", "\"full\"", "needs rs_ag, and no full recomputation")]
    [InlineData("\"optimizer_sharding\": false", "\"optimizer_sharding\": true", "needs more than one replica")]
    [InlineData("\"weight_offload\": false", "\"weight_offload\": true", "aren't modelled")]
    [InlineData("\"training\": true", "\"training\": false", "inference isn't modelled")]
    [InlineData("\"pipeline_interleaving\": 3", "\"pipeline_interleaving\": 5", "40 model chunks divide neither the 96 layers")]
    [InlineData("\"training\": true", "\"training\": 1", "expected true or false for 'training'")]
    public void An_execution_that_is_wrong_says_why(string old, string replacement, string problem)
    {
        Assert.Contains(old, Executed);
        Assert.Contains(problem, Assert.Throws<InputException>(() => Import(Executed.Replace(old, replacement, StringComparison.Ordinal))).Message);
    }

    [Fact]
    public void Files_that_do_not_go_together_are_refused()
    {
        Assert.Contains("'num_blocks' is missing", Assert.Throws<InputException>(() => Import(Executed, Application.Replace(", \"num_blocks\": 96", "", StringComparison.Ordinal))).Message);
        Assert.Contains("a second execution", Assert.Throws<InputException>(() => Import(Executed, Executed)).Message);
        Assert.Contains("give the application", LaunchFiles.Refused("e.json", Executed));
        Assert.Contains("is no execution", LaunchFiles.Refused("a.json", Application));
        Assert.Contains("none of Calculon's three kinds", LaunchFiles.Refused("a.json", "{ \"x\": 1 }"));
        Assert.Contains("no number format has a rate", Assert.Throws<InputException>(() => Import(Executed, Application, System.Replace("\"float16\": { \"tflops\": 312, \"gflops_efficiency\": [[128, 0.95], [0, 0.1]] }", "", StringComparison.Ordinal))).Message);
    }

    /// <summary>The tables of docs/calculon.md are those that the code makes; UPDATE_GOLDEN=1 renews them.</summary>
    [Fact]
    public void The_tables_of_the_document_are_true()
    {
        var path = Path.Combine(Root, "docs", "calculon.md");
        var text = File.ReadAllText(path);
        var renewed = Marked().Replace(text, m => $"<!-- {m.Groups[1].Value} -->\n{(m.Groups[1].Value == "memory" ? MemoryTable() : TimeTable())}<!-- end -->");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1") File.WriteAllText(path, renewed);
        else Assert.Equal(text, renewed);
    }

    [GeneratedRegex("<!-- (memory|times) -->\n.*?<!-- end -->", RegexOptions.Singleline)]
    private static partial Regex Marked();

    static string Gigabytes(double bytes) => (bytes / 1e9).ToString("0.00", CultureInfo.InvariantCulture);

    /// <summary>One run in two: what is held does not depend on the system.</summary>
    static string MemoryTable()
    {
        var text = new StringBuilder("| run | weights | gradients | optimiser | activations kept |\n| --- | --- | --- | --- | --- |\n");
        foreach (var row in Runs.Rows.Where(r => r.Text("system") == "a100_80g"))
        {
            var (account, memory) = (CalculonAccount.Of(Applications[row.Text("model")], Execution(row)), Step(row, "dgx-a100").Memory);
            string Cell(double calculon, double ours) => $"{Gigabytes(calculon)} / {Gigabytes(ours)}";
            text.Append(CultureInfo.InvariantCulture, $"| {Name(row)} | {Cell(account.Weights, memory.Weights.Bytes)} | {Cell(account.Gradients, memory.Gradients.Bytes)} | {Cell(account.Optimizer, memory.Optimizer.Bytes)} | ");
            text.Append(CultureInfo.InvariantCulture, $"{Cell(account.Checkpoints + (account.KeptPerBlock * account.BlocksInFlight), memory.Activations.Bytes)} |\n");
        }
        return text.ToString();
    }

    static string TimeTable()
    {
        var text = new StringBuilder("| run | A100 | H100 |\n| --- | --- | --- |\n");
        foreach (var run in Runs.Rows.GroupBy(Name))
        {
            string Cell(CsvRow row, string system) => $"{row.Real("total_time").ToString("0.0", CultureInfo.InvariantCulture)} / {Step(row, system).Time.Seconds.ToString("0.0", CultureInfo.InvariantCulture)}";
            text.Append(CultureInfo.InvariantCulture, $"| {run.Key} | {Cell(run.Single(r => r.Text("system") == "a100_80g"), "dgx-a100")} | {Cell(run.Single(r => r.Text("system") != "a100_80g"), "dgx-h100")} |\n");
        }
        return text.ToString();
    }

    static string Name(CsvRow row) => $"{row.Text("model")}, {row.Text("num_procs")}, batch {row.Text("batch_size")}, {(row.Text("activation_recompute") == "full" ? "full" : "selective, sequence parallel")}";

    static TrainingStep Step(CsvRow row, string system)
    {
        var (application, execution) = (Applications[row.Text("model")], Execution(row));
        var job = new ImportedJob
        {
            Kind = "calculon",
            File = "run.json",
            Model = application.ToModel(),
            Sequence = application.Sequence,
            GlobalBatch = execution.Batch,
            Precision = execution.Precision,
            Parallelism = execution.ToParallelism(),
            Accelerators = execution.Processors,
        };
        return new Evaluator().Evaluate(ImportedDesign.On(job, system).Document()).Outcome!.Value.Step;
    }
}
