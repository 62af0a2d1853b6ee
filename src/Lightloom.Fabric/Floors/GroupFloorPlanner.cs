using Lightloom.Quantities;

namespace Lightloom.Fabric;

// Groups of a wiring that is no folded Clos. One block of the floor takes m consecutive groups, so many that neither racks of systems
// nor racks of switches stay nearly empty:
//
//   m = max( 1, ⌊K / switches of a group⌋, ⌈systems of a rack / systems of a group⌉ )        K switches to a rack
//
// In each of the ρ rows of a block stand S = ⌈racks of systems / ρ⌉ racks of systems and N = ⌈⌈switches / ρ⌉ / K⌉ racks of switches,
// switches in the order of groups, tiers, planes. Blocks stand side by side and row behind row; switches of no group have rows of their
// own in the middle of the floor. ρ and the blocks of a row are those that make the floor smallest across, within its rows and places.
//
// Cables are counted one by one, over the expanded graph: about 20 ns each.
//
// Worked example: 4 groups of 2 systems and 1 switch, 4 systems and 4 switches to a rack: m = 4; one block of 2 racks of systems and one
// of switches.

/// <summary>Where devices of a fabric that is no folded Clos stand.</summary>
sealed record GroupLayout : FloorLayout
{
    internal required FabricWiring Wiring { get; init; }

    internal required int GroupsPerBlock { get; init; }

    internal required int[] FirstSystem { get; init; } // of each block

    internal required int[][] Slot { get; init; } // of each tier: place of a switch among those of its block, or of no group

    internal required int[][] Block { get; init; } // of each tier: block of a switch, or -1

    internal required int[] SystemsOf { get; init; } // of each block

    internal required int[] PerPlane { get; init; } // of each tier

    internal required NetworkPlacement Placement { get; init; }

    internal required int PerRack { get; init; }

    internal required int SwitchesPerRack { get; init; }

    internal required int BlockRows { get; init; }

    internal required int BlockWidth { get; init; }

    internal required int BlocksPerRow { get; init; }

    internal required int SystemPlaces { get; init; }

    internal required int NetworkPlaces { get; init; }

    internal required int SwitchesPerRow { get; init; }

    internal required int[] SwitchesOf { get; init; } // of each block

    internal required int CoreRow { get; init; }

    internal required int CoreRows { get; init; }

    internal required int CoreColumn { get; init; }

    internal required int CoreRacksPerRow { get; init; }

    internal required int OpticalRack { get; init; } // the first rack of optical circuit switches among those of no group

    internal required int OpticalPerRack { get; init; }

    internal required int RowsPerHall { get; init; } // more than there are, where there is one hall

    internal required int CoreHall { get; init; }

    internal required int BandsPerHall { get; init; }

    internal required int BandsOfCoreHall { get; init; }

    int NetworkColumn => Placement == NetworkPlacement.MiddleOfRow ? SystemPlaces / 2 : SystemPlaces;

    /// <inheritdoc/>
    public override RackPlace OfSystem(int system)
    {
        var block = Wiring.GroupOfSystem(system) / GroupsPerBlock;
        return OfRack(block, (system - FirstSystem[block]) / PerRack);
    }

    /// <inheritdoc/>
    public override RackPlace OfSwitch(int tier, int plane, int index)
    {
        var number = (plane * PerPlane[tier]) + index;
        var (block, slot) = (Block[tier][number], Slot[tier][number]);
        if (block < 0) return OfCore(slot / SwitchesPerRack);
        if (Placement == NetworkPlacement.InRack)
        {
            var racks = FloorRules.Ceiling(SystemsOf[block], PerRack);
            return OfRack(block, (int)((long)slot * racks / SwitchesOf[block]));
        }
        var (row, within) = Math.DivRem(slot, SwitchesPerRow);
        return InBlock(block, row, NetworkColumn + (within / SwitchesPerRack));
    }

    /// <inheritdoc/>
    public override RackPlace OfOpticalSwitch(int index) => OfCore(OpticalRack + (index / OpticalPerRack));

    RackPlace OfCore(int rack) => new((CoreHall * RowsPerHall) + CoreRow + (rack / CoreRacksPerRow), CoreColumn + (rack % CoreRacksPerRow));

    RackPlace OfRack(int block, int rack)
    {
        var (row, column) = Math.DivRem(rack, SystemPlaces);
        return InBlock(block, row, Placement == NetworkPlacement.MiddleOfRow && column >= NetworkColumn ? column + NetworkPlaces : column);
    }

    RackPlace InBlock(int block, int row, int column)
    {
        var (band, beside) = Math.DivRem(block, BlocksPerRow);
        // Bands fill hall after hall; the hall of the cores holds fewer.
        var before = CoreHall * BandsPerHall;
        var (hall, within) = band < before ? Math.DivRem(band, BandsPerHall)
            : band < before + BandsOfCoreHall ? (CoreHall, band - before)
            : (CoreHall + 1 + ((band - before - BandsOfCoreHall) / BandsPerHall), (band - before - BandsOfCoreHall) % BandsPerHall);
        var inHall = (within * BlockRows) + row;
        if (hall == CoreHall && inHall >= CoreRow) inHall += CoreRows;
        return new((hall * RowsPerHall) + inHall, (beside * BlockWidth) + column);
    }
}

/// <summary>Lays a fabric out by the groups of its wiring and counts its cables by length.</summary>
sealed class GroupFloorPlanner
{
    readonly FabricPlan fabric;
    readonly FloorSpec spec;
    readonly FloorRules rules;
    readonly List<FloorFinding> findings = [];
    readonly FabricGraph graph;
    readonly bool inRack;
    readonly OpticalConnections? optical;
    readonly int perRack, switchesPerRack, groupsPerBlock, blocks, systemRacks, widestSystems, widestSwitches, coreRacks, cores;
    readonly Power systemRackPower, networkRackPower;
    readonly Mass? systemRackMass;
    readonly int[] firstSystem, systemsOf, switchesOf, perPlane;
    readonly int[][] slot, block;

    public GroupFloorPlanner(FabricPlan fabric, FloorSpec spec)
    {
        (this.fabric, this.spec) = (fabric, spec);
        rules = new(spec);
        graph = FabricGraph.Of(fabric);
        var wiring = fabric.Wiring;
        inRack = spec.NetworkRacks == NetworkPlacement.InRack;
        var planes = fabric.Request.Planes;
        var systems = fabric.Request.Systems;
        perPlane = [.. fabric.Tiers.Select(t => (int)(t.Count / planes))];

        var inGroup = new int[wiring.Groups];
        for (var t = 0; t < perPlane.Length; t++)
            for (var i = 0; i < perPlane[t]; i++)
                if (wiring.GroupOfSwitch(t, i) is >= 0 and var g) inGroup[g] += planes;
        var systemsIn = new int[wiring.Groups];
        for (var s = 0; s < systems; s++) systemsIn[wiring.GroupOfSystem(s)]++;
        var (mostSwitches, mostSystems) = (inGroup.Max(), systemsIn.Max());

        // Only the groups' own switches stand with systems.
        var grouped = fabric.Tiers.Where((_, t) => perPlane[t] > 0 && wiring.GroupOfSwitch(t, 0) >= 0).ToList();
        (switchesPerRack, networkRackPower) = rules.NetworkRack(fabric.Tiers.Where(t => !inRack || !grouped.Contains(t)), findings);
        var highest = inRack ? grouped.Select(t => t.Switch).MaxBy(FloorRules.HeightOf) : null;
        (perRack, systemRackPower, systemRackMass) = rules.SystemRack(fabric.Request.System, highest,
            count => mostSystems == 0 ? 0 : FloorRules.Ceiling(mostSwitches * count, mostSystems), findings);

        groupsPerBlock = Math.Max(1, FloorRules.Ceiling(perRack, Math.Max(1, mostSystems)));
        // Blocks are not so large that halls beside the first would stay empty.
        if (!inRack && mostSwitches > 0)
            groupsPerBlock = Math.Max(groupsPerBlock, Math.Min(switchesPerRack / mostSwitches, FloorRules.Ceiling(wiring.Groups, spec.Halls)));
        groupsPerBlock = Math.Min(groupsPerBlock, wiring.Groups);
        blocks = FloorRules.Ceiling(wiring.Groups, groupsPerBlock);
        (firstSystem, systemsOf, switchesOf) = (new int[blocks], new int[blocks], new int[blocks]);
        for (var g = 0; g < systemsIn.Length; g++) systemsOf[g / groupsPerBlock] += systemsIn[g];
        for (var b = 1; b < blocks; b++) firstSystem[b] = firstSystem[b - 1] + systemsOf[b - 1];

        (slot, block) = (new int[perPlane.Length][], new int[perPlane.Length][]);
        var next = Starts(inGroup);
        for (var t = 0; t < perPlane.Length; t++)
        {
            (slot[t], block[t]) = (new int[planes * perPlane[t]], new int[planes * perPlane[t]]);
            for (var number = 0; number < slot[t].Length; number++)
            {
                var g = wiring.GroupOfSwitch(t, number % perPlane[t]);
                block[t][number] = g < 0 ? -1 : g / groupsPerBlock;
                slot[t][number] = g < 0 ? cores++ : next[g]++;
                if (g >= 0) switchesOf[g / groupsPerBlock]++;
            }
        }
        (widestSystems, widestSwitches) = (systemsOf.Max(), inRack ? 0 : switchesOf.Max());
        systemRacks = systemsOf.Sum(s => FloorRules.Ceiling(s, perRack));
        optical = OpticalConnections.Of(graph);
        coreRacks = FloorRules.Ceiling(cores, switchesPerRack);
        if (optical is not null) coreRacks += FloorRules.Ceiling(optical.Switches, OpticalPerRack);
    }

    int OpticalPerRack => fabric.OpticalSwitches is { } layer ? Math.Max(1, spec.RackUnits / FloorRules.HeightOf(layer.Switch)) : 1;

    public FloorPlan Plan()
    {
        var shape = Choose();
        if (shape.Halls > spec.Halls)
            findings.Add(new(FloorProblem.FloorTooSmall, spec.Halls > 1 ? "halls" : "rows", spec.Halls > 1
                ? $"the fabric takes {shape.Halls} halls of {spec.Rows} rows; the site has {spec.Halls}"
                : $"the fabric takes {shape.Rows} rows of {shape.Places} racks; the floor has {spec.Rows}"));
        if (shape.Width > spec.RacksPerRow)
            findings.Add(new(FloorProblem.FloorTooSmall, "racksPerRow",
                $"a row needs {shape.Width} racks for systems and their switches; the floor has {spec.RacksPerRow}"));
        var coreRow = shape.BandsOfCoreHall / 2 * shape.BlockRows;
        var coresPerRow = shape.CoreRows == 0 ? 0 : FloorRules.Ceiling(coreRacks, shape.CoreRows);
        var layout = new GroupLayout
        {
            Wiring = fabric.Wiring,
            GroupsPerBlock = groupsPerBlock,
            FirstSystem = firstSystem,
            SystemsOf = systemsOf,
            SwitchesOf = switchesOf,
            Slot = slot,
            Block = block,
            PerPlane = perPlane,
            Placement = spec.NetworkRacks,
            PerRack = perRack,
            SwitchesPerRack = switchesPerRack,
            BlockRows = shape.BlockRows,
            BlockWidth = shape.Width,
            BlocksPerRow = shape.Beside,
            SystemPlaces = shape.SystemPlaces,
            NetworkPlaces = shape.Width - shape.SystemPlaces,
            SwitchesPerRow = shape.SwitchesPerRow,
            OpticalRack = FloorRules.Ceiling(cores, switchesPerRack),
            OpticalPerRack = OpticalPerRack,
            RowsPerHall = shape.RowsPerHall,
            CoreHall = shape.CoreHall,
            BandsPerHall = shape.BandsPerHall,
            BandsOfCoreHall = shape.BandsOfCoreHall,
            CoreRow = coreRow,
            CoreRows = shape.CoreRows,
            CoreColumn = Math.Max(0, (shape.Places - coresPerRow) / 2),
            CoreRacksPerRow = Math.Max(1, coresPerRow),
        };
        var networkRacks = coreRacks;
        if (!inRack)
            foreach (var switches in switchesOf)
                for (var left = switches; left > 0; left -= shape.SwitchesPerRow)
                    networkRacks += FloorRules.Ceiling(Math.Min(left, shape.SwitchesPerRow), switchesPerRack);
        return new()
        {
            Spec = spec,
            Rows = shape.Rows,
            RacksPerRow = shape.Places,
            SystemRacks = systemRacks,
            NetworkRacks = networkRacks,
            SystemsPerRack = perRack,
            SwitchesPerRack = switchesPerRack,
            SystemRackPower = systemRackPower,
            SystemRackMass = systemRackMass,
            NetworkRackPower = networkRacks > 0 ? networkRackPower : Power.Zero,
            Width = Length.FromMillimeters(shape.Places * (double)rules.RackPitch),
            Depth = Length.FromMillimeters(shape.Rows * (double)rules.AislePitch),
            Layout = layout,
            Cables = Cables(layout, shape),
            Findings = findings,
        };
    }

    CableLengths[] Cables(GroupLayout layout, Shape shape)
    {
        var places = new RackPlace[graph.Devices];
        for (var card = 0; card < graph.Cards; card++) places[card] = layout.OfSystem(card / graph.CardsPerSystem);
        var first = graph.Tiers.Count - fabric.Tiers.Count;
        for (var t = 0; t < fabric.Tiers.Count; t++)
        {
            var tier = graph.Tiers[first + t];
            for (var d = tier.First; d < tier.First + tier.Count; d++) places[d] = layout.OfSwitch(t, tier.PlaneOf(d), tier.IndexOf(d));
        }

        var counter = new LengthCounter(rules.Lengths(shape.Rows, shape.Places, optical is not null), rules.RackPitch, rules.AislePitch);
        var cables = new List<CableLengths>(fabric.Links.Count);
        for (var c = 0; c < fabric.Links.Count; c++)
        {
            var link = fabric.Links[c];
            if (link.OnBoard) continue;
            var systems = (link.Lower.Tier is "node" or "management" ? 1 : 0) + (link.Upper.Tier is "node" ? 1 : 0);
            counter.Start(0, 0);
            for (var l = 0; l < graph.Links; l++)
            {
                if (graph.ClassOf[l] != c) continue;
                var above = places[graph.Upper[l]];
                // Fabric managers stand beside the switches that they use.
                var below = link.Lower.Tier == "management" ? above : places[graph.Lower[l]];
                if (optical?.Of(l) is { } through)
                {
                    // A circuit: one cable to the switch and one from it.
                    var middle = layout.OfOpticalSwitch(through.Switch);
                    counter.AddCable(rules.Run(below, middle, (systems + 1) / 2) + rules.Run(middle, above, systems / 2));
                    continue;
                }
                counter.AddCable(rules.Run(below, above, systems));
            }
            cables.Add(counter.Finish(link));
        }
        return [.. cables];
    }

    // Where the switches of each group begin among those of its block.
    int[] Starts(int[] inGroup)
    {
        var starts = new int[inGroup.Length];
        for (var g = 0; g < inGroup.Length; g++)
            starts[g] = g % groupsPerBlock == 0 ? 0 : starts[g - 1] + inGroup[g - 1];
        return starts;
    }

    // Of all shapes that fit the rows and places that the floor has, the one that is smallest across; else the one that exceeds them least.
    Shape Choose()
    {
        var racks = Math.Max(1, FloorRules.Ceiling(widestSystems, perRack));
        Shape? best = null;
        var (bestOver, bestSpan) = (int.MaxValue, double.PositiveInfinity);
        for (var rows = 1; rows <= racks; rows = rows < 32 ? rows + 1 : rows * 5 / 4)
        {
            var one = Of(rows, 1);
            var ideal = (int)Math.Clamp(Math.Round(Math.Sqrt(blocks * (double)rows * rules.AislePitch / one.Width / rules.RackPitch)), 1, blocks);
            ReadOnlySpan<int> tries =
            [
                ideal, Math.Min(blocks, ideal + 1), Math.Max(1, ideal - 1),
                spec.RacksPerRow is { } places ? Math.Clamp(places / one.Width, 1, blocks) : ideal,
                spec.Rows is { } most
                    ? Math.Clamp(FloorRules.Ceiling(blocks, Math.Max(1, ((most - (coreRacks > 0 ? 1 : 0)) / rows) + ((spec.Halls - 1) * (most / rows)))), 1, blocks)
                    : ideal,
            ];
            foreach (var beside in tries)
            {
                var shape = Of(rows, beside);
                var over = Math.Max(0, shape.Halls - spec.Halls) + Math.Max(0, shape.Places - (spec.RacksPerRow ?? int.MaxValue));
                var span = Math.Max(Math.Min(shape.Rows, spec.Rows ?? int.MaxValue) * (double)rules.AislePitch, shape.Places * (double)rules.RackPitch);
                if (over > bestOver || (over == bestOver && span >= bestSpan)) continue;
                (best, bestOver, bestSpan) = (shape, over, span);
            }
        }
        return best!.Value with { Places = Math.Max(best.Value.Places, spec.RacksPerRow ?? 0) };
    }

    Shape Of(int rows, int beside)
    {
        var systemPlaces = FloorRules.Ceiling(FloorRules.Ceiling(widestSystems, perRack), rows);
        var switchesPerRow = FloorRules.Ceiling(widestSwitches, rows);
        var width = systemPlaces + FloorRules.Ceiling(switchesPerRow, switchesPerRack);
        var places = width * beside;
        var coreRows = FloorRules.Ceiling(coreRacks, places);
        var bands = FloorRules.Ceiling(blocks, beside);
        if (spec.Halls == 1)
        {
            var all = (bands * rows) + coreRows;
            return new(rows, width, beside, systemPlaces, Math.Max(1, switchesPerRow), places, all, coreRows, all > (spec.Rows ?? int.MaxValue) ? 2 : 1, all, 0, bands, bands);
        }
        // A band lies in one hall. Cores stand in the middle one of those that are used, so that the hall beside holds fewer bands.
        var hallRows = spec.Rows!.Value;
        var perHall = Math.Max(1, hallRows / rows);
        var perCoreHall = Math.Max(0, (hallRows - coreRows) / rows);
        var halls = Math.Max(1, 1 + FloorRules.Ceiling(Math.Max(0, bands - perCoreHall), perHall));
        var (needed, high) = (halls, hallRows);
        // A block or cores that are higher than a hall fit none; they are laid out as if halls were higher.
        if (rows > hallRows || coreRows > hallRows) (needed, high) = (Math.Max(halls, spec.Halls + 1), rows + coreRows);
        return new(rows, width, beside, systemPlaces, Math.Max(1, switchesPerRow), places, halls * high, coreRows, needed, high, halls / 2, perHall,
            Math.Min(perCoreHall, bands));
    }

    readonly record struct Shape(
        int BlockRows, int Width, int Beside, int SystemPlaces, int SwitchesPerRow, int Places, int Rows, int CoreRows, int Halls, int RowsPerHall,
        int CoreHall, int BandsPerHall, int BandsOfCoreHall);
}
