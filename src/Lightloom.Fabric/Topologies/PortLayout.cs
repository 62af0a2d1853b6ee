using Lightloom.Catalog;
using static Lightloom.Fabric.PortArithmetic;

namespace Lightloom.Fabric;

// Which ports of a switch belong to which class of links, and how many modules they take.
//
//   ports are counted as finely as the finest class splits them (f parts of one port); a cage has c ports, so c·f parts
//   class i takes ports first(i) .. first(i) + need(i), in the order of the plan
//     need(i)  = links                     where it splits as finely as any
//              = f · ⌈links / split(i)⌉    where it splits less: what is left of a port stays free
//     first(i) = the next cage, if all classes find room so; else the next whole port, or the next part where both split alike
//   modules    = cages that a class touches; a cage that two classes share counts for the first
//
// Worked example: 64 ports in cages of two; 16 hosts, 31 local and 17 global links fill all 64. The cage of the last local port also
// holds the first global one: 8 + 16 + 8 modules.

/// <summary>How the ports of the switches of one tier are dealt to classes of links.</summary>
sealed class PortLayout
{
    readonly Switch part;
    readonly int cage;
    readonly int[] first;
    readonly (int Class, int Links, int Split)[] classes;

    /// <param name="tier">Name of the tier, for messages.</param>
    /// <param name="part">The switch.</param>
    /// <param name="reserved">Ports to leave free, at the full rate.</param>
    /// <param name="classes">Number of a class in the plan, the most links that a switch has of it, and into how many ports it splits one.</param>
    /// <exception cref="FabricException">The switch has too few ports.</exception>
    public PortLayout(string tier, Switch part, int reserved, (int Class, int Links, int Split)[] classes)
    {
        (this.part, this.classes) = (part, classes);
        Finest = Math.Max(1, classes.Max(c => c.Split));
        cage = (part.PortsPerCage?.Value ?? 1) * Finest;
        var ports = ((long)part.Ports.Value - reserved) * Finest;
        first = new int[classes.Length];
        if (!Place(cage, ports) && !Place(1, ports))
        {
            var needed = classes.Sum(c => Need(c.Links, c.Split)) / (double)Finest;
            throw new FabricException("switch", $"a {tier} needs {Math.Ceiling(needed):N0} ports for {string.Join(" + ", classes.Select(c => $"{c.Links:N0}"))} links, " +
                $"and '{part.Name}' has {part.Ports.Value - reserved:N0}", null, Math.Ceiling(needed));
        }
        var wholePorts = classes.Sum(c => Ceiling(c.Links, c.Split));
        Radix = classes.All(c => c.Split == Finest)
            ? part.Ports.Value * Finest
            : classes.Sum(c => c.Links) + (int)((part.Ports.Value - wholePorts) * Finest);
    }

    /// <summary>Ports into which one port of the switch is split at most.</summary>
    public int Finest { get; }

    /// <summary>Ports of a switch, split as its classes split them.</summary>
    public int Radix { get; }

    /// <summary>Whether the switch has ports of a class.</summary>
    public bool Has(int linkClass) => Array.Exists(classes, c => c.Class == linkClass);

    /// <summary>The first port of a class.</summary>
    public int First(int linkClass) => first[IndexOf(linkClass)];

    /// <summary>Into how many ports a class splits one port of the switch.</summary>
    public int Split(int linkClass) => classes[IndexOf(linkClass)].Split;

    /// <summary>Modules that so many links of a class take on one switch; 0 where the optics are co-packaged.</summary>
    public long Modules(int linkClass, int links)
    {
        if (part.CoPackaged is not null || links == 0) return 0;
        var i = IndexOf(linkClass);
        var begin = first[i];
        var taken = i == 0 ? 0 : first[i - 1] + Need(classes[i - 1].Links, classes[i - 1].Split);
        // The cage in which the class before ends is that class's.
        var from = begin < Ceiling(taken, cage) * cage ? Ceiling(taken, cage) : begin / cage;
        return Math.Max(0, Ceiling(begin + Need(links, classes[i].Split), cage) - from);
    }

    bool Place(int align, long ports)
    {
        var next = 0L;
        for (var i = 0; i < classes.Length; i++)
        {
            var step = Math.Max(align, i > 0 && classes[i].Split == classes[i - 1].Split ? 1 : Finest);
            next = Ceiling(next, step) * step;
            first[i] = (int)Math.Min(next, int.MaxValue);
            next += Need(classes[i].Links, classes[i].Split);
        }
        return next <= ports;
    }

    int Need(int links, int split) => split == Finest ? links : (int)Ceiling(links, split) * Finest;

    int IndexOf(int linkClass)
    {
        for (var i = 0; i < classes.Length; i++)
            if (classes[i].Class == linkClass) return i;
        throw new ArgumentOutOfRangeException(nameof(linkClass), linkClass, "the switch has no port of this class");
    }
}
