using Lightloom.Quantities;

namespace Lightloom.Fabric.Tests;

/// <summary>The slow, obvious builder: every switch, every port, every cable.</summary>
sealed class EnumeratedFabric
{
    public enum Kind
    {
        System,
        Leaf,
        Spine,
        Core,
        Manager,
    }

    public readonly record struct Device(Kind Kind, int Plane, int Index);

    public List<(string Class, Device Lower, Device Upper)> Cables { get; } = [];

    public Dictionary<Device, int> Ports { get; } = [];

    public EnumeratedFabric(FabricPlan plan, int portsPerSystem, int managers)
    {
        var s = plan.Clos!;
        for (var plane = 0; plane < s.Planes; plane++)
        {
            for (var system = 0; system < s.Systems; system++)
            {
                var unit = system / s.SystemsPerUnit;
                // Port i of the system goes to leaf i / (ports per leaf) of its unit.
                for (var port = 0; port < portsPerSystem / s.Planes; port++)
                    Join("node-leaf", new(Kind.System, 0, system), new(Kind.Leaf, plane, (unit * s.LeavesPerUnit) + (port / s.PortsPerSystemAndLeaf)));
            }
            for (var manager = 0; manager < managers; manager++)
                Join("management-leaf", new(Kind.Manager, plane, manager), FreeLeaf(s, plane, s.UplinksPerLeaf == 0 ? plan.Tiers[0].Radix : s.SystemsPerUnit * s.PortsPerSystemAndLeaf));
            for (var leaf = 0; leaf < s.Leaves; leaf++)
            {
                var (pod, inPod) = Math.DivRem(leaf, s.UnitsPerPod * s.LeavesPerUnit);
                for (var i = 0; i < s.UplinksPerLeaf; i++)
                    Join("leaf-spine", new(Kind.Leaf, plane, leaf),
                        new(Kind.Spine, plane, (pod * s.SpinesPerPod) + (int)((((long)inPod * s.UplinksPerLeaf) + i) % s.SpinesPerPod)));
            }
            for (var spine = 0; spine < s.Spines; spine++)
            {
                var (pod, j) = Math.DivRem(spine, s.SpinesPerPod);
                for (var i = 0; i < s.UplinksPerSpine; i++)
                    Join("spine-core", new(Kind.Spine, plane, spine),
                        new(Kind.Core, plane, (j * s.CoresPerGroup) + (int)((((long)pod * s.UplinksPerSpine) + i) % s.CoresPerGroup)));
            }
        }
    }

    public Dictionary<long, long> Lengths(FloorPlan floor, string name)
    {
        var counts = new Dictionary<long, long>();
        foreach (var (cable, lower, upper) in Cables)
        {
            if (cable != name) continue;
            var run = Run(floor, lower, upper);
            counts[run] = counts.GetValueOrDefault(run) + 1;
        }
        return counts;
    }

    static long Run(FloorPlan floor, Device lower, Device upper)
    {
        var spec = floor.Spec;
        static double Mm(Length l) => Math.Round(l.Millimeters);
        var port = lower.Kind is Kind.System or Kind.Manager ? Mm(spec.SystemPortHeight) : Mm(spec.SwitchPortHeight);
        var up = Mm(spec.SwitchPortHeight);
        var to = Place(floor.Layout, upper);
        var from = lower.Kind == Kind.Manager ? to : Place(floor.Layout, lower);
        if (from == to) return (long)(Math.Max(Math.Round(spec.RackUnits * 44.45 / 2), Math.Abs(port - up)) + (2 * Mm(spec.Slack)));
        return (long)(Math.Abs(Mm(spec.TrayHeight) - port) + Math.Abs(Mm(spec.TrayHeight) - up) + (2 * Mm(spec.Slack)) +
            (Math.Abs(from.Column - to.Column) * Mm(spec.RackPitch)) + (Math.Abs(from.Row - to.Row) * Mm(spec.AislePitch)) +
            (spec.Halls > 1 ? Math.Abs((from.Row / spec.Rows!.Value) - (to.Row / spec.Rows!.Value)) * Mm(spec.HallDistance) : 0));
    }

    public static RackPlace Place(FloorLayout layout, Device device) => device.Kind switch
    {
        Kind.System => layout.OfSystem(device.Index),
        _ => layout.OfSwitch(device.Kind - Kind.Leaf, device.Plane, device.Index),
    };

    Device FreeLeaf(ClosShape s, int plane, int down)
    {
        for (var leaf = 0; leaf < s.Leaves; leaf++)
            if (Ports.GetValueOrDefault(new(Kind.Leaf, plane, leaf)) < down) return new(Kind.Leaf, plane, leaf);
        throw new InvalidOperationException("no leaf has a port left for a fabric manager");
    }

    void Join(string name, Device lower, Device upper)
    {
        Cables.Add((name, lower, upper));
        Ports[lower] = Ports.GetValueOrDefault(lower) + 1;
        Ports[upper] = Ports.GetValueOrDefault(upper) + 1;
    }
}
