using BenchmarkDotNet.Attributes;
using Lightloom.Interop.Goal;
using Lightloom.Simulation.Messages;
using Lightloom.Simulation.Scenarios;

namespace Lightloom.Benchmarks;

/// <summary>Messages in LogGOPS: 2.1 million of a ring of 1,024 ranks, from memory and from a file of 180 MB, 65,280 of an all-to-all of 256, all posted at once.</summary>
[MemoryDiagnoser]
public class MessageBenchmarks
{
    readonly MessageProgram ring = Ring(1024), all = AllAtOnce(256);

    [Benchmark]
    public long RingOf1024() => MessageSimulation.Run(ring, new() { LargestEager = long.MaxValue }).Messages;

    [Benchmark]
    public long RingOf1024FromFile()
    {
        using var source = new GoalBinaryFile(File.OpenRead(file), file);
        return MessageSimulation.Run(source, new() { Parameters = new() { LargestEager = long.MaxValue } }).Messages;
    }

    readonly string file = Path.GetTempFileName();

    [GlobalSetup(Target = nameof(RingOf1024FromFile))]
    public void WriteFile()
    {
        using var stream = File.Create(file);
        GoalBinary.Write(stream, ring);
    }

    [GlobalCleanup(Target = nameof(RingOf1024FromFile))]
    public void DeleteFile() => File.Delete(file);

    [Benchmark]
    public long AllToAllOf256() => MessageSimulation.Run(all, new() { LargestEager = long.MaxValue }).Messages;

    /// <summary>An all-reduce of 64 MiB.</summary>
    public static MessageProgram Ring(int ranks) => MessageScenario.Of("allreduce_ring", ranks, 64L << 20);

    /// <summary>64 KiB from everybody to everybody, nothing waiting for anything.</summary>
    public static MessageProgram AllAtOnce(int ranks)
    {
        var builder = new MessageProgramBuilder();
        for (var r = 0; r < ranks; r++)
        {
            builder.BeginRank();
            for (var d = 1; d < ranks; d++) builder.Add(MessageKind.Receive, 65536, (r + d) % ranks);
            for (var d = 1; d < ranks; d++) builder.Add(MessageKind.Send, 65536, (r + d) % ranks);
        }
        return builder.Finish();
    }
}
