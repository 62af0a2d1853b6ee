using Lightloom.Quantities;

namespace Lightloom.Fabric;

// A pod is a block of ρ rows, near-square unless the floor wants otherwise; blocks stand side by side and row behind row. Pods are
// alike, so one of them is counted (and the last, when it holds fewer systems). In each of the ρ rows of a pod stand
//
//   S = ⌈racks of systems / ρ⌉ racks of systems,   N = ⌈planes · (λ + σ) / K⌉ racks of switches,   K switches to a rack,
//   λ = ⌈leaves / ρ⌉ leaves and σ = ⌈spines / ρ⌉ spines of each plane, leaves first, plane after plane.
//
// Cores stand side by side in rows of their own, between the pods in the middle of the floor.
//
// Runs are as in FloorRules. One pod costs O(leaves + rows), all cores
// O(rows + racks in a row); neither grows with the number of cables.
//
// Worked example: 4 systems with a port each in one rack, a switch in the rack beside it; pitch 0.6 m, tray 2.7 m, ports 1 m,
// slack 0.5 m: 4 cables of 1.7 + 0.6 + 1.7 + 1 = 5 m.

/// <summary>Lays a fabric of one to three tiers out on a floor and counts its cables by length.</summary>
sealed class ClosFloorPlanner
{
    // Shapes of a pod that are tried on a floor that is short of rows.
    const int MostShapes = 64;

    readonly FabricPlan fabric;
    readonly ClosShape shape;
    readonly FloorSpec spec;
    readonly FloorRules rules;
    readonly List<FloorFinding> findings = [];
    readonly RackRuns systems = new(), leaves = new(), lastLeaves = new(), spines = new(), lastSpines = new(), cores = new();
    readonly bool inRack, middle;
    readonly int perRack, switchesPerRack, coreRacks, podRacks;
    readonly Power systemRackPower, networkRackPower;
    readonly Mass? systemRackMass;

    int rackPlaces; // places in a row
    int podRows, podWidth, podsPerRow; // a pod is podRows × podWidth places
    int systemPlaces, networkPlaces, networkBase; // in each row of a pod
    int leavesPerRow, spinesPerRow;
    int coreRows, coreRow, coreColumn, coresRacksPerRow;

    public ClosFloorPlanner(FabricPlan fabric, FloorSpec spec)
    {
        (this.fabric, this.spec, shape) = (fabric, spec, fabric.Clos ?? throw new ArgumentException("the fabric is no folded Clos", nameof(fabric)));
        rules = new(spec);
        (inRack, middle) = (spec.NetworkRacks == NetworkPlacement.InRack, spec.NetworkRacks == NetworkPlacement.MiddleOfRow);
        (switchesPerRack, networkRackPower) = rules.NetworkRack(fabric.Tiers.Skip(inRack ? 1 : 0), findings);
        (perRack, systemRackPower, systemRackMass) = rules.SystemRack(fabric.Request.System, inRack ? fabric.Tiers[0].Switch : null,
            count => inRack ? shape.Planes * Ceiling(shape.LeavesPerUnit * count, Math.Min(shape.Systems, shape.SystemsPerUnit)) : 0, findings);
        podRacks = Ceiling(shape.SystemsIn(0), perRack);
        coreRacks = (int)(((shape.Planes * shape.Cores) + switchesPerRack - 1) / switchesPerRack);
    }

    int PodLeaves => shape.UnitsPerPod * shape.LeavesPerUnit;

    public FloorPlan Plan()
    {
        ChooseShape();
        var inPod = shape.SystemsIn(0);
        var rows = TotalRows;
        if (rows > spec.Rows)
            findings.Add(new(FloorProblem.FloorTooSmall, "rows",
                $"the fabric takes {rows} rows of {rackPlaces} racks; the floor has {spec.Rows}"));
        coreRow = Ceiling(shape.Pods, podsPerRow) / 2 * podRows;
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
            SystemRackMass = systemRackMass,
            NetworkRackPower = networkPlaces > 0 ? networkRackPower : Power.Zero,
            Width = Length.FromMillimeters(rackPlaces * (double)rules.RackPitch),
            Depth = Length.FromMillimeters(rows * (double)rules.AislePitch),
            Layout = new ClosLayout(shape, spec.NetworkRacks, podRows, podWidth, podsPerRow, systemPlaces, networkPlaces, perRack, switchesPerRack,
                leavesPerRow, spinesPerRow, coreRow, coreRows, coreColumn, coresRacksPerRow),
            Cables = Cables(rows),
            Findings = findings,
        };
    }

    CableLengths[] Cables(int rows)
    {
        var counter = new LengthCounter(rules.Lengths(rows, rackPlaces), rules.RackPitch, rules.AislePitch);
        var cables = new CableLengths[fabric.Links.Count];
        for (var i = 0; i < cables.Length; i++)
        {
            var link = fabric.Links[i];
            switch (link.Name)
            {
                case "node-leaf":
                    counter.Start(rules.Between(1), rules.Inside(1));
                    EachPod(counter, CountNodes);
                    break;
                case "management-leaf":
                    // Fabric managers stand beside the leaves that they use.
                    counter.Start(rules.Between(1), rules.Inside(1));
                    counter.AddInside(link.Count);
                    break;
                case "leaf-spine":
                    counter.Start(rules.Between(0), rules.Inside(0));
                    EachPod(counter, CountLeaves);
                    break;
                default:
                    counter.Start(rules.Between(0), rules.Inside(0));
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

    // Spine j of every pod to the cores [j·c, (j+1)·c) of its plane. Pods side by side are counted together: what they have in
    // common is the row, and so the length of everything but the run along it.
    void CountSpines(LengthCounter counter)
    {
        var (bundle, extra) = Math.DivRem(shape.UplinksPerSpine, shape.CoresPerGroup);
        var rows = Ceiling(shape.SpinesPerPod, spinesPerRow);
        var (bands, rest) = Math.DivRem(shape.Pods, podsPerRow);
        for (var row = 0; bundle > 0 && row < rows; row++)
        {
            FindCores(row);
            for (var r = 0; r < coreRows; r++)
            {
                CountBands(counter, row, coreRow + r, podsPerRow, 0, bands, bundle);
                if (rest > 0) CountBands(counter, row, coreRow + r, rest, bands, bands + 1, bundle);
            }
        }
        if (extra > 0) CountOddLinks(counter, extra);
    }

    // Spines of one row of a pod, rack by rack, with the cores that each rack reaches.
    void FindCores(int row)
    {
        spines.Clear();
        cores.Clear();
        for (var plane = 0; plane < shape.Planes; plane++)
        {
            var end = Math.Min((row + 1) * spinesPerRow, shape.SpinesPerPod);
            for (var j = row * spinesPerRow; j < end;)
            {
                var slot = LeafSlots + (plane * spinesPerRow) + (j % spinesPerRow);
                var together = Math.Min(switchesPerRack - (slot % switchesPerRack), end - j);
                var before = cores.Count;
                PlaceCores(cores, (plane * shape.Cores) + ((long)j * shape.CoresPerGroup), together * shape.CoresPerGroup);
                for (var i = before; i < cores.Count; i++) spines.Add(row, networkBase + (slot / switchesPerRack), 1, 1);
                j += together;
            }
        }
    }

    void CountBands(LengthCounter counter, int row, int toRow, int beside, int firstBand, int endBand, long bundle)
    {
        counter.ClearApart(rackPlaces);
        for (var i = 0; i < cores.Count; i++)
        {
            var run = cores.Items[i];
            if (run.Row != toRow) continue;
            var column = spines.Items[i].Column;
            for (var pod = 0; pod < beside; pod++) counter.AddApart(column + (pod * podWidth), run, bundle);
        }
        if (!counter.SumApart()) return;
        for (var band = firstBand; band < endBand; band++)
        {
            var from = (band * podRows) + row;
            if (from >= coreRow) from += coreRows;
            counter.AddSummed(Math.Abs(from - toRow));
        }
    }

    void CountOddLinks(LengthCounter counter, int extra)
    {
        var perGroup = shape.CoresPerGroup;
        for (var plane = 0; plane < shape.Planes; plane++)
        {
            for (var spine = 0; spine < shape.SpinesPerPod; spine++)
            {
                spines.Clear();
                PlaceSpines(spines, plane, spine, 1);
                var first = (plane * shape.Cores) + ((long)spine * perGroup);
                for (var pod = 0; pod < shape.Pods; pod++)
                {
                    var start = (int)((long)pod * extra % perGroup);
                    cores.Clear();
                    PlaceCores(cores, first + start, Math.Min(extra, perGroup - start));
                    if (start + extra > perGroup) PlaceCores(cores, first, start + extra - perGroup);
                    AddCores(counter, spines.Items[0], pod);
                }
            }
        }
    }

    void AddCores(LengthCounter counter, in RackRun rack, int pod)
    {
        var (block, beside) = (pod / podsPerRow, pod % podsPerRow);
        var row = (block * podRows) + rack.Row;
        if (row >= coreRow) row += coreRows;
        foreach (ref readonly var run in cores.Items)
            counter.AddPairs(rack, run, Math.Abs(row - run.Row), beside * podWidth, 1);
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
        var one = PodWidth(1);
        var ratio = spec.AislePitch / spec.RackPitch;
        var rows = Math.Clamp((int)Math.Round(Math.Sqrt(one / ratio)), 1, Math.Max(1, podRacks));
        if (spec.RacksPerRow is { } given)
        {
            var beside = Math.Clamp(given / PodWidth(rows), 1, shape.Pods);
            if (!Fit(given, beside))
                findings.Add(new(FloorProblem.FloorTooSmall, "racksPerRow",
                    $"a row needs {podWidth} racks for systems and their switches; the floor has {given}"));
            if (!(TotalRows > spec.Rows)) return;
            // Pods of other shapes may waste less.
            var best = (Rows: TotalRows, Beside: beside);
            for (var other = 1; other <= Math.Min(Math.Min(shape.Pods, given), MostShapes); other++)
                if (Fit(given, other) && TotalRows < best.Rows) best = (TotalRows, other);
            Fit(given, best.Beside);
            return;
        }
        if (spec.Rows is { } most)
        {
            // Cores may want several rows, and how many depends on how long the rows become.
            for (var forCores = coreRacks > 0 ? 1 : 0; ; forCores = coreRows)
            {
                var left = Math.Max(1, most - forCores);
                var podHeight = shape.Pods == 1 ? Math.Min(left, Math.Max(1, podRacks)) : Math.Min(rows, left);
                Take(podHeight, Math.Min(shape.Pods, Ceiling(shape.Pods, left / podHeight)), 0);
                if (coreRows <= forCores || forCores >= most - 1) return;
            }
        }
        var width = PodWidth(rows);
        Take(rows, Math.Clamp((int)Math.Round(Math.Sqrt(shape.Pods * (double)rows / width * ratio)), 1, shape.Pods), 0);
    }

    int TotalRows => (Ceiling(shape.Pods, podsPerRow) * podRows) + coreRows;

    // Gives a pod the fewest rows with which so many fit side by side; false when none do, and then the narrowest.
    bool Fit(int places, int beside)
    {
        var each = places / beside;
        var rows = Math.Max(1, podRacks / Math.Max(1, each));
        while (PodWidth(rows) > each && rows < podRacks) rows++;
        Take(rows, beside, places);
        return podWidth <= each;
    }

    void Take(int rows, int beside, int places)
    {
        podWidth = PodWidth(rows);
        (podRows, podsPerRow) = (rows, beside);
        rackPlaces = Math.Max(places, podWidth * beside);
        coreRows = coreRacks == 0 ? 0 : Ceiling(coreRacks, rackPlaces);
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

    static int Ceiling(int count, int by) => FloorRules.Ceiling(count, by);
}
