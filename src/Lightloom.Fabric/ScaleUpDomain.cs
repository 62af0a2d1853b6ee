using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Fabric;

// What joins the accelerators of one system: N accelerators, each with bandwidth B (one direction) over L links of B/L.
//
//   switched    S switch chips; accelerator and chip s are joined by l(s) links, Σ l(s) = L
//                 links N·L      switch hops 1      bisection N/2·B: each chip can turn all its ports round
//   full mesh   each pair is joined by w = ⌊L / (N − 1)⌋ links; L − w·(N − 1) stay free
//                 links w·N·(N − 1)/2      bisection w·⌊N/2⌋·⌈N/2⌉ links
//   torus       D dimensions of S₁ ≤ ... ≤ S_D, ΠS = N, w = L / (2·D) links each way
//                 links w·N for each dimension longer than 1      bisection 2·w·N/S of the longest (S even), two between neighbours at S = 2
//
// Worked examples: 8 H100 of 18 links on 4 chips, which get 5, 4, 4 and 5 of each: 144 links, 450 GB/s each; 72 B200 of 18 links on 18
// chips: 1,296 links, 900 GB/s each; 8 MI300X of 7 links: 28 links, 448 GB/s each, of which a half sends 4 · 4 = 16 links, 1,024 GB/s.

/// <summary>
/// The scale-up domain of a system as a graph: accelerators are devices 0 to N, switch chips come after them, and link i joins
/// <see cref="Lower"/>[i] to <see cref="Upper"/>[i]. Immutable; safe for many threads.
/// </summary>
public sealed class ScaleUpDomain
{
    readonly int[] lower, upper;

    ScaleUpDomain(ScaleUpTopology topology, int accelerators, int switches, Bandwidth each, int linksPerAccelerator, int[] lower, int[] upper, double cut)
    {
        (Topology, Accelerators, Switches, BandwidthPerAccelerator, LinksPerAccelerator) = (topology, accelerators, switches, each, linksPerAccelerator);
        (this.lower, this.upper) = (lower, upper);
        LinkRate = each / linksPerAccelerator;
        BisectionShare = accelerators < 2 ? Ratio.From(1) : Ratio.From(Math.Min(1, cut / (accelerators / 2 * (double)linksPerAccelerator)));
    }

    /// <summary>How the accelerators are joined.</summary>
    public ScaleUpTopology Topology { get; }

    /// <summary>Accelerators.</summary>
    public int Accelerators { get; }

    /// <summary>Switch chips; 0 in a mesh or torus.</summary>
    public int Switches { get; }

    /// <summary>Bandwidth of one accelerator over all of its links, one direction.</summary>
    public Bandwidth BandwidthPerAccelerator { get; }

    /// <summary>Links of one accelerator, those that a mesh leaves free included.</summary>
    public int LinksPerAccelerator { get; }

    /// <summary>Bandwidth of one link, one direction.</summary>
    public Bandwidth LinkRate { get; }

    /// <summary>Links.</summary>
    public int Links => lower.Length;

    /// <summary>
    /// Bandwidth between two halves over what half of the accelerators can inject: 1 through switches, exact in a mesh and in a torus of
    /// even length.
    /// </summary>
    public Ratio BisectionShare { get; }

    /// <summary>The accelerator of each link, or the one with the smaller number.</summary>
    public ReadOnlySpan<int> Lower => lower;

    /// <summary>The switch chip of each link, or the accelerator with the larger number.</summary>
    public ReadOnlySpan<int> Upper => upper;

    /// <summary>The domain of a system, from the catalogue's figures of its accelerator.</summary>
    /// <exception cref="FabricException">The catalogue doesn't say how many links or switch chips there are, or they can't be joined so; the field is "system".</exception>
    public static ScaleUpDomain Of(AcceleratorSystem system)
    {
        ArgumentNullException.ThrowIfNull(system);
        var accelerator = system.Accelerator;
        if (accelerator.ScaleUpLinks is not { } links)
            throw new FabricException("system", $"nobody says how many scale-up links '{accelerator.Name}' has; expected scaleUpLinks");
        var each = accelerator.ScaleUpBandwidth.Value;
        if (accelerator.ScaleUpTopology == ScaleUpTopology.FullMesh) return FullMesh(system.Accelerators.Value, links.Value, each);
        if (accelerator.ScaleUpTopology == ScaleUpTopology.Torus)
            return Torus(accelerator.ScaleUpDimensions is { } d ? Even(system.Accelerators.Value, d.Value)
                : throw new FabricException("system", $"nobody says how many dimensions the torus of '{accelerator.Name}' has; expected scaleUpDimensions"), links.Value, each);
        return system.ScaleUpSwitches is { } switches
            ? Switched(system.Accelerators.Value, switches.Value, links.Value, each)
            : throw new FabricException("system", $"nobody says how many scale-up switches '{system.Name}' has; expected scaleUpSwitches");
    }

    /// <summary>Accelerators around switch chips, over which the links of each are spread as evenly as whole links can be.</summary>
    /// <exception cref="FabricException">There is nothing to join, or fewer links than chips.</exception>
    public static ScaleUpDomain Switched(int accelerators, int switches, int links, Bandwidth each)
    {
        Check(accelerators, links, each);
        if (switches < 1 || switches > links)
            throw new FabricException("system", $"{links} links of an accelerator can't reach {switches} switch chips; the nearest possible is {Math.Clamp(switches, 1, links)}",
                switches > links ? links : null, switches < 1 ? 1 : null);
        var (lower, upper) = (new int[accelerators * links], new int[accelerators * links]);
        for (var a = 0; a < accelerators; a++)
        {
            for (var l = 0; l < links; l++)
            {
                lower[(a * links) + l] = a;
                upper[(a * links) + l] = accelerators + SwitchOf(l);
            }
        }
        return new(ScaleUpTopology.Switched, accelerators, switches, each, links, lower, upper, accelerators / 2 * (double)links);

        // The chips at both ends get the odd links, as on NVIDIA's boards: 5, 4, 4, 5 of 18.
        int SwitchOf(int link)
        {
            var (fewer, more) = Math.DivRem(links, switches);
            for (var s = 0; ; s++)
            {
                var here = fewer + (s < (more + 1) / 2 || s >= switches - (more / 2) ? 1 : 0);
                if (link < here) return s;
                link -= here;
            }
        }
    }

    /// <summary>Accelerators of which each pair has links of its own.</summary>
    /// <exception cref="FabricException">An accelerator has fewer links than others to reach.</exception>
    public static ScaleUpDomain FullMesh(int accelerators, int links, Bandwidth each)
    {
        Check(accelerators, links, each);
        if (links < accelerators - 1)
            throw new FabricException("system", $"{links} links of an accelerator don't reach {accelerators - 1} others; the nearest possible is a mesh of {links + 1}", links + 1);
        var bundle = accelerators == 1 ? 0 : links / (accelerators - 1);
        var pairs = new List<(int, int)>();
        for (var a = 0; a < accelerators; a++)
            for (var b = a + 1; b < accelerators; b++)
                for (var l = 0; l < bundle; l++) pairs.Add((a, b));
        return new(ScaleUpTopology.FullMesh, accelerators, 0, each, links, [.. pairs.Select(p => p.Item1)], [.. pairs.Select(p => p.Item2)],
            bundle * (double)(accelerators / 2) * ((accelerators + 1) / 2));
    }

    /// <summary>Accelerators of a torus, the first dimension fastest.</summary>
    /// <exception cref="FabricException">The links aren't a whole number in each direction.</exception>
    public static ScaleUpDomain Torus(IReadOnlyList<int> sides, int links, Bandwidth each)
    {
        ArgumentNullException.ThrowIfNull(sides);
        var count = sides.Aggregate(1L, static (product, side) => side < 1 ? 0 : Math.Min(product * side, int.MaxValue));
        Check((int)Math.Min(count, FabricGraph.MostLinks), links, each);
        if (links % (2 * sides.Count) != 0)
            throw new FabricException("system", $"{links} links of an accelerator can't be divided over {2 * sides.Count} directions");
        var lanes = links / (2 * sides.Count);
        var pairs = new List<(int, int)>();
        var stride = 1;
        foreach (var side in sides)
        {
            for (var a = 0; a < count && side > 1; a++)
            {
                var next = a / stride % side == side - 1 ? a - ((side - 1) * stride) : a + stride;
                for (var l = 0; l < lanes; l++) pairs.Add((Math.Min(a, next), Math.Max(a, next)));
            }
            stride *= side;
        }
        return new(ScaleUpTopology.Torus, (int)count, 0, each, links, [.. pairs.Select(p => p.Item1)], [.. pairs.Select(p => p.Item2)],
            lanes * Fabric.Torus.Cut([.. sides]));
    }

    // So many dimensions of lengths as near to each other as divide the count; ones where it can't be divided further.
    static int[] Even(int count, int dimensions)
    {
        var sides = new int[Math.Max(1, dimensions)];
        for (var e = 0; e < sides.Length; e++)
        {
            var left = sides.Length - e;
            var side = (int)Math.Round(Math.Pow(count, 1.0 / left));
            while (side > 1 && count % side != 0) side--;
            sides[e] = left == 1 ? count : Math.Max(1, side);
            count /= sides[e];
        }
        return sides;
    }

    static void Check(int accelerators, int links, Bandwidth each)
    {
        if (accelerators < 1) throw new FabricException("system", $"a domain of {accelerators} accelerators joins nothing; the nearest possible is 1", null, 1);
        if (links < 1) throw new FabricException("system", $"an accelerator of {links} links reaches nothing; the nearest possible is 1", null, 1);
        if ((long)accelerators * links > FabricGraph.MostLinks)
            throw new FabricException("system", $"a domain of {(long)accelerators * links:N0} links is too large to be written down; the most is {FabricGraph.MostLinks:N0}", FabricGraph.MostLinks);
        if (!(each.Si > 0) || !double.IsFinite(each.Si)) throw new FabricException("system", $"scale-up links of {each} carry nothing");
    }
}
