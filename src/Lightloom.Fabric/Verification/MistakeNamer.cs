namespace Lightloom.Fabric;

/// <summary>Tells from each chain of differing cables what was probably done wrong.</summary>
sealed class MistakeNamer(FabricGraph graph, FabricPorts ports, CableNames names, IReadOnlyList<DifferenceChain> chains, bool[] absent)
{
    readonly List<FabricDifference> differences = [];
    readonly HashSet<DifferenceChain> told = [];

    /// <summary>The mistakes, in no particular order.</summary>
    public IReadOnlyList<FabricDifference> Name()
    {
        NameAbsent();
        NameUnknown();
        NameExchanged();
        // Chains that do the same to the same devices are one mistake.
        var bundles = new Dictionary<(DifferenceKind, Misplacement, string), List<DifferenceChain>>();
        foreach (var chain in chains)
        {
            if (told.Contains(chain)) continue;
            var (kind, where) = (KindOf(chain), WhereOf(chain));
            var key = (kind, where, kind is DifferenceKind.Swapped or DifferenceKind.Moved or DifferenceKind.Missing ? DevicesOf(chain) : $"#{chain.Ports[0]}");
            if (!bundles.TryGetValue(key, out var alike)) bundles[key] = alike = [];
            alike.Add(chain);
        }
        foreach (var (key, alike) in bundles)
        {
            differences.Add(Difference(key.Item1, alike) with
            {
                Where = key.Item2,
                Cause = MistakeText.Of(key.Item1, key.Item2, alike.Count, key.Item1 == DifferenceKind.Shifted ? OffsetOf(alike[0]) : OffsetOf(alike)),
            });
        }
        return differences;
    }

    FabricDifference Difference(DifferenceKind kind, IReadOnlyList<DifferenceChain> alike)
    {
        var (designed, built) = (Cables(alike, true), Cables(alike, false));
        return new()
        {
            Kind = kind,
            Harmless = alike.All(IsHarmless),
            Cause = "",
            Designed = designed,
            Built = built,
        };
    }

    List<PortPair> Cables(IEnumerable<DifferenceChain> alike, bool designed) =>
        [.. alike.SelectMany(c => c.Cables(designed)).Select(c => (Math.Min(c.From, c.To), Math.Max(c.From, c.To))).Order().Select(c => names.Pair(c.Item1, c.Item2))];

    bool IsHarmless(DifferenceChain chain)
    {
        if (chain.Designed != chain.Built) return false;
        return Pairs(true).SequenceEqual(Pairs(false));

        IEnumerable<(int, int)> Pairs(bool designed) => chain.Cables(designed)
            .Select(c => (Device(c.From), Device(c.To))).Select(p => p.Item1 <= p.Item2 ? p : (p.Item2, p.Item1)).Order();
    }

    // Ports that the design doesn't have, on a device that it has not, are all different from its devices and from each other.
    int Device(int port) => names.DeviceOf(port) is >= 0 and var own ? own : graph.Devices + names.ForeignDeviceOf(port);

    string DevicesOf(DifferenceChain chain) => string.Join(' ', chain.Cables(true).Select(c => (Device(c.From), Device(c.To)))
        .Select(p => p.Item1 <= p.Item2 ? p : (p.Item2, p.Item1)).Order());

    DifferenceKind KindOf(DifferenceChain chain) => (chain.Designed, chain.Built, chain.Closed) switch
    {
        (1, 0, _) => DifferenceKind.Missing,
        (0, 1, _) => DifferenceKind.Extra,
        (1, 1, false) => DifferenceKind.Moved,
        (2, 2, true) => DifferenceKind.Swapped,
        var (d, b, _) when d == b && OffsetOf(chain) != 0 => DifferenceKind.Shifted,
        _ => DifferenceKind.Rearranged,
    };

    // By how many ports the ends on one device moved, when that is the same for all of them; else 0. A closed chain wraps round once.
    int OffsetOf(DifferenceChain chain)
    {
        if (chain.Designed != chain.Built) return 0;
        foreach (var moving in new[] { 0, 1 })
        {
            // The chain is x a y b z ..: the ends x, y, z moved from one to the next while a and b stood still, or the other way round.
            if (moving == 1 && !chain.Closed) break;
            List<int> ends = [.. chain.Ports.Where((_, i) => i % 2 == moving)];
            if (ends.Exists(e => e >= ports.Count)) continue;
            var (device, _) = ports.At(ends[0]);
            if (ends.Exists(e => ports.At(e).Device != device)) continue;
            List<int> steps = [.. ends.Zip(ends.Skip(1), (a, b) => b - a)];
            if (chain.Closed) steps.Add(ends[0] - ends[^1]);
            var usual = steps.CountBy(s => s).MaxBy(s => s.Value).Key;
            var others = steps.Count(s => s != usual);
            if (others == 0 || (chain.Closed && others == 1)) return moving == 0 ? usual : -usual;
        }
        return 0;
    }

    int OffsetOf(List<DifferenceChain> alike)
    {
        var offsets = alike.Select(c => KindOf(c) == DifferenceKind.Moved && WhereOf(c) == Misplacement.OtherPort ? c.Ports[2] - c.Ports[0] : 0).Distinct().ToList();
        return offsets.Count == 1 ? offsets[0] : 0;
    }

    // The worst of what happened to the ends that moved; where either end may have, the milder story is the likelier one.
    Misplacement WhereOf(DifferenceChain chain)
    {
        if (chain.Designed != chain.Built || chain.Ports.Count < 3) return Misplacement.None;
        var first = Worst(chain, 0);
        if (!chain.Closed) return first;
        var second = Worst(chain, 1);
        return first < second ? first : second;
    }

    Misplacement Worst(DifferenceChain chain, int moving)
    {
        var worst = Misplacement.None;
        var count = chain.Ports.Count;
        for (var i = moving; i + 2 < count || (chain.Closed && i < count); i += 2)
        {
            var between = Between(chain.Ports[i], chain.Ports[(i + 2) % count]);
            if (between > worst) worst = between;
        }
        return worst;
    }

    Misplacement Between(int wanted, int actual)
    {
        var (a, b) = (names.DeviceOf(wanted), names.DeviceOf(actual));
        if (a < 0 || b < 0) return Misplacement.UnknownPort;
        if (a == b) return Misplacement.OtherPort;
        var (tierA, tierB) = (graph.TierOf(a), graph.TierOf(b));
        if (tierA != tierB) return Misplacement.OtherTier;
        if (a < graph.Cards) return a / graph.CardsPerSystem == b / graph.CardsPerSystem ? Misplacement.OtherCard : Misplacement.OtherSystem;
        if (tierA.PlaneOf(a) != tierA.PlaneOf(b)) return Misplacement.OtherPlane;
        if (graph.Plan.Clos is { LeavesPerUnit: > 1 and var rails } && tierA.First == graph.FirstSwitch)
        {
            var (indexA, indexB) = (tierA.IndexOf(a), tierB.IndexOf(b));
            if (indexA / rails == indexB / rails) return Misplacement.OtherRail;
        }
        return Misplacement.OtherSwitch;
    }

    void NameAbsent()
    {
        // A chain of one designed cable with an absent device at an end tells no more than that. Systems go before their cards, and an
        // absent device takes the cables between it and another absent one.
        var owner = new Dictionary<int, List<DifferenceChain>>();
        foreach (var chain in chains)
        {
            if (KindOf(chain) != DifferenceKind.Missing) continue;
            var (a, b) = (names.DeviceOf(chain.Ports[0]), names.DeviceOf(chain.Ports[1]));
            // What joins a dark switch to a lone card is the switch's; a card is only absent when its switch is there.
            var device = absent[a] && absent[b] ? Math.Max(a, b) : absent[a] ? a : absent[b] ? b : -1;
            if (device < 0) continue;
            if (!owner.TryGetValue(device, out var mine)) owner[device] = mine = [];
            mine.Add(chain);
        }
        foreach (var group in owner.Where(o => IsWholly(o.Key, o.Value)).GroupBy(o => o.Key < graph.Cards && SystemAbsent(o.Key) ? o.Key / graph.CardsPerSystem : -1 - o.Key))
        {
            List<DifferenceChain> cables = [.. group.SelectMany(o => o.Value)];
            told.UnionWith(cables);
            var name = group.Key >= 0 ? graph.SystemName(group.Key) : graph.NameOf(-1 - group.Key);
            differences.Add(Difference(DifferenceKind.MissingDevice, cables) with { Devices = [name], Cause = MistakeText.Absent(cables.Count) });
        }
    }

    // A card with one cable out of several devices' is a missing cable, not a missing device: a card has no other sign of life.
    bool IsWholly(int device, List<DifferenceChain> cables) => device >= graph.Cards ? cables.Count > 1 : SystemAbsent(device);

    bool SystemAbsent(int card)
    {
        var first = card / graph.CardsPerSystem * graph.CardsPerSystem;
        if (graph.CardsPerSystem == 1 && graph.DegreeOf(first) == 1) return false;
        for (var c = first; c < first + graph.CardsPerSystem; c++)
            if (!absent[c]) return false;
        return true;
    }

    void NameUnknown()
    {
        foreach (var group in chains.Where(c => !told.Contains(c) && KindOf(c) == DifferenceKind.Extra)
                     .Select(c => (Chain: c, Device: c.Ports.Where(p => names.DeviceOf(p) < 0).Select(names.ForeignDeviceOf).DefaultIfEmpty(-1).Max()))
                     .Where(c => c.Device >= 0 && IsStranger(c.Chain)).GroupBy(c => c.Device))
        {
            List<DifferenceChain> cables = [.. group.Select(c => c.Chain)];
            told.UnionWith(cables);
            differences.Add(Difference(DifferenceKind.ExtraDevice, cables) with { Devices = [names.NameOf(group.Key)], Cause = MistakeText.Stranger(cables.Count) });
        }
    }

    bool IsStranger(DifferenceChain chain) => chain.Ports.Any(p => names.DeviceOf(p) < 0 && names.IsUnknown(names.ForeignDeviceOf(p)));

    // Two devices of which every cable is in the other's port of the same number.
    void NameExchanged()
    {
        var pairs = new Dictionary<(int, int), List<DifferenceChain>>();
        foreach (var chain in chains)
        {
            if (KindOf(chain) != DifferenceKind.Swapped || chain.Ports.Any(p => p >= ports.Count)) continue;
            for (var side = 0; side < 2; side++)
            {
                var (a, b) = (ports.At(chain.Ports[side]), ports.At(chain.Ports[side + 2]));
                if (a.Device == b.Device || a.Index != b.Index) continue;
                var key = a.Device < b.Device ? (a.Device, b.Device) : (b.Device, a.Device);
                if (!pairs.TryGetValue(key, out var alike)) pairs[key] = alike = [];
                alike.Add(chain);
            }
        }
        foreach (var ((a, b), alike) in pairs.OrderByDescending(p => p.Value.Count).ThenBy(p => p.Key))
        {
            if (alike.Count < 2 || alike.Count != graph.DegreeOf(a) || alike.Count != graph.DegreeOf(b) || alike.Exists(told.Contains)) continue;
            told.UnionWith(alike);
            differences.Add(Difference(DifferenceKind.ExchangedDevices, alike) with
            {
                Devices = [graph.NameOf(a), graph.NameOf(b)],
                Cause = MistakeText.Exchanged(alike.Count),
            });
        }
    }
}
