// What nccl-tests makes of a time, by operation, for n ranks:
//
//   algbw = S / t,   busbw = f algbw
//   f = 2 (n - 1) / n   all-reduce
//   f = (n - 1) / n     all-gather, reduce-scatter, all-to-all, gather, scatter, hypercube
//   f = 1               broadcast, reduce, send/receive
//   so that n = 2 / (2 - f), or n = 1 / (1 - f): a log tells its ranks to whoever looks
//
// Example: all-reduce at algbw 241.29 and busbw 422.25 GB/s: f = 1.74997, n = 8.
// Source: nccl-tests, PERFORMANCE.md.
namespace Lightloom.Interop.Nccl;

/// <summary>An operation of nccl-tests or rccl-tests, and how it turns algorithm bandwidth into bus bandwidth.</summary>
/// <param name="Name">Its name in the programs' names: "all_reduce" of <c>all_reduce_perf</c>.</param>
/// <param name="Rounds">Times that the data crosses: f = rounds (n - 1) / n; 0 where f is 1.</param>
/// <param name="Sharded">Whether the column <c>count</c> holds one rank's shard of the size, which then gives the ranks as well.</param>
public sealed record NcclTestOperation(string Name, int Rounds, bool Sharded)
{
    /// <summary>Every operation that the tests have a program for.</summary>
    public static IReadOnlyList<NcclTestOperation> All { get; } =
    [
        new("all_reduce", 2, false), new("all_gather", 1, true), new("reduce_scatter", 1, true), new("alltoall", 1, true),
        new("alltoallv", 1, false), new("gather", 1, true), new("scatter", 1, true), new("hypercube", 1, false),
        new("broadcast", 0, false), new("reduce", 0, false), new("sendrecv", 0, false),
    ];

    /// <summary>The operation of this name, with or without <c>_perf</c>, or null.</summary>
    public static NcclTestOperation? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var plain = name.EndsWith("_perf", StringComparison.Ordinal) ? name[..^5] : name;
        return All.FirstOrDefault(o => o.Name == plain);
    }

    /// <summary>busbw over algbw for so many ranks; 0 for one rank where the data would only go round.</summary>
    public double FactorOf(int ranks) => Rounds == 0 ? 1 : Rounds * (ranks - 1.0) / ranks;

    /// <summary>The ranks that a factor means, not rounded; infinite at the factor that no count reaches, NaN beyond it or where f is always 1.</summary>
    public double RanksOf(double factor) => Rounds == 0 || factor > Rounds ? double.NaN : Rounds / (Rounds - factor);
}
