// A schedule that is one step again and again, as those of rings are: its flows need not be listed for each repetition.
//
//   all steps send the same from and to the same, of the same size; every rank has one send in each channel; all but the first wait for
//   what arrived
//
// A rank in a channel is then a rank of StepSimulation: its next send follows its last and waits for what came in.
namespace Lightloom.Simulation.Traffic;

/// <summary>One step of a schedule that repeats it.</summary>
/// <param name="Sends">The sends of a step, all channels together.</param>
/// <param name="Source">Who sends each: the rank times the channels plus the channel.</param>
/// <param name="Destination">Who receives each.</param>
/// <param name="Ranks">Ranks times channels.</param>
/// <param name="Steps">How often.</param>
public sealed record RepeatedStep(SendList Sends, int[] Source, int[] Destination, int Ranks, int Steps)
{
    /// <summary>The step that a schedule repeats, or null where it isn't such a one.</summary>
    public static RepeatedStep? Of(Schedule schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        if (schedule.Pieces != 1 || schedule.Tiers.Count > 0 || schedule.Steps.Count == 0) return null;
        (int[] Source, int[] Destination, int[] Channel, double[] Bytes)? first = null;
        for (var s = 0; s < schedule.Steps.Count; s++)
        {
            var step = schedule.Steps[s];
            if (step.Classes.Any(c => !c.Waits || c.Track != 0 || c.Pattern is ListedSends)) return null;
            for (var repetition = 0; repetition < step.Repeat; repetition += repetition == 0 ? 1 : Math.Max(1, step.Repeat - 2))
            {
                var listed = List(step, repetition);
                first ??= listed;
                if (!Same(first.Value, listed)) return null;
            }
        }
        var (source, destination, channel, bytes) = first!.Value;
        var (c, n) = (schedule.Channels, source.Length);
        int[] from = [.. Enumerable.Range(0, n).Select(i => source[i] * c + channel[i])];
        if (from.Distinct().Count() != n) return null;
        int[] to = [.. Enumerable.Range(0, n).Select(i => destination[i] * c + channel[i])];
        var alike = bytes.All(b => b == bytes[0]);
        return new(new() { Name = schedule.Name, Source = source, Destination = destination, Bytes = alike ? [bytes[0]] : bytes }, from, to, schedule.Layout.Ranks * c, checked((int)schedule.StepCount));
    }

    /// <summary>The same step among the ranks of several groups at once: rank r of a group is its r-th member.</summary>
    public RepeatedStep Among(IReadOnlyList<int[]> groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        var n = Source.Length;
        var (source, destination) = (new int[n * groups.Count], new int[n * groups.Count]);
        for (var g = 0; g < groups.Count; g++)
            for (var i = 0; i < n; i++) (source[(g * n) + i], destination[(g * n) + i]) = (Source[i] + (g * Ranks), Destination[i] + (g * Ranks));
        return new(Sends.Among(groups), source, destination, Ranks * groups.Count, Steps);
    }

    // Patterns change evenly with the repetition, so that the first two and the last tell all.
    static (int[] Source, int[] Destination, int[] Channel, double[] Bytes) List(ScheduleStep step, int repetition)
    {
        var count = (int)step.Classes.Sum(c => c.ChannelCount * c.Pattern.Count);
        var (source, destination, channel, bytes) = (new int[count], new int[count], new int[count], new double[count]);
        var at = 0;
        foreach (var sends in step.Classes)
        {
            var n = (int)sends.Pattern.Count;
            for (var i = 0; i < sends.ChannelCount; i++, at += n)
            {
                sends.Pattern.Fill(sends.FirstChannel + i, repetition, source.AsSpan(at, n), destination.AsSpan(at, n));
                channel.AsSpan(at, n).Fill(sends.FirstChannel + i);
                bytes.AsSpan(at, n).Fill(sends.Bytes.Bytes);
            }
        }
        return (source, destination, channel, bytes);
    }

    static bool Same((int[] Source, int[] Destination, int[] Channel, double[] Bytes) a, (int[] Source, int[] Destination, int[] Channel, double[] Bytes) b) =>
        a.Source.AsSpan().SequenceEqual(b.Source) && a.Destination.AsSpan().SequenceEqual(b.Destination) && a.Channel.AsSpan().SequenceEqual(b.Channel)
        && a.Bytes.AsSpan().SequenceEqual(b.Bytes);
}
