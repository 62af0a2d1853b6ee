// Scale-up bandwidth and what lies beyond it.
//
//   C11   links x rate of one, twice for both directions
//   C12   accelerators of a rack x that
//   C13   ratio of scale-up over scale-out in one direction; and the time of an all-to-all of 64 MiB an accelerator inside a rack and over eight,
//         by the library's best algorithm at sustained rates
//
// Worked example: 18 links of 50 GB/s are 900 GB/s each way, 1.8 TB/s both ways; 72 of them 129.6 TB/s.

using Lightloom.Catalog;
using Lightloom.Collectives;
using Lightloom.Quantities;

namespace Lightloom.Planning.Claims;

/// <summary>Claims about scale-up domains; see the head of this file.</summary>
static class ScaleUpClaims
{
    const double SaidAccelerator = 1.8, SaidRack = 130; // TB/s
    const double SaidScaleOut = 0.8 / 8; // TB/s: 800 Gb/s
    const int Racks = 8;

    static AcceleratorSystem Rack(ClaimContext context) => context.Catalog.Get<AcceleratorSystem>("gb200-nvl72-xdr");

    static double BothWays(AcceleratorSystem rack) => 2 * rack.Accelerator.ScaleUpBandwidth.Value.GigabytesPerSecond / 1000;

    public static ClaimAnswer Accelerator(ClaimContext context, Claim claim)
    {
        var part = Rack(context).Accelerator;
        var (both, links) = (BothWays(Rack(context)), part.ScaleUpLinks!.Value.Value);
        return new()
        {
            Claim = claim,
            Verdict = Math.Abs((both / SaidAccelerator) - 1) <= 0.01 ? ClaimVerdict.Holds : ClaimVerdict.DoesNotHold,
            Reason = $"{links} links of {part.ScaleUpBandwidth.Value.GigabytesPerSecond / links:0} GB/s each way are {both / 2:0.0} TB/s in one direction, and {both:0.0} with both added, which is how it is said.",
            Figures = [new("both directions", both, "TB/s"), new("one direction", both / 2, "TB/s"), new("links", links, "")],
            On = [$"accelerator {part.Key}"],
            Assumptions = ["both directions added, as the published figure does; 1.8 within 1 %"],
            Flips = [new("links", Math.Ceiling(SaidAccelerator * 0.99 / (both / links)), "", "with fewer the sum misses by more than 1 %")],
            Weakest = part.ScaleUpBandwidth.Grade,
        };
    }

    public static ClaimAnswer Rack(ClaimContext context, Claim claim)
    {
        var rack = Rack(context);
        var total = rack.Accelerators.Value * BothWays(rack);
        var holds = Math.Abs((total / SaidRack) - 1) <= 0.01;
        return new()
        {
            Claim = claim,
            Verdict = holds ? ClaimVerdict.Holds : ClaimVerdict.DoesNotHold,
            Reason = $"{rack.Accelerators.Value} accelerators of {BothWays(rack):0.0} TB/s are {total:0.0} TB/s, both directions added; half of it crosses the rack at any time in one.",
            Figures = [new("both directions", total, "TB/s"), new("one direction", total / 2, "TB/s")],
            On = [$"system {rack.Key}"],
            Assumptions = ["130 within 1 %"],
            Flips = [new("accelerators in the rack", Math.Ceiling(SaidRack * 0.99 / BothWays(rack)), "", "with fewer the sum misses by more than 1 %")],
            Weakest = rack.Accelerator.ScaleUpBandwidth.Grade,
        };
    }

    public static ClaimAnswer AgainstScaleOut(ClaimContext context, Claim claim)
    {
        var rack = Rack(context);
        var one = rack.Accelerator.ScaleUpBandwidth.Value.GigabytesPerSecond / 1000;
        var scaleOut = rack.Nic.Rate.Value.GigabytesPerSecond * rack.Nics.Value / rack.Accelerators.Value / 1000;
        var size = DataSize.FromBytes(64 << 20);
        var (inside, across) = (AllToAll(1), AllToAll(Racks));
        var ratio = one / scaleOut;
        var said = SaidAccelerator / SaidScaleOut;
        return new()
        {
            Claim = claim,
            Verdict = Math.Abs((ratio / said) - 1) <= 0.01 ? ClaimVerdict.Holds
                : Math.Abs((scaleOut / SaidScaleOut) - 1) <= 0.01 && Math.Abs((2 * one / SaidAccelerator) - 1) <= 0.01 ? ClaimVerdict.HoldsIf : ClaimVerdict.DoesNotHold,
            Condition = "the two are not divided by each other: the port is counted in one direction, the scale-up domain in both",
            Reason = $"In one direction it is {1000 * one:0} against {1000 * scaleOut:0} GB/s, {ratio:0} to 1 and not {said:0}. An all-to-all of 64 MiB an accelerator takes {inside.Milliseconds:0.00} ms inside a rack and {across.Milliseconds:0.00} ms over {Racks} racks.",
            Figures =
            [
                new("scale-up over scale-out, one direction", ratio, "x"),
                new("as printed", said, "x"),
                new("all-to-all inside a rack", inside.Milliseconds, "ms"),
                new($"all-to-all over {Racks} racks", across.Milliseconds, "ms"),
                new("all-to-all, across over inside", across / inside, "x"),
            ],
            On = [$"system {rack.Key}, 1 and {Racks} of them on InfiniBand"],
            Assumptions = ["64 MiB sent by every accelerator; sustained rates of the catalogue's mechanisms"],
            Flips = [new("scale-out bandwidth of an accelerator", one / said * 8000, "Gb/s", "at it the ratio in one direction would be the printed one")],
            Weakest = rack.Accelerator.ScaleUpBandwidth.Grade,
        };

        Duration AllToAll(int racks)
        {
            var network = CollectiveNetwork.Of(rack, racks, catalog: context.Catalog);
            return CollectiveModel.Default.Time(CollectiveKind.AllToAll, size, network.Group, network.Sustained).Total;
        }
    }
}
