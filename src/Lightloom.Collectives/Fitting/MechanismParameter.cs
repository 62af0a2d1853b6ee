using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Collectives.Fitting;

/// <summary>What a parameter of a mechanism is counted in.</summary>
public enum MechanismUnit
{
    /// <summary>A share of bandwidth, at most 1.</summary>
    Share,

    /// <summary>Microseconds.</summary>
    Microseconds,

    /// <summary>Millions of bytes.</summary>
    Megabytes,
}

/// <summary>One number of <see cref="CollectiveParameters"/> that measurements can tell, positive.</summary>
public sealed class MechanismParameter
{
    /// <summary>A value with its range.</summary>
    /// <param name="Value">What is used.</param>
    /// <param name="Low">The lowest plausible.</param>
    /// <param name="High">The highest plausible.</param>
    public readonly record struct Figure(double Value, double Low, double High);

    readonly Func<CollectiveParameters, Figure, string, Grade, CollectiveParameters> write;
    readonly Func<CollectiveParameters, Figure?> read;

    MechanismParameter(string name, MechanismUnit unit, Func<MechanismClass, MechanismBelief?> belief, Func<CollectiveParameters, Figure?> read,
        Func<CollectiveParameters, Figure, string, Grade, CollectiveParameters> write)
    {
        Name = name;
        Unit = unit;
        Belief = belief;
        this.read = read;
        this.write = write;
    }

    /// <summary>Every parameter.</summary>
    public static IReadOnlyList<MechanismParameter> All { get; } =
    [
        Share("sustained", c => c.Sustained, p => p.Sustained, (p, v) => p with { Sustained = v }),
        Share("inNetworkSustained", c => c.InNetworkSustained, p => p.InNetworkSustained, (p, v) => p with { InNetworkSustained = v }),
        Share("pointToPointSustained", c => c.PointToPointSustained, p => p.PointToPointSustained, (p, v) => p with { PointToPointSustained = v }),
        Share("lowLatencySustained", c => c.LowLatencySustained, p => p.LowLatencySustained, (p, v) => p with { LowLatencySustained = v }),
        Time("launch", c => c.Launch, p => p.Launch, (p, v) => p with { Launch = v }),
        Time("hop", c => c.Hop, p => p.Hop, (p, v) => p with { Hop = v }),
        Time("inNetworkHop", c => c.InNetworkHop, p => p.InNetworkHop, (p, v) => p with { InNetworkHop = v }),
        Time("lowLatencyHop", c => c.LowLatencyHop, p => p.LowLatencyHop, (p, v) => p with { LowLatencyHop = v }),
        Size("pieceOverhead", c => c.PieceOverhead, p => p.PieceOverhead, (p, v) => p with { PieceOverhead = v }),
        Size("pieceSaturation", c => c.PieceSaturation, p => p.PieceSaturation, (p, v) => p with { PieceSaturation = v }),
        Time("posting", c => c.Posting, p => p.Posting, (p, v) => p with { Posting = v }),
        Time("hostLaunch", c => c.HostLaunch, p => p.HostLaunch, (p, v) => p with { HostLaunch = v }),
    ];

    /// <summary>The launch of one accelerator by its host.</summary>
    public static MechanismParameter HostLaunch { get; } = All.Single(p => p.Name == "hostLaunch");

    /// <summary>Its key in the part.</summary>
    public string Name { get; }

    /// <summary>What it is counted in.</summary>
    public MechanismUnit Unit { get; }

    /// <summary>What is believed of it; null where the class doesn't have it.</summary>
    public Func<MechanismClass, MechanismBelief?> Belief { get; }

    /// <summary>Its unit as a parts file writes it, with a space before; empty for a share.</summary>
    public string Suffix => Unit switch { MechanismUnit.Microseconds => " us", MechanismUnit.Megabytes => " MB", _ => "" };

    /// <summary>Its value and range in a part, or null where the part lacks it.</summary>
    public Figure? Of(CollectiveParameters parameters) => read(parameters);

    /// <summary>The part with another value.</summary>
    /// <param name="parameters">The part.</param>
    /// <param name="figure">Value and range, in <see cref="Unit"/>; a range that excludes the value is widened to it, shares are cut at 1.</param>
    /// <param name="source">Key of the source.</param>
    /// <param name="grade">How far it can be trusted.</param>
    public CollectiveParameters With(CollectiveParameters parameters, Figure figure, string source, Grade grade)
    {
        var (value, low, high) = figure;
        if (Unit == MechanismUnit.Share) (value, low, high) = (Math.Min(1, value), Math.Min(1, low), Math.Min(1, high));
        return write(parameters, new(value, Math.Min(low, value), Math.Max(high, value)), source, grade);
    }

    /// <summary>The part with another value, without a range.</summary>
    public CollectiveParameters With(CollectiveParameters parameters, double value) => With(parameters, new(value, value, value), "lightloom", Grade.Assumption);

    /// <summary>Whether a mechanism has it: shares and hops of switches only where these reduce, of the small protocol only where it can be used.</summary>
    public bool Applies(MechanismPrior mechanism, MechanismClass @class)
    {
        ArgumentNullException.ThrowIfNull(mechanism);
        if (Belief(@class) is null) return false;
        return Name switch
        {
            "inNetworkSustained" or "inNetworkHop" => mechanism.ReducesInNetwork,
            "lowLatencySustained" or "lowLatencyHop" => mechanism.Ordered,
            _ => true,
        };
    }

    static MechanismParameter Share(string name, Func<MechanismClass, MechanismBelief?> belief, Func<CollectiveParameters, Sourced<double>?> read,
        Func<CollectiveParameters, Sourced<double>, CollectiveParameters> write) => Make(name, MechanismUnit.Share, belief, read, write, v => v, v => v);

    static MechanismParameter Time(string name, Func<MechanismClass, MechanismBelief?> belief, Func<CollectiveParameters, Sourced<Duration>?> read,
        Func<CollectiveParameters, Sourced<Duration>, CollectiveParameters> write) =>
        Make(name, MechanismUnit.Microseconds, belief, read, write, v => v.Microseconds, Duration.FromMicroseconds);

    static MechanismParameter Size(string name, Func<MechanismClass, MechanismBelief?> belief, Func<CollectiveParameters, Sourced<DataSize>?> read,
        Func<CollectiveParameters, Sourced<DataSize>, CollectiveParameters> write) =>
        Make(name, MechanismUnit.Megabytes, belief, read, write, v => v.Bytes / 1e6, v => DataSize.FromBytes(v * 1e6));

    static MechanismParameter Make<T>(string name, MechanismUnit unit, Func<MechanismClass, MechanismBelief?> belief,
        Func<CollectiveParameters, Sourced<T>?> read, Func<CollectiveParameters, Sourced<T>, CollectiveParameters> write, Func<T, double> number, Func<double, T> quantity) =>
        new(name, unit, belief, p => read(p) is { } s ? new Figure(number(s.Value), number(s.Low), number(s.High)) : null,
            (p, f, source, grade) => write(p, new(quantity(f.Value), quantity(f.Low), quantity(f.High), null, source, grade)));

    /// <summary>Prints the name.</summary>
    public override string ToString() => Name;
}
