using System.Diagnostics;
using System.Globalization;
using BenchmarkDotNet.Attributes;
using Lightloom.Simulation.Flows;
using Lightloom.Simulation.Messages;
using Lightloom.Simulation.Scenarios;

namespace Lightloom.Benchmarks;

/// <summary>Named scenarios of the flow engine, routes included.</summary>
[MemoryDiagnoser]
public class FlowBenchmarks
{
    [Params("perm1024", "perm16384", "a2a256", "a2a1024", "lmm5000", "ring1024")]
    public string Scenario { get; set; } = "";

    /// <summary>Flows that are alike as one.</summary>
    [Benchmark]
    public double Run() => FlowScenario.Find(Scenario).Run().Seconds;
}

/// <summary>From 64 to 16,384 hosts: time grows as flows do.</summary>
public class FlowGrowthBenchmarks
{
    [Params(64, 256, 1024, 4096, 16384)]
    public int Hosts { get; set; }

    [Benchmark]
    public double Shift() => FlowScenario.Find($"shift{Hosts}").Run().Seconds;

    [Benchmark]
    public double Permutation() => FlowScenario.Find($"perm{Hosts}").Run().Seconds;
}

/// <summary><c>race SCENARIO ...</c>: name, flows, seconds of the fastest of several runs, peak memory in MB, last completion; for bench/peers.</summary>
static class FlowRace
{
    const double LongestSeconds = 2; // of one scenario's runs together; what is called often is compiled for good within the first of them

    public static int Run(ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (name.StartsWith("messages-", StringComparison.Ordinal))
            {
                Messages(name);
                continue;
            }
            var (text, grouping) = name.EndsWith("/one", StringComparison.Ordinal) ? (name[..^4], FlowGrouping.OneByOne) : (name, FlowGrouping.WhereAlike);
            var (best, all, runs) = (double.PositiveInfinity, 0.0, 0);
            ScenarioRun? run = null;
            while (runs < 3 || all < LongestSeconds)
            {
                var start = Stopwatch.GetTimestamp();
                run = FlowScenario.Find(text).Run(new() { Grouping = grouping });
                var took = Stopwatch.GetElapsedTime(start).TotalSeconds;
                (best, all, runs) = (Math.Min(best, took), all + took, runs + 1);
            }
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {run!.Scenario.Flows} {best:F6} {Process.GetCurrentProcess().PeakWorkingSet64 / 1048576.0:F0} {run.Seconds:G12}"));
        }
        return 0;
    }

    // messages-ring1024, messages-a2a256: name, messages, seconds, MB, nanoseconds simulated.
    static void Messages(string name)
    {
        var text = name["messages-".Length..];
        var ranks = int.Parse(text.AsSpan(text.StartsWith("a2a", StringComparison.Ordinal) ? 3 : 4), CultureInfo.InvariantCulture);
        var program = text.StartsWith("a2a", StringComparison.Ordinal) ? MessageBenchmarks.AllAtOnce(ranks) : MessageBenchmarks.Ring(ranks);
        var best = double.PositiveInfinity;
        MessageRun? run = null;
        for (var i = 0; i < 20; i++)
        {
            var start = Stopwatch.GetTimestamp();
            run = MessageSimulation.Run(program, new() { LargestEager = long.MaxValue });
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {run!.Messages} {best:F6} {Process.GetCurrentProcess().PeakWorkingSet64 / 1048576.0:F0} {run.Time.Picoseconds / 1000m}"));
    }
}
