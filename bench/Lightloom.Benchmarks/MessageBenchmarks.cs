using BenchmarkDotNet.Attributes;
using Lightloom.Simulation.Messages;

namespace Lightloom.Benchmarks;

/// <summary>Messages in LogGOPS: 2.1 million of a ring of 1,024 ranks, 65,280 of an all-to-all of 256, all posted at once.</summary>
[MemoryDiagnoser]
public class MessageBenchmarks
{
    readonly MessageProgram ring = Ring(1024), all = AllAtOnce(256);

    [Benchmark]
    public long RingOf1024() => MessageSimulation.Run(ring, new() { LargestEager = long.MaxValue }).Messages;

    [Benchmark]
    public long AllToAllOf256() => MessageSimulation.Run(all, new() { LargestEager = long.MaxValue }).Messages;

    /// <summary>An all-reduce of 64 MiB in 2 (N - 1) steps.</summary>
    public static MessageProgram Ring(int ranks)
    {
        var builder = new MessageProgramBuilder();
        for (var r = 0; r < ranks; r++)
        {
            builder.BeginRank();
            var (sent, received) = (-1, -1);
            for (var s = 0; s < 2 * (ranks - 1); s++)
            {
                var send = builder.Add(MessageKind.Send, (64L << 20) / ranks, (r + 1) % ranks);
                var receive = builder.Add(MessageKind.Receive, (64L << 20) / ranks, (r + ranks - 1) % ranks);
                if (sent >= 0)
                {
                    builder.Requires(send, sent);
                    builder.Requires(send, received);
                    builder.Requires(receive, received);
                }
                (sent, received) = (send, receive);
            }
        }
        return builder.Finish();
    }

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
