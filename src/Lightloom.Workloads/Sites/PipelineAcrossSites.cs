// Pipeline parallelism over sites: each site holds some of the layers, and activations and their gradients cross between neighbours. 1F1B, played
// out operation by operation.
//
//   F, B of a stage         φ·T'/m and (1 - φ)·T'/m,  T' the site's step without what idles or is exposed inside it, m microbatches
//   F of microbatch j       after F of j on the stage before has arrived and the stage is free; likewise B from the stage behind
//   send over a boundary    one after another in each direction: start = max(done, line free), busy a/W, arrives the delay later
//   a                       tokens of a microbatch, of all replicas, x hidden x 2 B (BF16)
//   in flight on stage i    p - i as 1F1B has, and for each boundary between sites behind it ⌈(2·delay + 2·a/W)/(F + B)⌉ more: what is on the
//                           way; as many as there are microbatches at most
//   time, lines wide        (m + p - 1)·(F + B) + 2·Σ delays
//
// Worked example, 2 sites of one stage, m = 8, F = 1 s, B = 2 s, delay 0.5 s, wide lines: (8 + 1)·3 + 2·0.5 = 28 s.

using System.Globalization;
using Lightloom.Quantities;

namespace Lightloom.Workloads.Sites;

/// <summary>Each site holds some of the layers, activations cross between them; see the equations at the head of this file.</summary>
public sealed record PipelineAcrossSites : ISiteMethod
{
    const long MostOperations = 4_000_000;

    /// <inheritdoc/>
    public string Name => "pipeline";

    /// <inheritdoc/>
    public string Title => "pipeline, 1F1B";

    /// <inheritdoc/>
    public string Source => "Narayanan et al. 2021, arXiv:2104.04473; stages over sites as here";

    /// <inheritdoc/>
    public string PublishedPrice => "none: the same sums as in one site";

    /// <inheritdoc/>
    public string? Broken(SiteWork work, SiteNetwork network)
    {
        ArgumentNullException.ThrowIfNull(work);
        ArgumentNullException.ThrowIfNull(network);
        if (work.MicroBatches < 1 || work.Boundary <= DataSize.Zero) return "the tokens of a step and their microbatches have to be known";
        if (work.Stages is { } own && own.Count != network.Sites.Count) return "sites of these sizes don't hold whole stages of the same replicas";
        var stages = StagesOf(work, network).Sum();
        if (stages > work.Layers) return $"{stages} stages need at least as many layers; the model has {work.Layers}";
        return 2L * stages * work.MicroBatches > MostOperations
            ? $"{stages} stages of {work.MicroBatches:N0} microbatches are more than the {MostOperations:N0} operations that are played out"
            : null;
    }

    /// <inheritdoc/>
    public SiteForecast Predict(SiteWork work, SiteNetwork network)
    {
        ArgumentNullException.ThrowIfNull(work);
        ArgumentNullException.ThrowIfNull(network);
        if (Broken(work, network) is { } broken) throw new SiteException("pipeline", broken);
        var (m, chain, stages) = (work.MicroBatches, network.Chain, StagesOf(work, network));
        var p = stages.Sum();
        var tail = work.InsideExposed.Seconds;
        var busy = work.Step.Seconds - tail - work.InsideBubble.Seconds;
        // The stage with most layers sets the pace of all.
        var uneven = Math.Ceiling((double)work.Layers / p) * p / work.Layers;
        var (forward, backward) = (busy / m * work.ForwardShare * uneven, busy / m * (1 - work.ForwardShare) * uneven);
        var send = work.Boundary.Bits / chain.Bandwidth.BitsPerSecond;
        var delays = Enumerable.Repeat(double.NaN, p - 1).ToArray(); // behind each stage; NaN inside a site
        for (int h = 0, at = -1; h < chain.Hops.Count; h++) delays[at += stages[chain.Sites[h]]] = chain.Hops[h].Seconds;
        var flight = new int[p];
        var more = 0L;
        for (var k = p - 1; k >= 0; k--)
        {
            if (k < p - 1 && !double.IsNaN(delays[k])) more += (long)Math.Min(m, Math.Ceiling(2 * (delays[k] + send) / (forward + backward)));
            flight[k] = (int)Math.Min(m, p - k + more);
        }
        var length = Length(p, m, forward, backward, send, delays, flight) + tail;
        var step = Math.Max(length, work.Step.Seconds);
        var extra = flight[0] - Math.Min(m, p);
        return new()
        {
            Step = Duration.FromSeconds(step),
            Free = work.Step,
            Sent = work.Boundary * (2.0 * m * (network.Sites.Count - 1) / network.Sites.Count),
            Burst = work.Boundary,
            Note = string.Create(CultureInfo.InvariantCulture,
                $"{p} stages in the order {string.Join(", ", chain.Sites.Select(s => network.Sites[s]))}, {Boundaries(work.Layers, stages, chain)}; {m:N0} microbatches, on the first stage {flight[0]:N0} in flight ({extra:N0} more than in one site)"),
        };
    }

    /// <inheritdoc/>
    public IReadOnlyList<ExtraMemory> Memory(SiteWork work) => [];

    // "cut after layer 16"
    static string Boundaries(int layers, IReadOnlyList<int> stages, SiteOrder chain)
    {
        var p = stages.Sum();
        var before = 0;
        var cuts = new List<int>();
        foreach (var site in chain.Sites.SkipLast(1)) cuts.Add((int)((long)(before += stages[site]) * layers / p));
        return $"cut after {(cuts.Count == 1 ? "layer" : "layers")} {string.Join(", ", cuts)}";
    }

    static IReadOnlyList<int> StagesOf(SiteWork work, SiteNetwork network) => work.Stages ?? [.. Enumerable.Repeat(1, network.Sites.Count)];

    /// <summary>Time until the last backward pass ends, in s.</summary>
    internal static double Length(int p, int m, double forward, double backward, double send, double[] delays, int[] flight)
    {
        var here = new double[p]; // when a stage is free
        var up = new double[p]; // when the line behind a stage is free, forward
        var down = new double[p]; // when the line before a stage is free, backward
        var (f, b) = (new int[p], new int[p]); // microbatches that a stage has done
        // Arrivals that are not used yet; in the order of microbatches, because lines and stages keep it.
        var forwards = new Queue<double>[p];
        var backwards = new Queue<double>[p];
        for (var k = 0; k < p; k++) (forwards[k], backwards[k]) = (new(), new());
        for (var moved = true; moved;)
        {
            moved = false;
            for (var k = 0; k < p; k++)
            {
                while (Next(k)) moved = true;
            }
        }
        return here.Max();

        bool Next(int k)
        {
            // 1F1B: as many forward passes ahead as may be in flight, then one backward for each forward.
            if (f[k] < m && f[k] - b[k] < flight[k])
            {
                if (k > 0 && forwards[k].Count == 0) return false;
                here[k] = Math.Max(here[k], k > 0 ? forwards[k].Dequeue() : 0) + forward;
                f[k]++;
                if (k < p - 1) forwards[k + 1].Enqueue(Cross(ref up[k], here[k], delays[k]));
                else backwards[k].Enqueue(here[k]);
                return true;
            }
            if (b[k] == m || backwards[k].Count == 0) return false;
            here[k] = Math.Max(here[k], backwards[k].Dequeue()) + backward;
            b[k]++;
            if (k > 0) backwards[k - 1].Enqueue(Cross(ref down[k], here[k], delays[k - 1]));
            return true;
        }

        double Cross(ref double line, double done, double delay)
        {
            if (double.IsNaN(delay)) return done;
            line = Math.Max(line, done) + send;
            return line + delay;
        }
    }
}
