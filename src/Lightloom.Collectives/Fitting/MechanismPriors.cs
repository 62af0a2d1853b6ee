// What is believed of mechanisms before any measurement: data/collectives/mechanisms.yaml says what the figures are.
using Lightloom.Catalog.Documents;

namespace Lightloom.Collectives.Fitting;

/// <summary>The classes of mechanisms and the mechanisms, as their data file holds them.</summary>
public sealed record MechanismPriors
{
    static readonly Lazy<MechanismPriors> Shipped = new(static () =>
    {
        const string name = "collectives/mechanisms.yaml";
        return Read(ShippedData.Text(name), name);
    });

    /// <summary>What ships with Lightloom.</summary>
    public static MechanismPriors Default => Shipped.Value;

    /// <summary>Classes by name: "scale-up" and "fabric".</summary>
    public required IReadOnlyDictionary<string, MechanismClass> Classes { get; init; }

    /// <summary>Mechanisms by the key of their part.</summary>
    public required IReadOnlyDictionary<string, MechanismPrior> Mechanisms { get; init; }

    /// <summary>Reads a data file, strictly.</summary>
    /// <exception cref="InputException">A key is unknown or missing, or a value wrong.</exception>
    public static MechanismPriors Read(string text, string file)
    {
        ArgumentNullException.ThrowIfNull(text);
        var binder = new DocumentBinder();
        var priors = binder.Bind<MechanismPriors>(YamlText.Read(text, file));
        foreach (var (key, mechanism) in priors.Mechanisms)
        {
            if (!priors.Classes.ContainsKey(mechanism.Class))
                throw new InputException($"'mechanisms.{key}.class': there is no class '{mechanism.Class}'{Nearest.Hint(mechanism.Class, [.. priors.Classes.Keys])}", binder.PlaceOf($"mechanisms.{key}.class"));
        }
        return priors;
    }

    /// <summary>What is believed of a mechanism.</summary>
    /// <exception cref="InputException">There is none of that key.</exception>
    public MechanismPrior this[string key] => Mechanisms.TryGetValue(key, out var prior)
        ? prior
        : throw new InputException($"nothing is believed of a mechanism '{key}'; expected one of {string.Join(", ", Mechanisms.Keys)}");
}

/// <summary>What the mechanisms of a class have in common. Times in microseconds, sizes in megabytes.</summary>
public sealed record MechanismClass
{
    /// <summary>Share of the raw bandwidth.</summary>
    public required MechanismBelief Sustained { get; init; }

    /// <summary>Share with reduction in the switches.</summary>
    public MechanismBelief? InNetworkSustained { get; init; }

    /// <summary>Share between pairs.</summary>
    public MechanismBelief? PointToPointSustained { get; init; }

    /// <summary>Share with the protocol for small messages.</summary>
    public required MechanismBelief LowLatencySustained { get; init; }

    /// <summary>Time once.</summary>
    public required MechanismBelief Launch { get; init; }

    /// <summary>Time of a step.</summary>
    public required MechanismBelief Hop { get; init; }

    /// <summary>Time of a reduction in the switches.</summary>
    public MechanismBelief? InNetworkHop { get; init; }

    /// <summary>Time of a step with the protocol for small messages.</summary>
    public required MechanismBelief LowLatencyHop { get; init; }

    /// <summary>Overhead of a piece in a stage, megabytes.</summary>
    public required MechanismBelief PieceOverhead { get; init; }

    /// <summary>Data of a stage beyond which pieces no longer grow, megabytes.</summary>
    public required MechanismBelief PieceSaturation { get; init; }

    /// <summary>Posting of a step to the network.</summary>
    public MechanismBelief? Posting { get; init; }

    /// <summary>Launch of one accelerator by its host.</summary>
    public MechanismBelief? HostLaunch { get; init; }

    /// <summary>How much hosts and ways of launching differ between systems: a factor of exp of this.</summary>
    [Limits(Minimum = 0, Maximum = 3)]
    public double LauncherSpread { get; init; }
}

/// <summary>A lognormal belief.</summary>
public sealed record MechanismBelief
{
    /// <summary>Median of the class.</summary>
    [Limits(Minimum = 1e-6, Maximum = 1e6)]
    public required double Median { get; init; }

    /// <summary>How well the median of the class is known: a factor of exp of this.</summary>
    [Limits(Minimum = 1e-3, Maximum = 3)]
    public required double Spread { get; init; }

    /// <summary>How far mechanisms of the class lie from its median: a factor of exp of this.</summary>
    [Limits(Minimum = 1e-3, Maximum = 3)]
    public required double Deviation { get; init; }
}

/// <summary>A mechanism.</summary>
public sealed record MechanismPrior
{
    /// <summary>What it is called.</summary>
    public required string Name { get; init; }

    /// <summary>Its class.</summary>
    public required string Class { get; init; }

    /// <summary>Whether its switches can reduce.</summary>
    public bool ReducesInNetwork { get; init; }

    /// <summary>Whether libraries send large messages in rings alone.</summary>
    public bool RingsForBulk { get; init; }

    /// <summary>Whether messages arrive in order, without which there is no protocol for small ones.</summary>
    public bool Ordered { get; init; } = true;

    /// <summary>Peers that one rank exchanges with at once.</summary>
    [Limits(Minimum = 1, Maximum = 1024)]
    public int ConcurrentPeers { get; init; } = 8;

    /// <summary>What the class's medians are multiplied by, by parameter.</summary>
    [Limits(Minimum = 0.01, Maximum = 100)]
    public IReadOnlyDictionary<string, double>? Relative { get; init; }
}
