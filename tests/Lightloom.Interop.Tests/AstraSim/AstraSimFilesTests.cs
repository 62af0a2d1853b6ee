using Lightloom.Catalog.Documents;
using Lightloom.Collectives.Traces;
using Lightloom.Interop.AstraSim;
using Lightloom.Interop.Chakra;

namespace Lightloom.Interop.Tests.AstraSim;

/// <summary>ASTRA-sim's files, right and wrong.</summary>
public sealed class AstraSimFilesTests : IDisposable
{
    const string System = """
        { "scheduling-policy": "FIFO", "endpoint-delay": 5, "active-chunks-per-dimension": 2, "preferred-dataset-splits": 4, "all-reduce-implementation": ["ring", "direct3"],
          "all-gather-implementation": ["oneDirect"], "collective-optimization": "localBWAware", "local-mem-bw": 50.5, "boost-mode": 0, "peak-perf": 10, "roofline-enabled": 1, "unknown-key-of-later": 3 }
        """;

    readonly string folder = Directory.CreateTempSubdirectory("lightloom-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    string Put(string text, string name)
    {
        var file = Path.Combine(folder, name);
        File.WriteAllText(file, text);
        return file;
    }

    static void Fails(string message, Action action) => Assert.Contains(message, Assert.Throws<InputException>(action).Message, StringComparison.Ordinal);

    [Fact]
    public void A_system_configuration_is_read()
    {
        var system = AstraSimSystem.ReadFile(Put(System, "s.json"));
        Assert.Equal((TracePolicy.Fifo, 5L, 2, 4, true), (system.Policy, system.EndpointNanoseconds, system.ActiveChunks, system.Splits, system.ReducesByDimension));
        Assert.Equal((50.5, 10.0), (system.MemoryBandwidth, system.PeakRate));
        Assert.Equal([new TraceAlgorithm(TraceMethod.Ring), new(TraceMethod.Direct, 3)], system.Algorithms[TraceCollective.AllReduce]);
        Assert.Equal([new TraceAlgorithm(TraceMethod.Direct, null, true)], system.Algorithms[TraceCollective.AllGather]);
        Assert.False(system.Algorithms.ContainsKey(TraceCollective.AllToAll));
        void Wrong(string message, string from, string to) => Fails(message, () => AstraSimSystem.ReadFile(Put(System.Replace(from, to, StringComparison.Ordinal), "w.json")));
        Wrong("w.json:1:3: system: unknown key 'scheduling-polcy'; did you mean 'scheduling-policy'?", "scheduling-policy", "scheduling-polcy");
        Wrong("'scheduling-policy' is 'FILO'; expected LIFO, FIFO, EXPLICIT", "\"FIFO\"", "\"FILO\"");
        Wrong("there is no algorithm 'rings' for 'all-reduce-implementation'; did you mean 'ring'?", "\"ring\"", "\"rings\"");
        Wrong("doubleBinaryTree does an all-reduce alone", "oneDirect", "doubleBinaryTree");
        Wrong("'preferred-dataset-splits' is missing", "\"preferred-dataset-splits\": 4, ", "");
        Wrong("expected a whole number for 'endpoint-delay', found 5.5", "\"endpoint-delay\": 5", "\"endpoint-delay\": 5.5");
        Wrong("needs 'peak-perf'", "\"peak-perf\": 10, ", "");
        Wrong("a shared bus ('model-shared-bus') is not modelled", "\"boost-mode\": 0", "\"model-shared-bus\": 1");
        Wrong("there is no trace 'nowhere' of a custom collective", "\"boost-mode\": 0", "\"all-reduce-implementation-custom\": [\"nowhere\"]");
    }

    [Fact]
    public void A_network_is_read_and_written()
    {
        const string text = "topology: [ Ring, Switch ]\nnpus_count: [ 4, 8 ]\nbandwidth: [ 80.0, 12.5 ]\nlatency: [ 936.25, 0 ]\n";
        var network = AstraSimNetwork.Read(text, "n.yml");
        Assert.Equal([new TraceDimension(TraceBlock.Ring, 4, 80, 936.25), new(TraceBlock.Switch, 8, 12.5, 0)], network.Dimensions);
        using var writer = new StringWriter();
        AstraSimNetwork.Write(writer, network);
        Assert.Equal(network.Dimensions, AstraSimNetwork.Read(writer.ToString(), "again.yml").Dimensions);
        void Wrong(string message, string from, string to) => Fails(message, () => AstraSimNetwork.Read(text.Replace(from, to, StringComparison.Ordinal), "n.yml"));
        Wrong("n.yml:1:13: there is no topology 'Rign'; did you mean 'Ring'?", "Ring", "Rign");
        Wrong("'latency' has 1 entries, and 'topology' 2", ", 0 ]", " ]");
        Wrong("expected a whole number of 2 or more in 'npus_count', found '1'", "4, 8", "4, 1");
        Wrong("expected more than 0 GB/s in 'bandwidth', found '0'", "80.0", "0");
        Wrong("unknown key 'bandwith'; did you mean 'bandwidth'?", "bandwidth", "bandwith");
        Wrong("'bandwidth' is missing", "bandwidth: [ 80.0, 12.5 ]\n", "");
    }

    [Fact]
    public void Memory_and_groups_are_read()
    {
        Assert.Equal(new(TraceMemoryKind.None), AstraSimSystem.ReadMemory(Put("""{ "memory-type": "NO_MEMORY_EXPANSION" }""", "m.json")));
        Assert.Equal(new(TraceMemoryKind.PerNode, 100, 50, 8), AstraSimSystem.ReadMemory(Put("""{ "memory-type": "PER_NODE_MEMORY_EXPANSION", "remote-mem-latency": 100, "remote-mem-bw": 50, "num-nodes": 2, "num-npus-per-node": 8 }""", "m.json")));
        Fails("did you mean 'MEMORY_POOL'?", () => AstraSimSystem.ReadMemory(Put("""{ "memory-type": "MEMORY_POL" }""", "m.json")));
        var groups = AstraSimSystem.ReadGroups(Put("""{ "1": [0, 2], "12": [3] }""", "g.json"));
        Assert.Equal([(1, "0,2"), (12, "3")], groups.Select(g => (g.Id, string.Join(',', g.Ranks))));
        Fails("expected the number of a group from 1 on, found '0'", () => AstraSimSystem.ReadGroups(Put("""{ "0": [0] }""", "g.json")));
        Fails("group 1 has rank 0 a second time", () => AstraSimSystem.ReadGroups(Put("""{ "1": [0, 0] }""", "g.json")));
    }

    // A ring of 4 of 1 MiB in a file of sends and receives: the same time as what it stands for, by the closed form of whole chunks.
    [Fact]
    public void A_custom_collective_is_played_and_the_files_of_a_folder_are_found()
    {
        for (var r = 0; r < 2; r++)
        {
            using (var stream = File.Create(Path.Combine(folder, $"t.{r}.et"))) ChakraWriter.Write(stream, r, [new() { Id = 1, Kind = TraceNodeKind.Collective, Collective = TraceCollective.AllReduce, Bytes = 1 << 20 }]);
            Directory.CreateDirectory(Path.Combine(folder, "c"));
            using var custom = File.Create(Path.Combine(folder, "c", $"x.{r}.et"));
            ChakraWriter.Write(custom, r, [new() { Id = 0, Kind = TraceNodeKind.Send, Peer = 1 - r, Bytes = 1000 }, new() { Id = 1, Kind = TraceNodeKind.Receive, Peer = 1 - r, Bytes = 1000 }, new() { Id = 2, Kind = TraceNodeKind.Compute, After = [1] }]);
        }
        Put("""{ "preferred-dataset-splits": 1, "all-reduce-implementation-custom": ["c/x"] }""", "system.json");
        Put("topology: [ Ring ]\nnpus_count: [ 2 ]\nbandwidth: [ 50 ]\nlatency: [ 500 ]\n", "net.yml");
        Put("""{ "memory-type": "NO_MEMORY_EXPANSION" }""", "memory.json");
        Put("""{ "1": [0, 1] }""", "groups.json");
        var files = new AstraSimFiles { Workload = folder }.WithNeighbours();
        Assert.Equal(["net.yml", "system.json", "memory.json", "groups.json"], new[] { files.Network, files.System, files.Memory, files.Groups }.Select(Path.GetFileName));
        var inputs = files.Read();
        // 500 + 1000 / 53.687 ns and 1 ns of a computation that nobody timed.
        Assert.Equal(519, TraceSimulation.Run(inputs.Trace, inputs.System!, inputs.Network!, TraceSharing.Aware).Time.Picoseconds / 1000);
        Put("topology: [ Ring ]\nnpus_count: [ 2 ]\nbandwidth: [ 50 ]\nlatency: [ 500 ]\n", "other.yml");
        Fails("several files that look like a network: 'net.yml' and 'other.yml'", () => new AstraSimFiles { Workload = folder }.WithNeighbours());
    }
}
