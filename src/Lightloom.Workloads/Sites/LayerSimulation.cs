// Steps of one site played out layer by layer, with the exchange of gradients between sites beside them. All sites take the same time, so
// that one stands for all.
//
//   forward of layer l, pass 1     starts when the layer before it is done and the exchange that it waits for has arrived;  φ·T/(v·L) each
//   passes between                 (1 - 1/v)·T, nothing waits in them
//   backward of layer l, pass v    (1 - φ)·T/(v·L) each, from the last layer to the first
//   inside, hierarchical           starts when the gradient is there and the layer before it has been summed;  its share of the time
//   between sites                  one layer after another in the order of the backward pass:  start = max(ready, line free)
//                                  line busy for  bits / W;  arrives λ later
//   inside again, hierarchical     gathered on the line of the sums
//
// φ forward share, v passes, T step, L layers, W bandwidth, λ the delays that the sums pass on their way (SiteNetwork.cs). The published
// simulations (arXiv:2501.18512, 2502.12996, 2503.09799) are the case v = 1, λ = 0, nothing inside.
//
// Worked example, one layer in each of L = 2, T = 3 s, every step: 2 s on the line for each layer. Forward 0.5 + 0.5, backward 1 + 1. Layer 1 is
// ready at 2 s and sent until 4 s, layer 0 at 3 s and sent from 4 to 6 s: the next step starts at 6 s. Utilisation 3/6.

using Lightloom.Quantities;

namespace Lightloom.Workloads.Sites;

/// <summary>Plays steps with exchanges between sites; see the equations at the head of this file.</summary>
public sealed class LayerSimulation
{
    readonly double[] send, inside; // s of each layer on the line between sites and inside the site
    readonly double gather, latency; // gather: time inside after the exchange over time before it
    readonly double forward, backward, between, step;
    readonly double[] ready;
    readonly ExchangeSchedule schedule;
    readonly Queue<(long Due, int Layer, double At)> waiting = new(); // in the order of Due, because the delay is the same for all
    double time, line, insideLine;
    long done;

    /// <summary>Prepares a simulation at time 0.</summary>
    /// <param name="work">What a site computes.</param>
    /// <param name="schedule">What is exchanged.</param>
    /// <param name="secondsPerParameter">Time that a parameter keeps the line between sites busy; 0 for sites that cost nothing.</param>
    /// <param name="latency">Delays of an exchange beside that, in s.</param>
    /// <param name="backlog">Time for which the line between sites is busy from the start, in s.</param>
    public LayerSimulation(SiteWork work, ExchangeSchedule schedule, double secondsPerParameter, double latency, double backlog = 0)
    {
        ArgumentNullException.ThrowIfNull(work);
        ArgumentNullException.ThrowIfNull(schedule);
        this.schedule = schedule;
        this.latency = latency;
        line = backlog;
        step = work.Step.Seconds - (schedule.Hierarchical ? work.InsideExposed.Seconds : 0);
        var (pass, layers) = (step / work.Passes, work.Layers);
        forward = pass * work.ForwardShare / layers;
        backward = pass * (1 - work.ForwardShare) / layers;
        between = step - pass;
        var all = work.Parameters;
        send = [.. work.LayerParameters.Select(p => p * secondsPerParameter)];
        inside = schedule.Hierarchical ? [.. work.LayerParameters.Select(p => p / all * work.InsideScatter.Seconds)] : [];
        gather = work.InsideScatter.Seconds > 0 ? work.InsideGather / work.InsideScatter : 0;
        ready = new double[layers];
    }

    /// <summary>When the steps so far ended, in s.</summary>
    public double Time => time;

    /// <summary>When the steps so far have ended and all that the next step waits for has arrived, in s.</summary>
    public double Settled
    {
        get
        {
            var last = time;
            foreach (var (due, _, at) in waiting)
            {
                if (due > done) break;
                last = Math.Max(last, at);
            }
            return last;
        }
    }

    /// <summary>Plays further steps.</summary>
    public void Play(long steps)
    {
        for (var i = 0L; i < steps; i++) Step();
    }

    void Step()
    {
        var sent = schedule.After((int)(done % schedule.Period));
        var waits = waiting.TryPeek(out var first) && first.Due <= done;
        if (!waits && sent.IsEmpty)
        {
            time += step;
            done++;
            return;
        }
        if (waits) Forward();
        else time += forward * ready.Length;
        time += between;
        if (sent.IsEmpty) time += backward * ready.Length;
        else Backward(sent);
        done++;
    }

    void Forward()
    {
        Array.Clear(ready);
        var all = 0.0;
        while (waiting.TryPeek(out var next) && next.Due <= done)
        {
            waiting.Dequeue();
            ready[next.Layer] = Math.Max(ready[next.Layer], next.At);
            all = Math.Max(all, next.At);
        }
        if (!schedule.Overlapped) time = Math.Max(time, all);
        foreach (var at in ready) time = Math.Max(time, at) + forward;
    }

    void Backward(ReadOnlySpan<int> sent)
    {
        var next = sent.Length - 1;
        var start = time;
        for (var layer = ready.Length - 1; layer >= 0; layer--)
        {
            // From the step's start, so that equal layers add up to the step and not to a little more.
            time = start + (backward * (ready.Length - layer));
            if (next < 0 || sent[next] != layer) continue;
            if (schedule.Overlapped) Send(layer);
            next--;
        }
        if (schedule.Overlapped) return;
        for (var i = sent.Length - 1; i >= 0; i--) Send(sent[i]);
    }

    void Send(int layer)
    {
        var at = time;
        if (inside.Length > 0) at = insideLine = Math.Max(insideLine, at) + inside[layer];
        line = Math.Max(line, at) + send[layer];
        at = line + (send[layer] > 0 ? latency : 0);
        if (inside.Length > 0) at += inside[layer] * gather;
        waiting.Enqueue((done + 1 + schedule.Delay, layer, at));
    }

    /// <summary>Time of a step in the long run, in s: the mean over whole periods, once they repeat.</summary>
    /// <param name="work">What a site computes.</param>
    /// <param name="schedule">What is exchanged.</param>
    /// <param name="secondsPerParameter">Time that a parameter keeps the line between sites busy.</param>
    /// <param name="latency">Delays of an exchange beside that, in s.</param>
    public static double SteadyStep(SiteWork work, ExchangeSchedule schedule, double secondsPerParameter, double latency)
    {
        ArgumentNullException.ThrowIfNull(work);
        ArgumentNullException.ThrowIfNull(schedule);
        var steady = Repeated(new(work, schedule, secondsPerParameter, latency), schedule);
        var sent = 0.0;
        for (var i = 0; i < schedule.Period; i++)
            foreach (var layer in schedule.After(i)) sent += work.LayerParameters[layer];
        var busy = sent * secondsPerParameter / schedule.Period;
        if (busy <= steady) return steady;
        // The line can't keep up, but results that are due late hide that for long: begin with the backlog that there will be.
        return Math.Max(busy, Repeated(new(work, schedule, secondsPerParameter, latency, busy * (schedule.Delay + 1)), schedule));
    }

    static double Repeated(LayerSimulation simulation, ExchangeSchedule schedule)
    {
        const int Most = 64;
        // A backlog on the line is felt once its results are due.
        var first = (schedule.Delay / schedule.Period) + 2;
        simulation.Play((long)first * schedule.Period);
        Span<double> ends = stackalloc double[Most + 1];
        ends[0] = simulation.Time;
        for (var k = 1; k <= Most; k++)
        {
            simulation.Play(schedule.Period);
            ends[k] = simulation.Time;
            if (k >= 3 && Same(ends[k] - ends[k - 1], ends[k - 1] - ends[k - 2]) && Same(ends[k - 1] - ends[k - 2], ends[k - 2] - ends[k - 3]))
                return (ends[k] - ends[k - 1]) / schedule.Period;
        }
        // What repeats itself after several periods only: the mean of the later half.
        return (ends[Most] - ends[Most / 2]) / (Most - (Most / 2)) / schedule.Period;

        static bool Same(double a, double b) => Math.Abs(a - b) <= 1e-9 * Math.Max(a, b);
    }
}
