// Margins of links drawn at random, each link from its own counter.
//
//   u_k(link) = half (k mod 2) of mix( key + γ·(D·link + ⌊k/2⌋) )·2⁻³²       k-th draw of a link, D words a link
//   mix: the finaliser of SplitMix64, γ = 0x9E3779B97F4A7C15: SplitMix64 with its state reached directly
//   z = Φ⁻¹( Φ(α) + u (Φ(β) − Φ(α)) )
//
// Φ⁻¹ is a table of 2048 steps with straight lines between them; the outer 16 steps at both ends, where the line would miss by more
// than 2e-4 standard deviations, take Acklam's rational approximation (1.15e-9 relative). A link's margin depends on the seed and its
// number alone. Counts are whole numbers and sums are taken chunk by chunk in order, so that threads can't change a result.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lightloom.Quantities;

namespace Lightloom.Optics;

/// <summary>Draws margins of a population of links.</summary>
/// <remarks>
/// Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators, OOPSLA 2014, for the generator; P. J. Acklam, 2003, for the tail.
/// </remarks>
public sealed class MarginSampler
{
    /// <summary>The most links that can be drawn at once.</summary>
    public const long MostLinks = 1_000_000_000_000;

    internal const int Bins = 4096;

    const int Chunk = 1 << 16;
    const ulong Gamma = 0x9E3779B97F4A7C15;
    const int Steps = 2048;
    const int Edge = 16;
    const double Unit = 1.0 / 4294967296;

    static readonly double[] Table = MakeTable();

    readonly Draw[] draws; // one for each independent variable, an even number of them
    readonly double fixedPart;
    readonly int words;
    readonly ulong key;

    /// <summary>A sampler of a budget's population.</summary>
    public MarginSampler(StatisticalBudget budget, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(budget);
        Budget = budget;
        fixedPart = budget.Available.Si;
        var made = new List<Draw>();
        foreach (var term in budget.Terms)
        {
            var sign = term.IsGain ? 1 : -1;
            if (term.Each.IsConstant)
            {
                fixedPart += sign * term.Count * term.Each.Mean;
                continue;
            }
            fixedPart += sign * term.Count * term.Each.Center;
            for (var i = 0; i < term.Count; i++)
                made.Add(new(term.Each.CdfBelow * Steps, term.Each.CdfWithin * Steps * Unit, sign * term.Each.Spread));
        }
        if (made.Count % 2 != 0) made.Add(new(Steps / 2.0, 0, 0)); // a word makes two draws; this one changes nothing
        draws = [.. made];
        words = draws.Length / 2;
        key = Mix(seed + Gamma);
    }

    /// <summary>The budget whose population is drawn from.</summary>
    public StatisticalBudget Budget { get; }

    /// <summary>Margins in dB of the links from a number on. Allocates nothing.</summary>
    public void Fill(long firstLink, Span<double> margins)
    {
        for (var i = 0; i < margins.Length; i++) margins[i] = MarginOf((ulong)(firstLink + i));
    }

    /// <summary>Draws so many links and counts them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no link, or more than <see cref="MostLinks"/>, or the number of workers is negative.</exception>
    public SampledMargins Run(long links, int workers = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(links, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(links, MostLinks);
        ArgumentOutOfRangeException.ThrowIfNegative(workers);
        var chunks = (int)((links + Chunk - 1) / Chunk);
        workers = Math.Min(workers == 0 ? Environment.ProcessorCount : workers, chunks);
        var tallies = new Tally[chunks];
        var counts = new long[workers][];
        for (var w = 0; w < workers; w++) counts[w] = new long[Bins];
        var next = 0;
        void Work(int worker)
        {
            for (var chunk = Interlocked.Increment(ref next) - 1; chunk < chunks; chunk = Interlocked.Increment(ref next) - 1)
                tallies[chunk] = Count((long)chunk * Chunk, Math.Min(Chunk, links - (long)chunk * Chunk), counts[worker]);
        }
        if (workers == 1) Work(0);
        else Parallel.For(0, workers, new ParallelOptions { MaxDegreeOfParallelism = workers }, Work);
        for (var w = 1; w < workers; w++)
            for (var bin = 0; bin < Bins; bin++) counts[0][bin] += counts[w][bin];
        var total = tallies[0];
        for (var chunk = 1; chunk < chunks; chunk++) total = total.And(tallies[chunk]);
        return new(Budget, links, total, counts[0]);
    }

    Tally Count(long first, long links, long[] histogram)
    {
        var low = Budget.Least.Si;
        var range = Budget.Most.Si - low;
        var scale = range > 0 ? Bins / range : 0;
        var shift = Budget.Mean.Si; // sums of differences from the mean lose no digits
        double sum = 0, squares = 0, least = double.PositiveInfinity;
        long failing = 0;
        for (var i = 0L; i < links; i++)
        {
            var margin = MarginOf((ulong)(first + i));
            var d = margin - shift;
            sum += d;
            squares += d * d;
            if (margin < 0) failing += margin < -Medium.Tolerance ? 1 : 0;
            least = Math.Min(least, margin);
            histogram[Math.Clamp((int)((margin - low) * scale), 0, Bins - 1)]++;
        }
        return new(failing, sum, squares, least);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    double MarginOf(ulong link)
    {
        var margin = fixedPart;
        var state = key + Gamma * (ulong)words * link;
        var given = draws;
        for (var k = 0; k < given.Length; k += 2)
        {
            var word = Mix(state += Gamma);
            margin += Drawn(given[k], (uint)word);
            margin += Drawn(given[k + 1], (uint)(word >> 32));
        }
        return margin;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static double Drawn(in Draw draw, uint word)
    {
        var at = draw.Start + (word + 0.5) * draw.Span;
        var step = (int)at;
        if ((uint)(step - Edge) >= Steps - 2 * Edge) return draw.Scale * Tail(at / Steps);
        ref var entry = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(Table), step);
        return draw.Scale * (entry + (at - step) * (Unsafe.Add(ref entry, 1) - entry));
    }

    static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    static double[] MakeTable()
    {
        var table = new double[Steps + 1];
        for (var i = 1; i < Steps; i++) table[i] = -GaussianTail.InverseQ((double)i / Steps);
        (table[0], table[Steps]) = (table[1], table[Steps - 1]); // never read: the edges take the tail
        return table;
    }

    /// <summary>Φ⁻¹ below 0.02425 or above 0.97575.</summary>
    static double Tail(double p)
    {
        var upper = p > 0.5;
        var q = Math.Sqrt(-2 * Math.Log(Math.Max(upper ? 1 - p : p, 1e-18)));
        var z = (((((-7.784894002430293e-03 * q - 3.223964580411365e-01) * q - 2.400758277161838) * q - 2.549732539343734) * q
            + 4.374664141464968) * q + 2.938163982698783)
            / ((((7.784695709041462e-03 * q + 3.224671290700398e-01) * q + 2.445134137142996) * q + 3.754408661907416) * q + 1);
        return upper ? -z : z;
    }

    /// <param name="Start">Φ(α) in steps of the table.</param>
    /// <param name="Span">(Φ(β) − Φ(α)) in steps of the table, for each of 2³² words.</param>
    /// <param name="Scale">Standard deviation with its sign.</param>
    readonly record struct Draw(double Start, double Span, double Scale);
}

/// <summary>What is summed of a chunk of links.</summary>
readonly record struct Tally(long Failing, double Sum, double Squares, double Least)
{
    public Tally And(in Tally other) =>
        new(Failing + other.Failing, Sum + other.Sum, Squares + other.Squares, Math.Min(Least, other.Least));
}

/// <summary>Margins of links that were drawn at random.</summary>
public sealed class SampledMargins
{
    readonly long[] counts; // links of bin i lie between Least + i and i + 1 widths
    readonly double low;
    readonly double width;

    internal SampledMargins(StatisticalBudget budget, long links, Tally tally, long[] counts)
    {
        this.counts = counts;
        low = budget.Least.Si;
        width = (budget.Most.Si - low) / counts.Length;
        Links = links;
        Failing = tally.Failing;
        var mean = tally.Sum / links;
        Mean = Decibels.FromDecibels(budget.Mean.Si + mean);
        StandardDeviation = Decibels.FromDecibels(Math.Sqrt(Math.Max(0, tally.Squares / links - mean * mean)));
        Worst = Decibels.FromDecibels(tally.Least);
    }

    /// <summary>Links that were drawn.</summary>
    public long Links { get; }

    /// <summary>Those with a margin below 0.</summary>
    public long Failing { get; }

    /// <summary>Share of links with a margin below 0.</summary>
    public double FailingShare => (double)Failing / Links;

    /// <summary>Standard error of the failing share; with none failing, the share that 63 % of such samples would have shown.</summary>
    public double StandardError => Failing == 0 ? 1.0 / Links : Math.Sqrt(FailingShare * (1 - FailingShare) / Links);

    /// <summary>Mean margin.</summary>
    public Decibels Mean { get; }

    /// <summary>Standard deviation of the margin.</summary>
    public Decibels StandardDeviation { get; }

    /// <summary>The least margin drawn.</summary>
    public Decibels Worst { get; }

    /// <summary>The margin below which a share of the links lies, to 1/4096 of the range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The share is not between 0 and 1.</exception>
    public Decibels Quantile(double share)
    {
        if (!(share >= 0 && share <= 1)) throw new ArgumentOutOfRangeException(nameof(share), share, "a share from 0 to 1 is needed");
        var wanted = share * Links;
        var seen = 0.0;
        for (var i = 0; i < counts.Length; i++)
        {
            if (seen + counts[i] >= wanted && counts[i] > 0)
                return Decibels.FromDecibels(low + (i + Math.Max(0, wanted - seen) / counts[i]) * width);
            seen += counts[i];
        }
        return Decibels.FromDecibels(low + counts.Length * width);
    }

    /// <summary>Links by margin, in so many bins of equal width from the least to the largest margin that any link can have.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number of bins is not a power of two from 1 to 4096.</exception>
    public IReadOnlyList<MarginBin> Histogram(int bins = 64)
    {
        if (bins < 1 || bins > counts.Length || counts.Length % bins != 0)
            throw new ArgumentOutOfRangeException(nameof(bins), bins, $"a power of two from 1 to {counts.Length} is needed");
        var each = counts.Length / bins;
        var made = new MarginBin[bins];
        for (var i = 0; i < bins; i++)
        {
            var links = 0L;
            for (var j = i * each; j < (i + 1) * each; j++) links += counts[j];
            made[i] = new(Decibels.FromDecibels(low + i * each * width), Decibels.FromDecibels(low + (i + 1) * each * width), links);
        }
        return made;
    }
}

/// <summary>Links whose margin lies between two bounds.</summary>
/// <param name="From">The lower.</param>
/// <param name="To">The upper.</param>
/// <param name="Links">How many.</param>
public readonly record struct MarginBin(Decibels From, Decibels To, long Links);
