namespace Lightloom.Quantities;

/// <summary>Numbered draws of a seed: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.</summary>
public static class SplitMix64
{
    /// <summary>A number of a seed's sequence, from 0 to 1.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="number">Which number.</param>
    public static double Unit(ulong seed, ulong number) => (Mix(Mix(seed) + ((number + 1) * 0x9E3779B97F4A7C15)) >> 11) * (1.0 / (1UL << 53));

    /// <summary>A number for a name: FNV-1a (Fowler, Noll, Vo), 64 bits.</summary>
    /// <param name="name">The name.</param>
    public static ulong Name(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var hash = 0xCBF29CE484222325;
        foreach (var letter in name) hash = (hash ^ letter) * 0x100000001B3;
        return hash;
    }

    /// <summary>The mix of all of its bits.</summary>
    /// <param name="z">The number.</param>
    public static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
