using Lightloom.Catalog.Documents;
using Lightloom.Collectives.Traces;
using Lightloom.Interop.SimAi;

namespace Lightloom.Interop.Tests.SimAi;

/// <summary>SimAI's workloads as traces.</summary>
public sealed class SimAiWorkloadTests
{
    const string Text = """
        HYBRID_TRANSFORMER_FWD_IN_BCKWD model_parallel_NPU_group: 2 ep: 2 pp: 1 vpp: 1 ga: 1 all_gpus: 8 checkpoints: 0 checkpoint_initiates: 0
        2
        attention_column -1 1500 ALLGATHER 4096 2000 REDUCESCATTER 4096 2500 NONE 0 100
        mlp_moelayer     -1 3000 ALLTOALL_EP 8192 1 NONE 0 1 REDUCESCATTER_DP_EP 16384 100
        """;

    static TraceList Read(string text) => SimAiWorkload.Read(new StringReader(text), "w.txt");

    [Fact]
    public void Layers_go_forward_and_back_in_groups_of_their_ranks()
    {
        var trace = Read(Text);
        Assert.Equal(8, trace.Ranks);
        var nodes = trace.NodesOf(5).ToList(); // tensor 1, data 2 of 4, experts' ranks {1 of data 2, 3}
        Assert.Equal(
            ["groups", "attention_column forward", "attention_column forward communication", "mlp_moelayer forward", "mlp_moelayer forward communication", "mlp_moelayer input gradient", "mlp_moelayer weight gradient",
                "mlp_moelayer weight gradient communication", "mlp_moelayer update", "attention_column input gradient", "attention_column input gradient communication", "attention_column weight gradient", "attention_column update"],
            nodes.Select(n => n.Name));
        Assert.Equal([2UL, 3UL, 1UL, 1UL, 1UL, 2UL, 3UL, 1UL], nodes.Where(n => n.Kind == TraceNodeKind.Compute).Select(n => n.Microseconds));
        TraceGroup GroupOf(string name) => nodes[0].Groups.Single(g => g.Id == nodes.Single(n => n.Name == name).Group);
        Assert.Equal([4, 5], GroupOf("attention_column forward communication").Ranks);
        Assert.Equal([5, 7], GroupOf("mlp_moelayer forward communication").Ranks);
        Assert.Equal([1, 5], GroupOf("mlp_moelayer weight gradient communication").Ranks);
        // An all-gather's size is its shard in a trace.
        Assert.Equal(2048UL, nodes.Single(n => n.Name == "attention_column forward communication").Bytes);
        // What is added up of weights goes beside what follows it.
        Assert.Equal(nodes.Single(n => n.Name == "mlp_moelayer weight gradient").Id, nodes.Single(n => n.Name == "attention_column input gradient").After.Single());
    }

    [Fact]
    public void A_workload_is_played()
    {
        var run = TraceSimulation.Run(Read(Text), new()
        {
            MemoryBandwidth = 1000,
            Algorithms = new[] { TraceCollective.AllGather, TraceCollective.ReduceScatter, TraceCollective.AllToAll }.ToDictionary(c => c, c => (IReadOnlyList<TraceAlgorithm>)[new TraceAlgorithm(TraceMethod.Ring)]),
        }, new([new(TraceBlock.Switch, 8, 100, 500)]), TraceSharing.Unaware);
        Assert.True(run.IsComplete);
        Assert.All(run.Ranks, r => Assert.Equal(14_000, r.Compute.Picoseconds / 1000));
        Assert.InRange(run.Time.Picoseconds / 1000, 14_000, 25_000);
    }

    // AICB's shape: what stands there once, then the layers of a stage for each microbatch, then what stands there once again.
    static string Piped(int stages, int batches, string passed) => $"""
        HYBRID_TRANSFORMER_FWD_IN_BCKWD model_parallel_NPU_group: 1 ep: 1 pp: {stages} vpp: 2 ga: {batches} all_gpus: {stages} checkpoints: 0 checkpoint_initiates: 0 {passed}
        {2 + (2 * batches)}
        grad_norm -1 0 NONE 0 0 NONE 0 0 NONE 0 0
        {string.Concat(Enumerable.Repeat("attention -1 10000 NONE 0 20000 NONE 0 0 NONE 0 0\nmlp -1 10000 NONE 0 20000 NONE 0 0 NONE 0 0\n", batches))}optimizer -1 0 NONE 0 0 NONE 0 0 NONE 0 0
        """;

    /// <summary>
    /// System: P stages, m microbatches of F = 20 us forward and B = 40 us back, all forward first (GPipe), a message of D between stages. Expectation:
    /// (m + P - 1)(F + B) + 2 (P - 1) D; without pp_comm stages don't wait for each other: m (F + B).
    /// </summary>
    [Theory]
    [InlineData(2, 1)]
    [InlineData(2, 4)]
    [InlineData(4, 3)]
    public void Stages_pass_microbatches_on_and_their_gradients_back(int stages, int batches)
    {
        long Play(string passed) => TraceSimulation.Run(Read(Piped(stages, batches, passed)), new(), new([new(TraceBlock.FullyConnected, stages, 50, 500)]), TraceSharing.Unaware).Time.Picoseconds / 1000;
        const long F = 20_000, B = 40_000;
        var d = (long)(500 + (1 << 16) / (50.0 * (1 << 30) / 1e9));
        Assert.Equal(batches * (F + B), Play(""));
        Assert.Equal(batches * (F + B), Play("pp_comm: 0"));
        foreach (var passed in new[] { "pp_comm: 65536", "pp_comm 65536", "pp_comm: 65536.0" })
            Assert.Equal(((batches + stages - 1) * (F + B)) + (2 * (stages - 1) * d), Play(passed));
    }

    [Fact]
    public void Messages_between_stages_stand_in_pairs()
    {
        var trace = Read(Piped(3, 2, "pp_comm: 4096"));
        var all = Enumerable.Range(0, 3).SelectMany(r => trace.NodesOf(r).Select(n => (Rank: r, Node: n))).ToList();
        var sends = all.Where(n => n.Node.Kind == TraceNodeKind.Send).Select(n => (n.Rank, n.Node.Peer, n.Node.Tag, n.Node.Bytes)).Order().ToList();
        var receives = all.Where(n => n.Node.Kind == TraceNodeKind.Receive).Select(n => (n.Node.Peer, n.Rank, n.Node.Tag, n.Node.Bytes)).Order().ToList();
        Assert.Equal(8, sends.Count);
        Assert.Equal(sends, receives);
    }

    [Theory]
    [InlineData("w.txt:1:62: expected bytes of 0 or more behind 'pp_comm:'", "H model_parallel_NPU_group: 1 pp: 2 ga: 1 vpp: 1 all_gpus: 2 pp_comm: much\n1\na -1 1 NONE 0 1 NONE 0 1 NONE 0 1")]
    [InlineData("w.txt:1:1: the file is cut short: expected a header", "")]
    [InlineData("'model_parallel_NPU_group:' is missing in the header: this is no SimAI workload", "GOAL 1")]
    [InlineData("6 ranks don't fill tensor groups of 4", "H model_parallel_NPU_group: 4 all_gpus: 6\n1")]
    [InlineData("expected 2 layers, found 1", "H model_parallel_NPU_group: 1 all_gpus: 2\n2\na -1 1 NONE 0 1 NONE 0 1 NONE 0 1")]
    [InlineData("w.txt:3:1: a layer has 12 columns, and this line 3", "H model_parallel_NPU_group: 1 all_gpus: 2\n1\na -1 1")]
    [InlineData("w.txt:3:8: there is no communication 'ALREDUCE'; did you mean 'ALLREDUCE'?", "H model_parallel_NPU_group: 1 all_gpus: 2\n1\na -1 1 ALREDUCE 0 1 NONE 0 1 NONE 0 1")]
    [InlineData("w.txt:3:6: 9223372036854775808 is 2^63 or more", "H model_parallel_NPU_group: 1 all_gpus: 2\n1\na -1 9223372036854775808 NONE 0 1 NONE 0 1 NONE 0 1")]
    [InlineData("w.txt:2:1: expected the number of layers, found 'x'", "H model_parallel_NPU_group: 1 all_gpus: 2\nx")]
    public void A_wrong_workload_is_told_with_its_place(string message, string text) => Assert.Contains(message, Assert.Throws<InputException>(() => Read(text)).Message, StringComparison.Ordinal);
}
