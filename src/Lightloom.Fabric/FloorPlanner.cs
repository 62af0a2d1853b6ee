using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Fabric;

// A pod takes whole rows, or a part of one row beside other pods; the pods are alike, so one of them is counted (and the last,
// when it holds fewer systems). In each of the ρ rows of a pod stand
//
//   S = ⌈racks of systems / ρ⌉ racks of systems,   N = ⌈planes · (λ + σ) / K⌉ racks of switches,   K switches to a rack,
//   λ = ⌈leaves / ρ⌉ leaves and σ = ⌈spines / ρ⌉ spines of each plane, leaves first, plane after plane.
//
// Cores stand side by side in rows of their own, between the pods in the middle of the floor.
//
//   run = (tray − port) + |Δplace| · rack pitch + |Δrow| · aisle pitch + (tray − port) + 2 · slack,
//         or half the rack's height (the difference of port heights if that is more) + 2 · slack inside one rack.
//
// Trays run over every row, cross-trays over every place. One pod costs O(leaves + rows), all cores O(pods · racks of spines);
// neither grows with the number of cables.
//
// Worked example: 4 systems with a port each in one rack, a switch in the rack beside it; pitch 0.6 m, tray 2.7 m, ports 1 m,
// slack 0.5 m: 4 cables of 1.7 + 0.6 + 1.7 + 1 = 5 m.

/// <summary>Lays a fabric of one to three tiers out on a floor and counts its cables by length.</summary>
sealed class FloorPlanner
{
    const double RackUnitMillimeters = 44.45;

    readonly FabricPlan fabric;
    readonly ClosShape shape;
    readonly FloorSpec spec;
    readonly List<FloorFinding> findings = [];
    readonly RackRuns systems = new(), leaves = new(), lastLeaves = new(), spines = new(), lastSpines = new(), cores = new();
    readonly bool inRack, middle;
    readonly int perRack, switchesPerRack, coreRacks, podRacks;
    readonly Power systemRackPower, networkRackPower;

    int rackPlaces; // places in a row
    int podRows, podWidth, podsPerRow; // a pod is podRows × podWidth places
    int systemPlaces, networkPlaces, networkBase; // in each row of a pod
    int leavesPerRow, spinesPerRow;
    int coreRows, coreRow, coreColumn, coresRacksPerRow;

    public FloorPlanner(FabricPlan fabric, FloorSpec spec)
    {
        (this.fabric, this.spec, shape) = (fabric, spec, fabric.Shape);
        Check();
        (inRack, middle) = (spec.NetworkRacks == NetworkPlacement.InRack, spec.NetworkRacks == NetworkPlacement.MiddleOfRow);
        (switchesPerRack, networkRackPower) = NetworkRack();
        (perRack, systemRackPower) = SystemRack();
        podRacks = Ceiling(shape.SystemsIn(0), perRack);
        coreRacks = (int)(((shape.Planes * shape.Cores) + switchesPerRack - 1) / switchesPerRack);
    }

    int PodLeaves => shape.UnitsPerPod * shape.LeavesPerUnit;

    public FloorPlan Plan()
    {
        ChooseShape();
        var inPod = shape.SystemsIn(0);
        var blocks = Ceiling(shape.Pods, podsPerRow);
        var rows = (blocks * podRows) + coreRows;
        if (rows > spec.Rows)
            findings.Add(new(FloorProblem.FloorTooSmall, "rows",
                $"the fabric takes {rows} rows of {rackPlaces} racks; the floor has {spec.Rows}"));
        coreRow = blocks / 2 * podRows;
        coresRacksPerRow = coreRows == 0 ? 0 : Ceiling(coreRacks, coreRows);
        var centre = podsPerRow == 1 ? networkBase + (networkPlaces / 2) : rackPlaces / 2;
        coreColumn = Math.Clamp(centre - (coresRacksPerRow / 2), 0, Math.Max(0, rackPlaces - coresRacksPerRow));

        return new()
        {
            Spec = spec,
            Rows = rows,
            RacksPerRow = rackPlaces,
            SystemRacks = (shape.Systems / inPod * podRacks) + Ceiling(shape.Systems % inPod, perRack),
            NetworkRacks = (shape.Pods * podRows * networkPlaces) + coreRacks,
            SystemsPerRack = perRack,
            SwitchesPerRack = switchesPerRack,
            SystemRackPower = systemRackPower,
            NetworkRackPower = networkPlaces > 0 ? networkRackPower : Power.Zero,
            Width = Length.FromMillimeters(rackPlaces * (double)Millimeters(spec.RackPitch)),
            Depth = Length.FromMillimeters(rows * (double)Millimeters(spec.AislePitch)),
            Layout = new(shape, spec.NetworkRacks, podRows, podWidth, podsPerRow, systemPlaces, networkPlaces, perRack, switchesPerRack,
                leavesPerRow, spinesPerRow, coreRow, coreRows, coreColumn, coresRacksPerRow),
            Cables = Cables(rows),
            Findings = findings,
        };
    }

    CableLengths[] Cables(int rows)
    {
        var (pitch, aisle, tray) = (Millimeters(spec.RackPitch), Millimeters(spec.AislePitch), Millimeters(spec.TrayHeight));
        var (systemPort, switchPort) = (Millimeters(spec.SystemPortHeight), Millimeters(spec.SwitchPortHeight));
        var slack = 2 * Millimeters(spec.Slack);
        var rise = Math.Abs(tray - switchPort);
        var toSystem = Math.Abs(tray - systemPort) + rise + slack;
        var toSwitch = (2 * rise) + slack;
        var half = (long)Math.Round(spec.RackUnits * RackUnitMillimeters / 2);
        var insideWithSystem = Math.Max(half, Math.Abs(systemPort - switchPort)) + slack;
        var insideWithSwitch = half + slack;
        var farthest = Math.Max(Math.Max(toSystem, toSwitch), insideWithSystem) + (rows * aisle) + (rackPlaces * pitch);
        var counter = new LengthCounter(Lengths(farthest), pitch, aisle);

        var cables = new CableLengths[fabric.Links.Count];
        for (var i = 0; i < cables.Length; i++)
        {
            var link = fabric.Links[i];
            switch (link.Name)
            {
                case "node-leaf":
                    counter.Start(toSystem, insideWithSystem);
                    EachPod(counter, CountNodes);
                    break;
                case "management-leaf":
                    // Fabric managers stand beside the leaves that they use.
                    counter.Start(toSystem, insideWithSystem);
                    counter.AddInside(link.Count);
                    break;
                case "leaf-spine":
                    counter.Start(toSwitch, insideWithSwitch);
                    EachPod(counter, CountLeaves);
                    break;
                default:
                    counter.Start(toSwitch, insideWithSwitch);
                    CountSpines(counter);
                    break;
            }
            cables[i] = counter.Finish(link);
        }
        return cables;
    }

    void EachPod(LengthCounter counter, Action<LengthCounter, int, int, long> count)
    {
        // Pods are full from the first on; those of the last systems and of fabric managers may not be.
        var pod = shape.Pods - 1;
        for (; pod > 0 && (shape.SystemsIn(pod) != shape.SystemsIn(0) || shape.UnitsIn(pod) != shape.UnitsPerPod); pod--)
            count(counter, shape.SystemsIn(pod), shape.UnitsIn(pod), 1);
        count(counter, shape.SystemsIn(pod), shape.UnitsIn(pod), pod + 1);
    }

    void CountNodes(LengthCounter counter, int systemsInPod, int unitsInPod, long pods)
    {
        for (var plane = 0; plane < shape.Planes; plane++)
        {
            for (var unit = 0; unit < unitsInPod; unit++)
            {
                var first = unit * shape.SystemsPerUnit;
                if (first >= systemsInPod) break;
                systems.Clear();
                PlaceSystems(systems, first, Math.Min(shape.SystemsPerUnit, systemsInPod - first));
                leaves.Clear();
                PlaceLeaves(leaves, plane, unit * shape.LeavesPerUnit, shape.LeavesPerUnit, systemsInPod);
                counter.AddPairs(systems.Items, leaves.Items, pods * shape.PortsPerSystemAndLeaf);
            }
        }
    }

    void CountLeaves(LengthCounter counter, int systemsInPod, int unitsInPod, long pods)
    {
        var (bundle, extra) = Math.DivRem(shape.UplinksPerLeaf, shape.SpinesPerPod);
        var leafCount = unitsInPod * shape.LeavesPerUnit;
        for (var plane = 0; plane < shape.Planes; plane++)
        {
            if (bundle > 0 && inRack)
            {
                spines.Clear();
                PlaceSpines(spines, plane, 0, shape.SpinesPerPod);
                leaves.Clear();
                PlaceLeaves(leaves, plane, 0, leafCount, systemsInPod);
                counter.AddPairs(leaves.Items, spines.Items, pods * bundle);
            }
            else if (bundle > 0)
            {
                CountRows(counter, plane, leafCount, pods * bundle);
            }
            for (var leaf = 0; extra > 0 && leaf < leafCount; leaf++)
            {
                leaves.Clear();
                PlaceLeaves(leaves, plane, leaf, 1, systemsInPod);
                var start = (int)((long)leaf * extra % shape.SpinesPerPod);
                spines.Clear();
                PlaceSpines(spines, plane, start, Math.Min(extra, shape.SpinesPerPod - start));
                if (start + extra > shape.SpinesPerPod) PlaceSpines(spines, plane, 0, start + extra - shape.SpinesPerPod);
                counter.AddPairs(leaves.Items, spines.Items, pods);
            }
        }
    }

    // Every leaf of a pod to every spine. Full rows are alike, so pairs of rows are counted by their distance.
    void CountRows(LengthCounter counter, int plane, int leafCount, long each)
    {
        var (leafRows, leafRest) = Math.DivRem(leafCount, leavesPerRow);
        var (spineRows, spineRest) = Math.DivRem(shape.SpinesPerPod, spinesPerRow);
        leaves.Clear();
        lastLeaves.Clear();
        spines.Clear();
        lastSpines.Clear();
        if (leafRows > 0) PlaceLeaves(leaves, plane, 0, leavesPerRow, 0);
        PlaceLeaves(lastLeaves, plane, leafRows * leavesPerRow, leafRest, 0);
        PlaceSpines(spines, plane, 0, spinesPerRow);
        PlaceSpines(lastSpines, plane, spineRows * spinesPerRow, spineRest);
        for (var apart = 1 - spineRows; apart < leafRows; apart++)
        {
            var pairs = Math.Min(spineRows, leafRows - apart) - Math.Max(0, -apart);
            counter.AddPairs(leaves.Items, spines.Items, Math.Abs(apart), pairs * each);
        }
        if (leafRest > 0)
            for (var row = 0; row < spineRows; row++) counter.AddPairs(lastLeaves.Items, spines.Items, Math.Abs(leafRows - row), each);
        if (spineRest > 0)
            for (var row = 0; row < leafRows; row++) counter.AddPairs(leaves.Items, lastSpines.Items, Math.Abs(row - spineRows), each);
        if (leafRest > 0 && spineRest > 0)
            counter.AddPairs(lastLeaves.Items, lastSpines.Items, Math.Abs(leafRows - spineRows), each);
    }

    // Spine j of every pod to the cores [j·c, (j+1)·c) of its plane.
    void CountSpines(LengthCounter counter)
    {
        var perGroup = shape.CoresPerGroup;
        var (bundle, extra) = Math.DivRem(shape.UplinksPerSpine, perGroup);
        for (var plane = 0; plane < shape.Planes; plane++)
        {
            var base0 = plane * shape.Cores;
            for (var j = 0; j < shape.SpinesPerPod;)
            {
                spines.Clear();
                PlaceSpines(spines, plane, j, 1);
                var rack = spines.Items[0];
                var slot = LeafSlots + (plane * spinesPerRow) + (j % spinesPerRow);
                // Spines up to the end of the rack, of the row, of the pod.
                var together = Math.Min(Math.Min(switchesPerRack - (slot % switchesPerRack), spinesPerRow - (j % spinesPerRow)), shape.SpinesPerPod - j);
                if (bundle > 0)
                {
                    cores.Clear();
                    PlaceCores(cores, base0 + ((long)j * perGroup), together * perGroup);
                    for (var pod = 0; pod < shape.Pods; pod++) AddCores(counter, rack, pod, bundle);
                }
                for (var spine = j; extra > 0 && spine < j + together; spine++)
                {
                    for (var pod = 0; pod < shape.Pods; pod++)
                    {
                        var start = (int)((long)pod * extra % perGroup);
                        cores.Clear();
                        PlaceCores(cores, base0 + ((long)spine * perGroup) + start, Math.Min(extra, perGroup - start));
                        if (start + extra > perGroup) PlaceCores(cores, base0 + ((long)spine * perGroup), start + extra - perGroup);
                        AddCores(counter, rack, pod, 1);
                    }
                }
                j += together;
            }
        }
    }

    void AddCores(LengthCounter counter, in RackRun rack, int pod, long each)
    {
        var (block, beside) = (pod / podsPerRow, pod % podsPerRow);
        var row = (block * podRows) + rack.Row;
        if (row >= coreRow) row += coreRows;
        foreach (ref readonly var run in cores.Items)
            counter.AddPairs(rack, run, Math.Abs(row - run.Row), beside * podWidth, each);
    }

    int LeafSlots => inRack ? 0 : shape.Planes * leavesPerRow;

    void PlaceSystems(RackRuns runs, int first, int count)
    {
        while (count > 0)
        {
            var (rack, within) = Math.DivRem(first, perRack);
            var (row, column) = Math.DivRem(rack, systemPlaces);
            int taken, racks = 1;
            if (within > 0 || count < perRack)
            {
                taken = Math.Min(count, perRack - within);
            }
            else
            {
                var end = middle && column < networkBase ? networkBase : systemPlaces;
                racks = Math.Min(count / perRack, end - column);
                taken = racks * perRack;
            }
            runs.Add(row, middle && column >= networkBase ? column + networkPlaces : column, racks, taken / racks);
            (first, count) = (first + taken, count - taken);
        }
    }

    void PlaceLeaves(RackRuns runs, int plane, int first, int count, int systemsInPod)
    {
        if (!inRack)
        {
            PlaceSwitches(runs, plane * leavesPerRow, leavesPerRow, first, count);
            return;
        }
        for (var leaf = first; leaf < first + count; leaf++)
        {
            // The leaves of a unit are spread over its racks.
            var (unit, within) = Math.DivRem(leaf, shape.LeavesPerUnit);
            var start = (long)unit * shape.SystemsPerUnit;
            var inUnit = Math.Clamp(systemsInPod - start, 1, shape.SystemsPerUnit);
            var system = start + (((2L * within) + 1) * inUnit / (2L * shape.LeavesPerUnit));
            PlaceSystems(runs, (int)Math.Clamp(system, 0, Math.Max(0, systemsInPod - 1)), 1);
        }
    }

    void PlaceSpines(RackRuns runs, int plane, int first, int count) =>
        PlaceSwitches(runs, LeafSlots + (plane * spinesPerRow), spinesPerRow, first, count);

    void PlaceSwitches(RackRuns runs, int slotBase, int perRow, int first, int count)
    {
        while (count > 0)
        {
            var (row, within) = Math.DivRem(first, perRow);
            var taken = Math.Min(count, perRow - within);
            Stack(runs, row, networkBase, slotBase + within, taken);
            (first, count) = (first + taken, count - taken);
        }
    }

    void PlaceCores(RackRuns runs, long first, int count)
    {
        var perRow = coresRacksPerRow * switchesPerRack;
        while (count > 0)
        {
            var (row, within) = ((int)(first / perRow), (int)(first % perRow));
            var taken = Math.Min(count, perRow - within);
            Stack(runs, coreRow + row, coreColumn, within, taken);
            (first, count) = (first + taken, count - taken);
        }
    }

    // Switches of consecutive slots of one row, switchesPerRack to a rack.
    void Stack(RackRuns runs, int row, int column, int slot, int count)
    {
        while (count > 0)
        {
            var (rack, within) = Math.DivRem(slot, switchesPerRack);
            var racks = within > 0 || count < switchesPerRack ? 1 : count / switchesPerRack;
            var taken = Math.Min(count, (racks * switchesPerRack) - within);
            runs.Add(row, column + rack, racks, taken / racks);
            (slot, count) = (slot + taken, count - taken);
        }
    }

    void ChooseShape()
    {
        if (spec.RacksPerRow is { } given)
        {
            rackPlaces = given;
            if (!Fit(given))
                findings.Add(new(FloorProblem.FloorTooSmall, "racksPerRow",
                    $"a row needs {podWidth} racks for systems and their switches; the floor has {given}"));
        }
        else if (spec.Rows is { } rows)
        {
            var (low, high) = (1, (PodWidth(1) * shape.Pods) + coreRacks);
            while (low < high)
            {
                var mid = (int)(((long)low + high) / 2);
                if (Fit(mid) && (Ceiling(shape.Pods, podsPerRow) * podRows) + coreRows <= rows) high = mid;
                else low = mid + 1;
            }
            Fit(low);
        }
        else
        {
            var one = PodWidth(1);
            var square = Math.Sqrt(((double)one * shape.Pods) + coreRacks) * Math.Sqrt(spec.AislePitch / spec.RackPitch);
            if (shape.Pods > 1 && one < square)
                Fit(one * (int)Math.Clamp(Math.Round(square / one), 1, shape.Pods));
            else
                Fit(PodWidth((int)Math.Clamp(Math.Round(one / square), 1, Math.Max(1, podRacks))));
        }
    }

    // Takes the fewest rows for a pod that fit a row of so many places; false when none do, and then the narrowest.
    bool Fit(int places)
    {
        var rows = Math.Max(1, podRacks / Math.Max(1, places));
        while (PodWidth(rows) > places && rows < podRacks) rows++;
        podWidth = PodWidth(rows);
        podRows = rows;
        rackPlaces = Math.Max(places, podWidth);
        podsPerRow = podRows == 1 ? Math.Min(rackPlaces / podWidth, shape.Pods) : 1;
        coreRows = coreRacks == 0 ? 0 : Ceiling(coreRacks, rackPlaces);
        return podWidth <= places;
    }

    int PodWidth(int rows)
    {
        systemPlaces = Ceiling(podRacks, rows);
        leavesPerRow = Ceiling(PodLeaves, rows);
        spinesPerRow = Ceiling(shape.SpinesPerPod, rows);
        networkPlaces = Ceiling(shape.Planes * ((inRack ? 0 : leavesPerRow) + spinesPerRow), switchesPerRack);
        networkBase = middle ? systemPlaces / 2 : systemPlaces;
        return systemPlaces + networkPlaces;
    }

    (int Switches, Power Power) NetworkRack()
    {
        var (units, power) = (1, Power.Zero);
        for (var i = inRack ? 1 : 0; i < fabric.Tiers.Count; i++)
        {
            units = Math.Max(units, HeightOf(fabric.Tiers[i].Switch));
            power = Quantity.Max(power, PowerOf(fabric.Tiers[i].Switch));
        }
        var most = Math.Max(1, Math.Min(spec.RackUnits / units, power.Si > 0 ? (int)Math.Min(spec.RackPower / power, 1000) : 1000));
        if (fabric.Tiers.Count > (inRack ? 1 : 0))
        {
            if (units > spec.RackUnits)
                findings.Add(new(FloorProblem.RackTooHigh, "rackUnits", $"a switch of {units} rack units doesn't fit a rack of {spec.RackUnits}"));
            if (power > spec.RackPower)
                findings.Add(new(FloorProblem.RackPowerTooHigh, "rackPower", $"a switch with its modules draws {power}; a rack may draw {spec.RackPower}"));
        }
        return (most, power * most);
    }

    (int Systems, Power Power) SystemRack()
    {
        var system = fabric.Request.System;
        var each = system.HostPower.Value + ((system.Accelerator.Power?.Value ?? Power.Zero) * system.Accelerators.Value)
            + ((system.Nic.Power?.Value ?? Power.Zero) * system.Nics.Value);
        var leaf = fabric.Tiers[0].Switch;
        var (leafUnits, leafPower) = inRack ? (HeightOf(leaf), PowerOf(leaf)) : (0, Power.Zero);
        int Units(int count) => (count * system.RackUnits.Value) + (Leaves(count) * leafUnits);
        Power Drawn(int count) => (each * count) + (leafPower * Leaves(count));
        int Leaves(int count) => inRack ? shape.Planes * Ceiling(shape.LeavesPerUnit * count, Math.Min(shape.Systems, shape.SystemsPerUnit)) : 0;

        var chosen = spec.SystemsPerRack ?? Math.Max(1, spec.RackUnits / system.RackUnits.Value);
        if (spec.SystemsPerRack is null)
            while (chosen > 1 && (Units(chosen) > spec.RackUnits || Drawn(chosen) > spec.RackPower)) chosen--;
        var content = $"{chosen} {(chosen == 1 ? "system" : "systems")}{(inRack ? " and their leaves" : "")}";
        var most = chosen;
        while (most > 0 && (Units(most) > spec.RackUnits || Drawn(most) > spec.RackPower)) most--;
        var mend = most > 0 ? $"; {most} would fit" : "";
        if (Units(chosen) > spec.RackUnits)
            findings.Add(new(FloorProblem.RackTooHigh, spec.SystemsPerRack is null ? "rackUnits" : "systemsPerRack",
                $"a rack with {content} takes {Units(chosen)} rack units of {spec.RackUnits}{mend}"));
        if (Drawn(chosen) > spec.RackPower)
            findings.Add(new(FloorProblem.RackPowerTooHigh, spec.SystemsPerRack is null ? "rackPower" : "systemsPerRack",
                $"a rack with {content} draws {Drawn(chosen)} of {spec.RackPower}{mend}"));
        return (chosen, Drawn(chosen));
    }

    static int HeightOf(Switch part) => part.RackUnits?.Value ?? 1;

    Power PowerOf(Switch part)
    {
        var box = part.Power?.Value ?? part.AsicPower?.Value ?? Power.Zero;
        return part.CoPackaged is null ? box + (spec.ModulePower * Ceiling(part.Ports.Value, part.PortsPerCage?.Value ?? 1)) : box;
    }

    long[] Lengths(long farthest)
    {
        var step = Millimeters(spec.LongRunStep);
        var lengths = spec.PurchasableLengths;
        var last = lengths.Count > 0 ? Millimeters(lengths[^1]) : 0;
        var more = farthest > last ? (int)(((farthest - 1) / step) - (last / step)) + 1 : 0;
        var all = new long[lengths.Count + more];
        for (var i = 0; i < lengths.Count; i++) all[i] = Millimeters(lengths[i]);
        for (var i = 0; i < more; i++) all[lengths.Count + i] = ((last / step) + i + 1) * step;
        return all;
    }

    void Check()
    {
        Positive("rackPitch", spec.RackPitch);
        Positive("aislePitch", spec.AislePitch);
        Positive("longRunStep", spec.LongRunStep);
        NotNegative("trayHeight", spec.TrayHeight);
        NotNegative("systemPortHeight", spec.SystemPortHeight);
        NotNegative("switchPortHeight", spec.SwitchPortHeight);
        NotNegative("slack", spec.Slack);
        AtLeastOne("rows", spec.Rows);
        AtLeastOne("racksPerRow", spec.RacksPerRow);
        AtLeastOne("systemsPerRack", spec.SystemsPerRack);
        AtLeastOne("rackUnits", spec.RackUnits);
        if (!(spec.RackPower.Si > 0)) throw new FabricException("rackPower", $"a rack of {spec.RackPower} feeds nothing");
        if (!(spec.ModulePower.Si >= 0)) throw new FabricException("modulePower", $"a module of {spec.ModulePower} is not possible");
        var before = 0L;
        foreach (var length in spec.PurchasableLengths)
        {
            Positive("purchasableLengths", length);
            if (Millimeters(length) <= before)
                throw new FabricException("purchasableLengths", $"purchasable lengths ascend, and {length} comes after a length that is not shorter");
            before = Millimeters(length);
        }
    }

    static void Positive(string field, Length value)
    {
        if (!(value.Millimeters >= 1 && value.Kilometers <= 1000))
            throw new FabricException(field, $"{field} is {value}; it lies between 1 mm and 1000 km", value.Millimeters >= 1 ? null : 0.001);
    }

    static void NotNegative(string field, Length value)
    {
        if (!(value.Si >= 0 && value.Kilometers <= 1000)) throw new FabricException(field, $"{field} is {value}; it lies between 0 m and 1000 km", null, 0);
    }

    static void AtLeastOne(string field, int? value)
    {
        if (value < 1) throw new FabricException(field, $"{field} is {value}; the nearest possible is 1", null, 1);
    }

    static long Millimeters(Length length) => (long)Math.Round(length.Millimeters, MidpointRounding.AwayFromZero);

    static int Ceiling(int count, int by) => (int)(((long)count + by - 1) / by);
}
