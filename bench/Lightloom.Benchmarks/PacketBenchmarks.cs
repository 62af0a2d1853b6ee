using System.Diagnostics;
using System.Globalization;
using BenchmarkDotNet.Attributes;
using Lightloom.Interop.Htsim;
using Lightloom.Quantities;
using Lightloom.Simulation.Packets;

namespace Lightloom.Benchmarks;

/// <summary>Named scenarios of the packet engine on full fat trees of three tiers at 100 Gb/s.</summary>
[MemoryDiagnoser]
public class PacketBenchmarks
{
    [Params("perm128", "incast32", "a2a64")]
    public string Scenario { get; set; } = "";

    [Params("uet-nscc", "uet-rccc", "roce")]
    public string Transport { get; set; } = "";

    [Benchmark]
    public long Run() => PacketRace.Play(Scenario, Transport).Events;
}

/// <summary>One hold of an event queue: take the first event, put another up to 1.3 us later. The ring of buckets, a heap, and .NET's queue.</summary>
public class EventQueueBenchmarks
{
    const long Ahead = 1_332_000;

    EventRing ring = new(8, 14);
    PriorityQueue<int, (long, uint)> heap = new();
    uint random;
    long now;

    [Params(1_000, 10_000, 100_000)]
    public int Pending { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        (ring, heap, random, now) = (EventRing.For(Pending, Ahead), new(), 1, 0);
        for (var i = 0; i < Pending; i++)
        {
            var at = 1 + (long)(PacketNet.Draw(ref random) % (uint)Ahead);
            ring.Push(at, random, i);
            heap.Enqueue(i, (at, random));
        }
    }

    [Benchmark(Baseline = true)]
    public int Ring()
    {
        ring.TryPop(long.MaxValue, out var time, out var what);
        ring.Push(time + 1 + PacketNet.Draw(ref random) % (uint)Ahead, random, what);
        return what;
    }

    [Benchmark]
    public int DotNetHeap()
    {
        heap.TryDequeue(out var what, out var first);
        now = first.Item1;
        heap.Enqueue(what, (now + 1 + PacketNet.Draw(ref random) % (uint)Ahead, random));
        return what;
    }
}

/// <summary>
/// <c>packets [SCENARIO[/TRANSPORT[/THREADS]] ...]</c>: name, transport, threads, flows, CPU and wall seconds of the fastest of several runs, millions of packets over links per
/// second of each, events for each, most packets under way per flow, bytes allocated per flow: of all, of packets under way with their events, and of the rest; peak
/// memory of the process in MB, simulated microseconds.
/// </summary>
static class PacketRace
{
    const double LongestSeconds = 3; // of one scenario's runs together; what is called often is compiled for good within the first of them

    static readonly string[] Usual =
    [
        "perm128", "perm128//2", "incast32", "a2a64", "a2a64//2", "perm128/uet-rccc", "perm128/roce", "perm128/dcqcn",
        "perm250", "perm432", "perm1024", "perm1024//2", "perm2000", "perm3456", "perm8192", "perm8192//2",
    ];

    public static PacketRun Play(string name, string transport)
    {
        var scenario = PacketScenario.Find(name);
        return PacketSimulation.Run(Fabric(scenario.Hosts), scenario.Traffic, new() { Transport = transport });
    }

    // A named one, or a matrix of htsim.
    static PacketScenario Find(string name)
    {
        if (!File.Exists(name)) return PacketScenario.Find(name);
        using var text = new StreamReader(name);
        var matrix = HtsimMatrix.Read(text, name, StartUnit.Microseconds);
        return new(matrix.Nodes, matrix.Traffic());
    }

    static PacketFabric Fabric(int hosts) => PacketFabricBuilder.FatTree(hosts, 3, Bandwidth.FromGigabitsPerSecond(100), Duration.FromMicroseconds(1));

    public static int Run(ReadOnlySpan<string> names)
    {
        Console.WriteLine("scenario transport threads flows cpu_s wall_s Mhops/cpu_s Mhops/wall_s events/hop packets/flow B/flow B_packets B_rest peak_MB simulated_us");
        foreach (var name in names.Length == 0 ? Usual : names)
        {
            string[] parts = File.Exists(name) ? [name, "", ""] : [.. name.Split('/'), "", ""];
            var options = new PacketOptions
            {
                Transport = parts[1].Length > 0 ? parts[1] : "uet-nscc",
                Threads = parts[2].Length > 0 ? int.Parse(parts[2], CultureInfo.InvariantCulture) : 1,
            };
            var scenario = Find(parts[0]);
            var fabric = Fabric(scenario.Hosts);
            var (cpu, wall, all, runs, bytes) = (double.PositiveInfinity, double.PositiveInfinity, 0.0, 0, 0L);
            PacketRun? run = null;
            while (runs < 2 || all < LongestSeconds)
            {
                var before = GC.GetTotalAllocatedBytes(true);
                var (start, began) = (Environment.CpuUsage.UserTime, Stopwatch.GetTimestamp());
                run = PacketSimulation.Run(fabric, scenario.Traffic, options);
                var (took, passed) = (Math.Max(1e-4, (Environment.CpuUsage.UserTime - start).TotalSeconds), Stopwatch.GetElapsedTime(began).TotalSeconds);
                (cpu, wall, all, runs, bytes) = (Math.Min(cpu, took), Math.Min(wall, passed), all + passed, runs + 1, GC.GetTotalAllocatedBytes(true) - before);
            }
            var (hops, flows) = (run!.DataHops + run.ControlHops, scenario.Traffic.Count);
            var ofPackets = run.BytesOfPackets;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{parts[0]} {options.Transport} {run.Threads} {flows} {cpu:F4} {wall:F4} {hops / cpu / 1e6:F2} {hops / wall / 1e6:F2} " +
                $"{(double)run.Events / hops:F2} {(double)run.MostUnderWay / flows:F1} {bytes / flows} {ofPackets / flows} {(bytes - ofPackets) / flows} " +
                $"{Process.GetCurrentProcess().PeakWorkingSet64 / 1048576.0:F0} {run.Time.Picoseconds / 1e6:F1}"));
        }
        return 0;
    }
}
