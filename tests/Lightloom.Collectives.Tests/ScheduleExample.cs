// The lines that docs/schedules.md shows; ScheduleExampleTests holds the two together, and runs them.
using Lightloom.Quantities;

namespace Lightloom.Collectives.Tests;

static class ScheduleExample
{
    public static void Run(TextWriter output)
    {
        // example
        var levels = new NetworkLevels(
            new NetworkLevel("scale-up", Bandwidth.FromGigabytesPerSecond(360), Duration.FromMicroseconds(1)),
            new NetworkLevel("rail", Bandwidth.FromGigabytesPerSecond(48), Duration.FromMicroseconds(5)));
        var group = GroupPlacement.Of(8, 16); // 16 ranks, 8 per scale-up domain
        var schedule = CollectiveAlgorithm.Ring.Schedule(CollectiveKind.AllReduce, DataSize.FromGigabytes(1), group, levels);
        output.WriteLine($"{schedule.StepCount} steps, {schedule.SendCount:N0} sends, {schedule.BytesOver(1)} leave domains");
        var sends = schedule.Expand(); // flat arrays: who, to whom, how much, behind which gate
        output.WriteLine($"{sends.Source[0]} -> {sends.Destination[0]}: {sends.Bytes[0]:N0} B");
        // end of example
    }
}
