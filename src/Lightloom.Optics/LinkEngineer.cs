using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Optics;

/// <summary>
/// Chooses and engineers the medium of a link: every module and cable that fits both ends is put to the run's length and path,
/// and the best of those that close by the policy is worked out in full.
/// </summary>
/// <remarks>
/// Safe for use by many threads. Parts are bound once per rate and pair of ends; see <see cref="OpticalBudget"/>,
/// <see cref="TwinaxLoss"/>, <see cref="LineCode"/>, <see cref="ReedSolomonCode"/> and <see cref="FecLatency"/> for the models.
/// </remarks>
public sealed class LinkEngineer
{
    const int RememberedPools = 256; // ends with engines of a user's own are new in every design; they must not pile up

    readonly ConcurrentDictionary<PoolKey, Medium[]> pools = new();
    readonly Lazy<MediumBinder> binder;
    readonly Func<string, string> hint;

    /// <summary>Engineers with the modules and cables of a catalogue.</summary>
    /// <param name="catalog">The catalogue.</param>
    /// <param name="assumptions">What is assumed where a part doesn't say; the default ones if null.</param>
    public LinkEngineer(PartCatalog catalog, LinkAssumptions? assumptions = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        Assumptions = assumptions ?? LinkAssumptions.Default;
        binder = new(() => new(catalog.All<Transceiver>(), catalog.All<CopperCable>(), Assumptions));
        hint = key =>
        {
            string[] keys = [.. catalog.Keys<Transceiver>(), .. catalog.Keys<CopperCable>()];
            return keys.Contains(key) ? "" : Nearest.Hint(key, keys);
        };
    }

    /// <summary>Engineers with given modules and cables.</summary>
    /// <param name="modules">Modules and active optical cables.</param>
    /// <param name="cables">Copper cables.</param>
    /// <param name="assumptions">What is assumed where a part doesn't say; the default ones if null.</param>
    public LinkEngineer(IReadOnlyList<Transceiver> modules, IReadOnlyList<CopperCable> cables, LinkAssumptions? assumptions = null)
    {
        ArgumentNullException.ThrowIfNull(modules);
        ArgumentNullException.ThrowIfNull(cables);
        Assumptions = assumptions ?? LinkAssumptions.Default;
        binder = new(() => new(modules, cables, Assumptions));
        hint = _ => "";
    }

    /// <summary>What is assumed where a part doesn't say.</summary>
    public LinkAssumptions Assumptions { get; }

    /// <summary>Every medium that fits the ends and the policy, those that close first and the best of them first of all.</summary>
    /// <exception cref="ArgumentException">The request is no link; see <see cref="LinkRequest.Validate"/>.</exception>
    public IReadOnlyList<EngineeredLink> Candidates(LinkRequest request)
    {
        var pool = PoolFor(request);
        var chosen = new List<(Medium Medium, Score Score)>();
        foreach (var medium in pool)
            if (IsAllowed(medium, request.Policy)) chosen.Add((medium, medium.Evaluate(request)));
        chosen.Sort((x, y) => IsBetter(x.Medium, x.Score, y.Medium, y.Score, request.Policy.Goal) ? -1
            : IsBetter(y.Medium, y.Score, x.Medium, x.Score, request.Policy.Goal) ? 1 : 0);
        return [.. chosen.Select(c => c.Medium.Engineer(request))];
    }

    /// <summary>
    /// The best medium by the policy. Where none closes, the one that comes nearest, with what would mend it; where nothing fits
    /// the ends at all, a link of <see cref="MediaClasses.None"/>.
    /// </summary>
    /// <exception cref="ArgumentException">The request is no link; see <see cref="LinkRequest.Validate"/>.</exception>
    public EngineeredLink Best(LinkRequest request)
    {
        var pool = PoolFor(request);
        Medium? best = null;
        Score bestScore = default;
        foreach (var medium in pool)
        {
            if (!IsAllowed(medium, request.Policy)) continue;
            var score = medium.Evaluate(request);
            if (best is null || IsBetter(medium, score, best, bestScore, request.Policy.Goal)) (best, bestScore) = (medium, score);
        }
        if (best is null) return Nothing(request, pool);
        return bestScore.Closes ? best.Engineer(request) : best.Engineer(request, LinkMender.Mends(request, best, pool));
    }

    Medium[] PoolFor(LinkRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Validate();
        var key = new PoolKey(request.Rate.Si, request.LaneRate.Si, request.A, request.B);
        if (pools.TryGetValue(key, out var pool)) return pool;
        if (pools.Count >= RememberedPools) pools.Clear();
        return pools.GetOrAdd(key, binder.Value.Bind(request.Rate, request.LaneRate, request.A, request.B));
    }

    static bool IsAllowed(Medium medium, LinkPolicy policy)
    {
        if ((medium.Class & policy.Allow) == 0) return false;
        if (policy.RetimedOnly)
        {
            foreach (var end in medium.Ends)
                if (end.Part is Transceiver { Class: TransceiverClass.Linear or TransceiverClass.HalfRetimed }) return false;
        }
        if (policy.Interface is { } meeting && !Meets(medium, meeting)) return false;
        if (policy.Part is not { } wanted) return true;
        foreach (var end in medium.Ends)
            if (string.Equals(end.Part.Key, wanted, StringComparison.Ordinal) || string.Equals(end.Part.Name, wanted, StringComparison.Ordinal))
                return true;
        return false;
    }

    static bool Meets(Medium medium, string wanted)
    {
        foreach (var end in medium.Ends)
        {
            if (end.Part is Transceiver { Interface: { } given }
                && (string.Equals(given.Key, wanted, StringComparison.Ordinal) || string.Equals(given.Name, wanted, StringComparison.Ordinal)))
                return true;
        }
        return false;
    }

    /// <summary>Closing before not closing; then by the goal, or by how near it comes to closing; then by price, power and name.</summary>
    internal static bool IsBetter(Medium a, in Score x, Medium b, in Score y, LinkGoal goal)
    {
        if (x.Closes != y.Closes) return x.Closes;
        if (!x.Closes && x.Use != y.Use) return x.Use < y.Use;
        if (x.Closes)
        {
            var order = goal switch
            {
                LinkGoal.FewestWatts => x.Watts.CompareTo(y.Watts),
                LinkGoal.LowestLatency => x.Latency.CompareTo(y.Latency),
                LinkGoal.MostReliable => a.FailureRate != b.FailureRate
                    ? a.FailureRate.CompareTo(b.FailureRate)
                    : a.FlapRate.CompareTo(b.FlapRate),
                _ => 0,
            };
            if (order != 0) return order < 0;
        }
        // A part without a price is not cheap; it is unknown.
        if (a.PriceIsKnown != b.PriceIsKnown) return a.PriceIsKnown;
        if (x.Price != y.Price) return x.Price < y.Price;
        if (x.Watts != y.Watts) return x.Watts < y.Watts;
        return string.CompareOrdinal(a.Name, b.Name) < 0;
    }

    EngineeredLink Nothing(LinkRequest request, Medium[] pool)
    {
        var ends = $"{request.Rate} with lanes of {request.LaneRate} between {Describe(request.A)} and {Describe(request.B)}";
        var reason = request.Policy.Interface is { } meeting ? $"the catalogue has no module with interface '{meeting}' for {ends}"
            : request.Policy.Part is { } part
            ? $"'{part}' doesn't fit {ends}{hint(part)}"
            : pool.Length > 0 ? $"the policy allows no medium of those that fit {ends}" : $"the catalogue has no medium for {ends}";
        var mends = LinkMender.Replacements(request, null, pool);
        return new()
        {
            Name = "none",
            Class = MediaClasses.None,
            Closes = false,
            Reason = reason,
            Mends = mends,
            Mend = mends.Count > 0 ? mends[0] : null,
            Margin = Decibels.Zero,
            TypicalMargin = Decibels.Zero,
            WorstMargin = Decibels.Zero,
            Waterfall = [],
            Available = Decibels.Zero,
            Required = Decibels.Zero,
            Reach = Length.Zero,
            PurchasableLength = request.Run,
            PowerA = Power.Zero,
            PowerB = Power.Zero,
            AddedPower = Power.Zero,
            EnergyPerBit = EnergyPerBit.Zero,
            EnergyPerBitWithHost = EnergyPerBit.Zero,
            Latency = default,
            FailureRate = FailureRate.Zero,
            FlapRate = FailureRate.Zero,
            Fec = FecScheme.None,
            Errors = new(0.5, 1, 1),
            Price = default,
            Parts = [],
            FieldReplaceable = false,
            HasBudget = false,
            BudgetGrade = Grade.Assumption,
            WeakestGrade = Grade.Assumption,
        };
    }

    static string Describe(LinkEnd end) => end.Engine is { } engine ? $"engine '{engine.Name}'"
        : end.IsBackplane ? "a backplane"
        : end.PortsPerCage == 1 ? "a single-port cage"
        : $"a cage of {end.PortsPerCage} ports";

    readonly struct PoolKey(double rate, double laneRate, LinkEnd endA, LinkEnd endB) : IEquatable<PoolKey>
    {
        readonly double rate = rate;
        readonly double laneRate = laneRate;
        readonly int portsA = endA.IsBackplane ? 0 : endA.PortsPerCage;
        readonly int portsB = endB.IsBackplane ? 0 : endB.PortsPerCage;
        readonly Transceiver? a = endA.Engine;
        readonly Transceiver? b = endB.Engine;

        // Engines by reference: a record's own equality would compare some twenty figures for every link.
        public bool Equals(PoolKey other) => rate == other.rate && laneRate == other.laneRate && portsA == other.portsA
            && portsB == other.portsB && ReferenceEquals(a, other.a) && ReferenceEquals(b, other.b);

        public override bool Equals(object? obj) => obj is PoolKey other && Equals(other);

        public override int GetHashCode() => HashCode.Combine(rate, laneRate, portsA, portsB,
            a is null ? 0 : RuntimeHelpers.GetHashCode(a), b is null ? 0 : RuntimeHelpers.GetHashCode(b));
    }
}
