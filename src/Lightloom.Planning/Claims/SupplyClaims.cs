// Who else could supply it: the bill of materials, line by line, with how many vendors make parts that work in each other's place.
//
//   single   Σ price of lines whose class has one vendor, by layer: switches are the loom's; modules, cables and fibre the light's
//   C29      the layer in which more is bought from one vendor alone is the one that locks in

using Lightloom.Catalog;

namespace Lightloom.Planning.Claims;

/// <summary>Claims about vendors; see the head of this file.</summary>
static class SupplyClaims
{
    sealed record Supply(string Name, double Loom, double Light, double LoomSingle, double LightSingle, int LoomVendors, int LightVendors);

    static Supply Of(ClaimContext context, DesignDocument document)
    {
        var lines = BillOfMaterials.Of(context.Evaluate(document).Build, context.Catalog).Lines.Where(l => l.Category != MaterialCategory.Systems).ToList();
        double Sum(bool loom, bool single) => lines.Where(l => (l.Category == MaterialCategory.Switches) == loom && (!single || l.Supply.Vendors.Value == 1)).Sum(l => l.Total.Value.Dollars);
        int Fewest(bool loom) => lines.Where(l => (l.Category == MaterialCategory.Switches) == loom).Select(l => l.Supply.Vendors.Value).DefaultIfEmpty(0).Min();
        return new(document.Design.Name, Sum(true, false), Sum(false, false), Sum(true, true), Sum(false, true), Fewest(true), Fewest(false));
    }

    public static ClaimAnswer LockIn(ClaimContext context, Claim claim)
    {
        var (infiniband, ethernet, packaged) = (Of(context, context.Cluster("superpod-h100-ndr")), Of(context, context.Example("llama3-24k-roce")), Of(context, context.Example("gb200-nvl72-cpo")));
        List<Supply> all = [infiniband, ethernet, packaged];
        static bool Locks(Supply s) => s.LoomSingle > s.LightSingle;
        var locking = all.Where(Locks).ToList();
        return new()
        {
            Claim = claim,
            Verdict = locking.Count == all.Count ? ClaimVerdict.Holds : locking.Count == 0 ? ClaimVerdict.DoesNotHold : ClaimVerdict.HoldsIf,
            Condition = locking.Count is 0 or 3 ? "" : "the switches come from one vendor, as InfiniBand's and co-packaged ones do; over Ethernet with pluggable modules neither layer locks in",
            Reason = string.Join("; ", all.Select(s => $"{s.Name}: {100 * s.LoomSingle / Math.Max(1, s.Loom):0} % of the switches' price from one vendor alone, {100 * s.LightSingle / Math.Max(1, s.Light):0} % of the light's")) + ".",
            Figures =
            [
                .. all.Select(s => new ClaimFigure($"{s.Name}, switches from a single vendor", s.LoomSingle / 1e6, "MUSD")),
                .. all.Select(s => new ClaimFigure($"{s.Name}, optics and cables from a single vendor", s.LightSingle / 1e6, "MUSD")),
                .. all.Select(s => new ClaimFigure($"{s.Name}, vendors of switches, the fewest", s.LoomVendors, "")),
                .. all.Select(s => new ClaimFigure($"{s.Name}, vendors of optics and cables, the fewest", s.LightVendors, "")),
            ],
            On = [.. all.Select(s => s.Name)],
            Assumptions = ["vendors of a class by the catalogue's supply classes, all of them recalled; systems with their accelerators are left out; spares counted"],
            Flips = [new("vendors of InfiniBand switches", infiniband.LoomVendors == 1 ? 2 : null, "", "with a second one nothing of that fabric is bought from one vendor alone")],
            Weakest = Grade.Assumption,
        };
    }
}
