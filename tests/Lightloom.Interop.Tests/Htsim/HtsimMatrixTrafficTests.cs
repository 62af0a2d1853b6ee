using Lightloom.Catalog.Documents;
using Lightloom.Interop.Htsim;
using Lightloom.Simulation.Packets;

namespace Lightloom.Interop.Tests.Htsim;

/// <summary>Connection matrices as the packet engine takes them.</summary>
public sealed class HtsimMatrixTrafficTests
{
    const string Example = """
        Nodes 16
        Connections 4
        Triggers 2
        Failures 0
        0->13 id 1 start 0 size 2000000 send_done_trigger 1
        1->2 id 2 trigger 1 size 65536 recv_done_trigger 2
        2->3 id 3 trigger 1 size 65536 recv_done_trigger 2 prio 1

        4->5 id 4 trigger 2 size 9223372036854775807
        trigger id 1 oneshot
        trigger id 2 barrier count 2
        """;

    static HtsimMatrix Read(string text, StartUnit unit = StartUnit.Microseconds) => HtsimMatrix.Read(new StringReader(text), "x.cm", unit);

    [Fact]
    public void The_example_is_read()
    {
        var matrix = Read(Example);
        var traffic = matrix.Traffic();
        Assert.Equal((16, 4, 0m), (matrix.Nodes, traffic.Count, matrix.LatestStart));
        Assert.Equal([0, 1, 2, 4], traffic.Source);
        Assert.Equal([13, 2, 3, 5], traffic.Destination);
        long[] bytes = [2_000_000, 65_536, 65_536, long.MaxValue];
        Assert.Equal(bytes, traffic.Bytes);
        long[] starts = [0, -1, -1, -1];
        Assert.Equal(starts, traffic.StartPicoseconds);
        Assert.Equal([-1, 0, 0, 1], traffic.StartedBy);
        Assert.Equal([0, -1, -1, -1], traffic.OnSent);
        Assert.Equal([-1, 1, 1, -1], traffic.OnReceived);
        FlowTrigger[] triggers = [new(TriggerKind.OneShot), new(TriggerKind.Barrier, 2)];
        Assert.Equal(triggers, traffic.Triggers);
        traffic.Check(16);
    }

    [Fact]
    public void Starts_count_what_the_reader_says()
    {
        const string one = "Nodes 2\nConnections 1\n0->1 start 5000000 size 1\n";
        Assert.Equal(5_000_000_000_000, Read(one).Traffic().StartPicoseconds[0]);
        Assert.Equal(5_000_000, Read(one, StartUnit.Picoseconds).Traffic().StartPicoseconds[0]);
        Assert.Equal(5_000_000m, Read(one).LatestStart);
    }

    [Theory]
    [InlineData("Connections 0\n", "'Nodes' is missing")]
    [InlineData("Nodes 2\nConnections 2\n0->1 start 0 size 1\n", "x.cm:3:1: 'Connections' says 2, and there are 1")]
    [InlineData("Nodes 2\nConnections 1\nTriggers 1\n0->1 start 0 size 1\n", "x.cm:4:1: 'Triggers' says 1, and there are 0")]
    [InlineData("Nodes 2\nConnections 1\n0->2 start 0 size 1\n", "x.cm:3:1: expected a receiver from 0 to 1, found '2'")]
    [InlineData("Nodes 2\nConnections 1\n0->0 start 0 size 1\n", "x.cm:3:1: node 0 sends to itself")]
    [InlineData("Nodes 2\nConnections 1\n0->1 start 0 size 9223372036854775808\n", "x.cm:3:19: 'size' has to be below 2^63, and 9223372036854775808 is not")]
    [InlineData("Nodes 2\nConnections 1\n0->1 start 0 sise 1\n", "'size'")]
    [InlineData("Nodes 2\nConnections 1\n0->1 start 0\n", "x.cm:3:1: 'size' is missing")]
    [InlineData("Nodes 2\nConnections 1\n0->1 size 1\n", "expected 'start' or 'trigger'")]
    [InlineData("Nodes 2\nConnections 1\n0->1 start 0 trigger 1 size 1\n", "'start' and 'trigger' exclude each other")]
    [InlineData("Nodes 2\nConnections 1\n0->1 trigger 7 size 1\n", "x.cm:3:1: trigger 7 is used here and defined nowhere")]
    [InlineData("Nodes 2\nConnections 1\n0->1 start 99999999999999999 size 1\n", "x.cm:3:12: start 99999999999999999 was read as microseconds, which pass 106 days: picoseconds may be meant")]
    [InlineData("Nodes 2\nConnections 1\nTriggers 1\n0->1 start 0 size 1\ntrigger id 1 onshot\n", "'oneshot'")]
    [InlineData("Nodes 2\nConnections 1\nTriggers 1\n0->1 start 0 size 1\ntrigger id 1 barrier\n", "x.cm:5:1: barrier 1 has no 'count'")]
    [InlineData("Nodes 2\nConnections 2\n0->1 id 1 start 0 size 1\n1->0 id 1 start 0 size 1\n", "x.cm:4:9: there is a flow 1 already")]
    [InlineData("Nodes 2\nConections 2\n", "did you mean 'Connections'?")]
    [InlineData("Nodes 2\nConnections 1\n0->1 start 0 size 0\n", "x.cm:3:1: expected a size of 1 byte or more for packets, found 0")]
    public void What_is_wrong_is_told_with_its_place(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<InputException>(() => Read(text).Traffic()).Message);

    [Fact]
    public void Circles_of_triggers_are_told()
    {
        var circle = Read("Nodes 4\nConnections 2\nTriggers 2\n0->1 trigger 1 size 1 send_done_trigger 2\n2->3 trigger 2 size 1 send_done_trigger 1\ntrigger id 1 oneshot\ntrigger id 2 oneshot\n");
        Assert.Contains("2 flows of x never begin: flow 1 waits for trigger 1, which no flow that can begin pulls (a circle, or nothing at all)",
            Assert.Throws<InputException>(() => circle.Traffic().Check(4)).Message);
    }
}
