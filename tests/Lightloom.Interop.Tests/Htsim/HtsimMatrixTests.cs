using CsCheck;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Fabric;
using Lightloom.Interop.Htsim;
using Lightloom.Planning.Engines;
using Lightloom.Quantities;
using Lightloom.Simulation.Flows;
using Lightloom.Simulation.Traffic;

namespace Lightloom.Interop.Tests.Htsim;

/// <summary>htsim's connection matrices, and what their triggers start.</summary>
public sealed class HtsimMatrixTests
{
    static (SendList Sends, int Nodes) Read(string text)
    {
        var matrix = HtsimMatrix.Read(new StringReader(text), "m.cm", StartUnit.Picoseconds);
        return (matrix.Sends, matrix.Nodes);
    }

    static string Write(SendList sends, int nodes)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        HtsimMatrix.Write(writer, sends, nodes);
        return writer.ToString();
    }

    // Each flow has a link of 1 B/s of its own: what comes when is what triggers say.
    static double[] Finish(SendList sends)
    {
        var run = FlowSimulation.Run(new()
        {
            Capacity = [.. Enumerable.Repeat(1.0, sends.Count)],
            PathOffset = [.. Enumerable.Range(0, sends.Count + 1)],
            Path = [.. Enumerable.Range(0, sends.Count)],
            Bytes = sends.Bytes,
            Start = sends.Start,
            WaitsFor = sends.WaitsFor,
            Feeds = sends.Feeds,
            FeedsToo = sends.FeedsToo,
            After = sends.After,
            GateArrivals = sends.GateArrivals,
            GateAfter = sends.GateAfter,
            GateTurns = sends.GateTurns,
        });
        return [.. Enumerable.Range(0, sends.Count).Select(run.FinishOf)];
    }

    [Fact]
    public void Triggers_start_all_one_or_after_many()
    {
        var (sends, nodes) = Read("""
            # comment
            Nodes 8
            Connections 8
            Triggers 3

            0->1 id 1 start 0 size 1 send_done_trigger 1 recv_done_trigger 3
            0->2 id 2 start 2000000000000 size 1 send_done_trigger 1
            0->3 id 3 trigger 1 size 5 prio 2
            0->4 id 4 trigger 1 size 5 msg 1
            1->2 start 0 size 4 recv_done_trigger 2
            1->3 start 0 size 6 recv_done_trigger 2
            1->4 id 7 trigger 2 size 1
            1->5 id 8 trigger 3 size 9
            trigger id 1 multishot
            trigger id 2 barrier count 2
            trigger id 3 oneshot
            """);
        Assert.Equal((8, 8), (nodes, sends.Count));
        // 3 starts when 1 ends, 4 when 2 does, 7 when both of two have, 8 when 1 has.
        Assert.Equal([1, 3, 6, 8, 4, 6, 7, 10], Finish(sends));
    }

    [Fact]
    public void What_is_written_starts_at_the_same_times()
    {
        var butterfly = SendList.Butterfly(8, DataSize.FromBytes(3));
        Assert.Equal(Finish(butterfly), Finish(Read(Write(butterfly, 8)).Sends));
        var random = SendList.Random(20, 50, 7, DataSize.FromBytes(1000)).Over(Duration.FromSeconds(1), 3);
        var again = Read(Write(random, 20));
        Assert.Equal(20, again.Nodes);
        // Starts are whole picoseconds there.
        Assert.All(Finish(random).Zip(Finish(again.Sends)), pair => Assert.Equal(pair.First, pair.Second, 1e-9));
        Assert.Throws<InputException>(() => Write(new() { Name = "", Source = [0, 0], Destination = [1, 1], Bytes = [1], Start = [0, 1], WaitsFor = [-1, 0], GateArrivals = [1], Feeds = [0, -1] }, 2));
    }

    // The schedule of an all-reduce, played as flows and as what is read of it, takes the same time.
    [Fact]
    public void A_collective_goes_out_and_comes_back()
    {
        var catalog = PartCatalog.Default;
        var graph = FabricGraph.Of(new FatTree().Plan(new() { Systems = 4, System = catalog.Get<AcceleratorSystem>("dgx-h100"), Switch = catalog.Get<Switch>("qm9700") }));
        var algorithm = CollectiveAlgorithm.All.First(a => a.Name == "direct");
        var sends = SendList.Of(EngineTask.Of(graph, CollectiveKind.AllToAll, algorithm, DataSize.FromBytes(1 << 20), 16).Schedule.Expand());
        var again = Read(Write(sends, 16)).Sends;
        Assert.Equal(sends.Count, again.Count);
        Assert.Equal(sends.Source, again.Source);
        Assert.Equal(Finish(sends).Max(), Finish(again).Max(), 1.0); // bytes are whole there
    }

    [Theory]
    [InlineData("'Nodes' is missing", "Connections 0")]
    [InlineData("m.cm:2:1: expected 'Nodes' before the first connection", "Connections 1\n0->1 start 0 size 1")]
    [InlineData("m.cm:3:1: expected a receiver from 0 to 1, found '2'", "Nodes 2\nConnections 1\n0->2 start 0 size 1")]
    [InlineData("m.cm:2:1: node 1 sends to itself", "Nodes 2\n1->1 start 0 size 1")]
    [InlineData("m.cm:2:6: unknown word 'strat'; did you mean 'start'?", "Nodes 2\n0->1 strat 0 size 1")]
    [InlineData("m.cm:2:19: 'size' has to be below 2^63, and 9223372036854775808 is not", "Nodes 2\n0->1 start 0 size 9223372036854775808")]
    [InlineData("m.cm:2:1: 'size' is missing", "Nodes 2\n0->1 start 0")]
    [InlineData("m.cm:2:1: expected 'start' or 'trigger'", "Nodes 2\n0->1 size 3")]
    [InlineData("'start' and 'trigger' exclude each other", "Nodes 2\n0->1 size 3 start 0 trigger 1")]
    [InlineData("'Connections' says 2, and there are 1", "Nodes 2\nConnections 2\n0->1 size 3 start 0")]
    [InlineData("'Triggers' says 1, and there are 0", "Nodes 2\nTriggers 1\n0->1 size 3 start 0")]
    [InlineData("trigger 4 is used here and defined nowhere", "Nodes 2\n0->1 size 3 start 0 send_done_trigger 4")]
    [InlineData("no flow activates trigger 4, for which 1 wait", "Nodes 2\n0->1 size 3 trigger 4\ntrigger id 4 oneshot")]
    [InlineData("2 flows activate trigger 4, and 1 may", "Nodes 2\n0->1 size 3 start 0 send_done_trigger 4\n0->1 size 3 start 0 send_done_trigger 4\ntrigger id 4 oneshot")]
    [InlineData("barrier 4 waits for 3 flows, and 1 activate it", "Nodes 2\n0->1 size 3 start 0 send_done_trigger 4\ntrigger id 4 barrier count 3")]
    [InlineData("barrier 4 has no 'count'", "Nodes 2\ntrigger id 4 barrier")]
    [InlineData("did you mean 'multishot'?", "Nodes 2\ntrigger id 4 multishit")]
    [InlineData("there is a flow 3 already", "Nodes 2\n0->1 id 3 size 3 start 0\n0->1 id 3 size 3 start 0")]
    [InlineData("'Failures' says 1, and there are 0", "Nodes 2\nFailures 1")]
    [InlineData("found 'What'", "What is this")]
    public void A_wrong_matrix_is_told_with_its_place(string message, string text) => Assert.Contains(message, Assert.Throws<InputException>(() => Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void No_text_leads_anywhere_else() => Gen.String[Gen.Char["0123->NCodesTrigi\n dstarzc"], 0, 60].Sample(text =>
    {
        try
        {
            Read("Nodes 4\n" + text);
        }
        catch (InputException)
        {
            // One clear message.
        }
    }, iter: 2000);
}
