namespace Lightloom.Simulation.Flows;

/// <summary>A rate that a flow had for a while.</summary>
/// <param name="Flow">The flow, or the class of flows.</param>
/// <param name="From">When it began, seconds.</param>
/// <param name="To">When it ended, seconds.</param>
/// <param name="Rate">Bytes a second.</param>
/// <param name="Bottleneck">The link that limited it.</param>
public readonly record struct RateSegment(int Flow, double From, double To, double Rate, int Bottleneck);

/// <summary>Keeps the rates of all flows over time.</summary>
sealed class FlowRecorder(int flows)
{
    readonly double[] from = new double[flows], rate = new double[flows];
    readonly int[] bottleneck = new int[flows];

    public List<RateSegment> Segments { get; } = [];

    public void Rate(int flow, double at, double now, int by)
    {
        if (rate[flow] > 0 && at > from[flow]) Segments.Add(new(flow, from[flow], at, rate[flow], bottleneck[flow]));
        (from[flow], rate[flow], bottleneck[flow]) = (at, now, by);
    }

    public void End(double at)
    {
        for (var f = 0; f < rate.Length; f++) Rate(f, at, 0, -1);
    }
}
