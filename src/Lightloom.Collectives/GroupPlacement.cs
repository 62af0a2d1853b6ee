// Where the ranks of a group sit.
//
//   n     ranks of the group
//   r_l   ranks of the group in one unit of level l; r_0 in one scale-up domain, the last is n
//   s     distance between neighbours of the group, in accelerators
//   P_l   accelerators of one unit of level l
//
//   B     groups of the kind, one behind the other: the b-th begins at b n s + k, k < s
//
//   Of all these groups the one counts that a boundary between units cuts worst, since the step waits for it:
//
//   r_l = n            where all groups together fit one unit
//   r_0 = gcd(n, P_0 / s), 1 where s doesn't divide P_0: what all parts are multiples of that boundaries cut groups into; the smallest part's
//         cards carry what crosses
//   r_l = n / most units of level l > 0 that one group touches: what leaves a unit shares all of its links
//
// Example: tensor parallelism of 8 on 2,048 GPUs of domains of 8 and leaf groups of 256: n = 8, s = 1, r = (8, 8, 8).
//          Data parallelism of 256 over them: n = 256, s = 8, r = (1, 32, 256).
//          Both together: Strided(8, 1).Repeated(256, 8) has n = 2,048 and r = (8, 256, 2048).
//          Tensor parallelism of 6: the second group has 2 ranks in the first domain and 4 in the next, r = (2, 3, 6).
using System.Text;
using Lightloom.Catalog.Documents;
using Lightloom.Simulation;

namespace Lightloom.Collectives;

/// <summary>How many ranks of a group sit in one unit of each level of the network. Lives on the stack.</summary>
/// <remarks>The default value has no ranks; make one by <see cref="Strided"/> or <see cref="Of"/>.</remarks>
public readonly struct GroupPlacement : IEquatable<GroupPlacement>
{
    readonly LevelValues within; // within[l] = r_l, 1 <= r_0 <= r_1 <= ... <= r_last = n

    GroupPlacement(int ranks, int count, in LevelValues within)
    {
        Ranks = ranks;
        LevelCount = count;
        this.within = within;
    }

    /// <summary>Ranks of the group.</summary>
    public int Ranks { get; }

    /// <summary>Levels of the network that it is placed on.</summary>
    public int LevelCount { get; }

    /// <summary>Ranks of the group in one unit of a level: an average where the group doesn't divide evenly.</summary>
    public double Within(int level) => within[level];

    /// <summary>Units of a level that the group reaches into.</summary>
    public double Units(int level) => Ranks / within[level];

    /// <summary>Whether the group crosses this level: level 0 inside a scale-up domain, level l out of a unit of level l - 1.</summary>
    public bool Crosses(int level) => level == 0 ? within[0] > 1 : within[level - 1] < Ranks;

    /// <summary>The same group rank by rank, for schedules: those of one unit follow one another.</summary>
    /// <exception cref="InputException">It doesn't fill its units evenly.</exception>
    public RankLayout Layout()
    {
        Span<int> units = stackalloc int[LevelCount];
        for (var l = 0; l < LevelCount; l++)
        {
            units[l] = (int)Math.Round(within[l]);
            if (Math.Abs(units[l] - within[l]) > 1e-9 || (l > 0 && units[l] % units[l - 1] != 0))
                throw new InputException($"a schedule needs units that are filled evenly: the {Ranks:N0} ranks of the group {this} are {within[l]:0.##} in one unit of level {l}");
        }
        return RankLayout.Of(units);
    }

    /// <summary>A group of ranks at equal distances, of those that fall into such groups the one that is cut worst.</summary>
    /// <param name="ranks">Ranks of the group.</param>
    /// <param name="stride">Accelerators from one rank to the next.</param>
    /// <param name="spans">Accelerators of one unit of each level, innermost first.</param>
    /// <param name="among">Accelerators that fall into such groups, from the first on; all of the last level unless given.</param>
    /// <exception cref="ArgumentException">A count is not positive, or there are too many levels.</exception>
    public static GroupPlacement Strided(int ranks, int stride, ReadOnlySpan<int> spans, int? among = null)
    {
        Check(ranks, stride, spans.Length);
        LevelValues within = default;
        for (var i = 0; i < spans.Length - 1; i++) within[i] = Math.Max(i == 0 ? 1 : within[i - 1], Cut(ranks, stride, spans[i], i == 0, among ?? spans[^1]));
        within[spans.Length - 1] = ranks;
        return new(ranks, spans.Length, within);
    }

    // Ranks in one unit of the group that is cut worst: exact in domains, on the mean of its units beyond.
    static double Cut(int ranks, int stride, int unit, bool inDomains, int among)
    {
        var block = (long)ranks * stride;
        var blocks = Math.Max(1, among / block);
        if (ranks == 1 || blocks * block <= unit) return ranks;
        if (inDomains) return unit % stride == 0 ? Gcd(ranks, unit / stride) : 1;
        if (unit < stride) return 1;
        // Blocks begin at multiples of their greatest common divisor with the unit, after a whole period of these at all of them.
        var common = Gcd(block, unit);
        var latest = 0L;
        if (blocks >= unit / common || blocks > MostTried) latest = common >= stride ? unit - common + stride - 1 : unit - 1;
        else
        {
            for (var b = 0L; b < blocks; b++)
            {
                var last = (b * block % unit) + stride - 1;
                latest = Math.Max(latest, last < unit ? last : unit - 1);
            }
        }
        return ranks / (double)(((latest + block - stride) / unit) + 1);
    }

    const int MostTried = 64;

    static long Gcd(long a, long b)
    {
        while (b != 0) (a, b) = (b, a % b);
        return a;
    }

    /// <summary>The group repeated at equal distances, as data parallelism repeats a group of context parallelism.</summary>
    /// <param name="count">Copies, this one included.</param>
    /// <param name="stride">Accelerators from one copy to the next.</param>
    /// <param name="spans">Accelerators of one unit of each level, as for the group itself.</param>
    /// <param name="among">Accelerators that fall into such groups, from the first on; all of the last level unless given.</param>
    /// <exception cref="ArgumentException">A count is not positive, or the levels differ.</exception>
    public GroupPlacement Repeated(int count, int stride, ReadOnlySpan<int> spans, int? among = null)
    {
        Check(count, stride, spans.Length);
        if (spans.Length != LevelCount) throw new ArgumentException($"the group is placed on {LevelCount} levels, not {spans.Length}");
        LevelValues product = default;
        for (var i = 0; i < LevelCount - 1; i++) product[i] = Math.Max(i == 0 ? 1 : product[i - 1], within[i] * Cut(count, stride, spans[i], i == 0, among ?? spans[^1]));
        var ranks = checked(Ranks * count);
        product[LevelCount - 1] = ranks;
        return new(ranks, LevelCount, product);
    }

    /// <summary>
    /// The group where the domains that hold its ranks are dealt at random over the network: any other of its domains stands in the same unit of level l
    /// as one of them with the chance (P_l - P_0) / (A - P_0), so that r_l = r_0 + (n - r_0)·(P_l - P_0) / (A - P_0) on the mean.
    /// </summary>
    /// <param name="spans">Accelerators of one unit of each level, as for the group itself; the last, A, are all.</param>
    /// <exception cref="ArgumentException">The levels differ.</exception>
    public GroupPlacement Scattered(ReadOnlySpan<int> spans)
    {
        if (spans.Length != LevelCount) throw new ArgumentException($"the group is placed on {LevelCount} levels, not {spans.Length}");
        var product = within;
        double own = within[0], domain = spans[0], all = spans[^1];
        for (var i = 1; i < LevelCount - 1; i++)
            product[i] = all <= domain ? Ranks : own + ((Ranks - own) * Math.Clamp((spans[i] - domain) / (all - domain), 0, 1));
        return new(Ranks, LevelCount, product);
    }

    /// <summary>A group by how many of its ranks sit in one unit of each level, innermost first; the last is the whole group.</summary>
    /// <exception cref="ArgumentException">The counts shrink outwards, one is not positive, or there are too many.</exception>
    public static GroupPlacement Of(params ReadOnlySpan<int> within)
    {
        var ranks = within.Length == 0 ? 0 : within[^1];
        Check(ranks, 1, within.Length);
        LevelValues values = default;
        for (var i = 0; i < within.Length; i++)
        {
            if (within[i] < 1 || (i > 0 && within[i] < within[i - 1])) throw new ArgumentException("ranks per unit can't shrink outwards");
            values[i] = Even(ranks, within[i]);
        }
        return new(ranks, within.Length, values);
    }

    static double Even(int ranks, int fit) => fit >= ranks ? ranks : ranks / Math.Ceiling(ranks / (double)fit);

    static void Check(int ranks, int stride, int levels)
    {
        if (ranks < 1) throw new ArgumentException($"a group has at least one rank, not {ranks}");
        if (stride < 1) throw new ArgumentException($"ranks are at least one accelerator apart, not {stride}");
        if (levels is 0 or > NetworkLevels.MaxCount) throw new ArgumentException($"expected 1 to {NetworkLevels.MaxCount} levels, not {levels}");
    }

    /// <inheritdoc/>
    public bool Equals(GroupPlacement other)
    {
        if (Ranks != other.Ranks || LevelCount != other.LevelCount) return false;
        for (var i = 0; i < LevelCount; i++)
            if (!within[i].Equals(other.within[i])) return false;
        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is GroupPlacement other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        for (var i = 0; i < LevelCount; i++) hash.Add(within[i]);
        return hash.ToHashCode();
    }

    /// <summary>Whether two groups sit alike.</summary>
    public static bool operator ==(GroupPlacement left, GroupPlacement right) => left.Equals(right);

    /// <summary>Whether two groups sit differently.</summary>
    public static bool operator !=(GroupPlacement left, GroupPlacement right) => !left.Equals(right);

    /// <summary>Prints the ranks per unit, innermost first: "8/256/2048".</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        for (var i = 0; i < LevelCount; i++) text.Append(i == 0 ? "" : "/").Append(Math.Round(within[i], 2));
        return text.ToString();
    }
}
