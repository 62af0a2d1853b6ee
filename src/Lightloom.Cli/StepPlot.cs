using Lightloom.Workloads;
using ScottPlot;

namespace Lightloom.Cli;

/// <summary>Draws a training step: where the time goes, and when each pipeline stage works.</summary>
static class StepPlot
{
    // Above this many pieces of work a picture shows texture, not schedule; stages are then drawn for the first rounds alone.
    const int MostSlots = 12_000;

    static readonly Color Forward = Color.FromHex("#4E79A7");
    static readonly Color Backward = Color.FromHex("#F28E2B");
    static readonly Color Weights = Color.FromHex("#EDC948");
    static readonly Color Exposed = Color.FromHex("#E15759");
    static readonly Color Tail = Color.FromHex("#9C755F");

    public static void Save(string file, string name, in TrainingStep step)
    {
        var multiplot = new Multiplot();
        multiplot.AddPlots(2);
        Breakdown(multiplot.GetPlot(0), name, step);
        Timeline(multiplot.GetPlot(1), step);
        PlotFile.Save(file, multiplot);
    }

    static void Breakdown(Plot plot, string name, in TrainingStep step)
    {
        var parts = new List<(string Name, double Seconds)>();
        for (var i = 0; i < TrainingStep.PartCount; i++)
        {
            var seconds = step[(StepPart)i].Seconds;
            if (seconds > 0) parts.Add((StepParts.Name((StepPart)i, step.Job.Model), seconds));
        }
        var total = step.Time.Seconds;
        var palette = new ScottPlot.Palettes.Category20();
        var bars = new List<Bar>();
        for (var i = 0; i < parts.Count; i++)
        {
            bars.Add(new()
            {
                Position = parts.Count - i,
                Value = parts[i].Seconds / total * 100,
                FillColor = palette.GetColor(i),
                LineWidth = 0,
                Label = $"{parts[i].Seconds / total * 100:0.0} %",
                CenterLabel = false,
                Orientation = Orientation.Horizontal,
            });
        }
        var plottable = plot.Add.Bars(bars.ToArray());
        plottable.Horizontal = true;
        plot.Axes.Left.SetTicks([.. parts.Select((_, i) => (double)(parts.Count - i))], [.. parts.Select(p => p.Name)]);
        plot.Axes.Bottom.Label.Text = "share of the step, %";
        plot.Title($"{name}: a step of {step.Time.ToString("G4")}");
        plot.Axes.SetLimits(0, Math.Max(10, parts.Max(p => p.Seconds) / total * 115), 0.2, parts.Count + 0.8);
        plot.HideGrid();
    }

    static void Timeline(Plot plot, in TrainingStep step)
    {
        var times = step.Pipeline;
        var rounds = times.MicroBatches;
        var shown = times;
        while ((long)times.Stages * times.Interleave * rounds * 2 > MostSlots && rounds > times.Stages)
        {
            // Some schedules need more microbatches than stages.
            var fewer = times with { MicroBatches = rounds - times.Stages };
            if (!PipelineSchedule.Takes(fewer)) break;
            (shown, rounds) = (fewer, fewer.MicroBatches);
        }
        var (end, halved) = (0.0, false);
        foreach (var stage in PipelineSchedule.Play(shown))
        {
            foreach (var slot in stage)
            {
                // Exposed communication is spread over a microbatch's blocks; its share of a slot's time is drawn as a share of
                // its height, which stays visible however narrow slots become.
                var exposed = 0.8 * (slot.WeightsOnly ? 0 : slot.Backward ? times.BackwardExposed : times.ForwardExposed);
                var (low, high) = (-slot.Stage - 0.4, -slot.Stage + 0.4);
                Slot(plot, slot, low + exposed, high, slot.WeightsOnly ? Weights : slot.Backward ? Backward : Forward);
                halved |= slot.WeightsOnly;
                if (exposed > 0) Slot(plot, slot, low, low + exposed, Exposed);
                end = Math.Max(end, slot.End);
            }
        }
        Behind(times.Unpaired, Exposed);
        Behind(times.DataCommunication + times.Optimizer, Tail);
        plot.Axes.Left.SetTicks([.. Enumerable.Range(0, times.Stages).Select(s => (double)-s)], [.. Enumerable.Range(0, times.Stages).Select(s => $"stage {s}")]);
        plot.Axes.Bottom.Label.Text = "time, s";
        plot.Title(rounds < times.MicroBatches
            ? $"pipeline: the first {rounds} of {times.MicroBatches} microbatches"
            : $"pipeline: {times.MicroBatches} microbatches on {times.Stages} stages of {times.Interleave} chunks");
        plot.Legend.ManualItems.Add(new() { LabelText = "forward", FillColor = Forward });
        plot.Legend.ManualItems.Add(new() { LabelText = halved ? "backward, gradients of inputs" : "backward", FillColor = Backward });
        if (halved) plot.Legend.ManualItems.Add(new() { LabelText = "gradients of weights", FillColor = Weights });
        plot.Legend.ManualItems.Add(new() { LabelText = "exposed communication (share of the height)", FillColor = Exposed });
        plot.Legend.ManualItems.Add(new() { LabelText = "data-parallel communication and optimiser", FillColor = Tail });
        plot.ShowLegend(Edge.Bottom);
        plot.Legend.Orientation = Orientation.Horizontal;
        plot.Axes.SetLimits(0, end * 1.01, -times.Stages + 0.2, 0.8);
        plot.HideGrid();

        // On all stages, one after the other behind the pipeline.
        void Behind(double seconds, Color color)
        {
            if (seconds <= 0) return;
            var rectangle = plot.Add.Rectangle(end, end + seconds, -times.Stages + 0.6, 0.4);
            rectangle.FillColor = color;
            rectangle.LineWidth = 0;
            end += seconds;
        }
    }

    static void Slot(Plot plot, in PipelineSlot slot, double low, double high, Color color)
    {
        var rectangle = plot.Add.Rectangle(slot.Start, slot.End, low, high);
        rectangle.FillColor = color;
        rectangle.LineWidth = 0.2f;
        rectangle.LineColor = Colors.White;
    }
}
