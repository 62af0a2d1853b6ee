using System.Globalization;

namespace Lightloom.Workloads.Sites;

/// <summary>Which layers' gradients the sites exchange after which step, and when the result is needed.</summary>
public sealed class ExchangeSchedule
{
    readonly int[]?[] after; // after[i] lists, ascending, the layers exchanged after step i of the period; null for none

    ExchangeSchedule(int[]?[] after, int delay, ExchangeFormat format, int fragment)
    {
        this.after = after;
        Delay = delay;
        Format = format;
        Fragment = fragment;
    }

    /// <summary>Steps after which it repeats.</summary>
    public int Period => after.Length;

    /// <summary>Steps that pass before the result is needed: 0 for the very next one.</summary>
    public int Delay { get; }

    /// <summary>What is sent of a parameter.</summary>
    public ExchangeFormat Format { get; }

    /// <summary>Layers of one exchange.</summary>
    public int Fragment { get; }

    /// <summary>
    /// Whether a layer is sent as soon as its gradient is there and the next step waits for it alone. Otherwise all is sent after the
    /// step, and the next one waits for all of it.
    /// </summary>
    public bool Overlapped { get; private init; } = true;

    /// <summary>Whether gradients are summed inside each site on the way, as those of every step must be.</summary>
    public bool Hierarchical { get; private init; }

    /// <summary>The same exchanges, overlapped and summed inside each site or not.</summary>
    /// <param name="overlapped">See <see cref="Overlapped"/>.</param>
    /// <param name="hierarchical">See <see cref="Hierarchical"/>.</param>
    public ExchangeSchedule With(bool overlapped, bool hierarchical) =>
        new(after, Delay, Format, Fragment) { Overlapped = overlapped, Hierarchical = hierarchical };

    /// <summary>Layers exchanged after a step, ascending; empty for none.</summary>
    /// <param name="step">The step, from 0.</param>
    public ReadOnlySpan<int> After(int step) => after[step % after.Length];

    /// <summary>All layers after every so many steps, after the last of them.</summary>
    /// <param name="layers">Layers of the model.</param>
    /// <param name="steps">Steps between two exchanges.</param>
    /// <param name="delay">Steps that pass before the result is needed.</param>
    /// <param name="format">What is sent.</param>
    public static ExchangeSchedule Whole(int layers, int steps, int delay, ExchangeFormat format)
    {
        var after = new int[]?[steps];
        after[^1] = [.. Enumerable.Range(0, layers)];
        return new(after, delay, format, layers);
    }

    /// <summary>Fragments of layers, one after another.</summary>
    /// <param name="layers">Layers of the model.</param>
    /// <param name="fragment">Layers of a fragment.</param>
    /// <param name="steps">Steps in which each fragment is exchanged once.</param>
    /// <param name="interval">Steps between two fragments; spread evenly over the steps unless given, in which case all of them take as long as they do.</param>
    /// <param name="strided">Whether a fragment takes every so many-th layer instead of neighbours.</param>
    /// <param name="delay">Steps that pass before the result is needed.</param>
    /// <param name="format">What is sent.</param>
    /// <exception cref="SiteException">The fragments don't divide the layers.</exception>
    public static ExchangeSchedule Fragments(int layers, int fragment, int steps, int? interval, bool strided, int delay, ExchangeFormat format)
    {
        if (fragment < 1 || layers % fragment != 0)
            throw new SiteException("fragment", $"fragments of {fragment} layers don't divide the {layers} layers; {Divisors(layers, fragment)}");
        var count = layers / fragment;
        var after = new int[]?[interval is { } fixedInterval ? fixedInterval * count : steps];
        for (var k = 0; k < count; k++)
        {
            var own = Enumerable.Range(0, fragment).Select(i => strided ? k + (i * count) : (k * fragment) + i);
            var at = interval is { } each ? k * each : (int)((long)k * steps / count);
            after[at] = [.. (after[at] ?? []).Concat(own).Order()];
        }
        return new(after, delay, format, fragment);
    }

    static string Divisors(int layers, int wanted)
    {
        var all = Enumerable.Range(1, layers).Where(d => layers % d == 0).ToList();
        var (below, above) = (all.LastOrDefault(d => d <= wanted, 1), all.FirstOrDefault(d => d >= wanted, layers));
        return below == above ? $"nearest is {below.ToString(CultureInfo.InvariantCulture)}" : $"nearest are {below} and {above}";
    }
}
