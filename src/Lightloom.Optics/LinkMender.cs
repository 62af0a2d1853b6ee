using Lightloom.Quantities;
using static Lightloom.Optics.Medium;

namespace Lightloom.Optics;

/// <summary>Finds the changes that would each make a link close, the cheapest first.</summary>
static class LinkMender
{
    /// <summary>
    /// An attenuator where a receiver is overloaded; one connector less costs nothing; then another medium, by price; then fewer elements or connectors, and a shorter run, which
    /// move equipment.
    /// </summary>
    public static IReadOnlyList<string> Mends(LinkRequest request, Medium medium, Medium[] pool)
    {
        var mends = new List<string>();
        var score = medium.Evaluate(request);
        var lost = medium.Available - medium.Margin(request, request.Basis, medium.CableLength(request.Run.Si));
        if (medium.Impediment is null && score.Use <= 1 + medium.Overload && lost < medium.Overload - Tolerance)
            mends.Add($"add an attenuator of {Number(Math.Ceiling((medium.Overload - lost) * 10 - Tolerance) / 10)} dB");
        var fewer = ConnectorsToDrop(request, medium);
        if (fewer == 1) mends.Add("drop one connector");
        mends.AddRange(Replacements(request, medium, pool));
        if (fewer > 1) mends.Add($"drop {fewer} connectors");
        if (request.Elements.Count > 0 && medium.Evaluate(request with { Elements = [] }).Closes)
            mends.Add($"take {string.Join(" and ", request.Elements.Select(e => $"'{e.Name}'"))} out of the path");
        if (Shortened(request, medium) is { } length) mends.Add($"shorten to {length}");
        return mends;
    }

    /// <summary>Other media that close on the same run: first what the policy allows, then the cheapest of the others.</summary>
    public static IReadOnlyList<string> Replacements(LinkRequest request, Medium? instead, Medium[] pool)
    {
        Medium? best = null;
        Score bestScore = default;
        foreach (var other in pool)
        {
            if (ReferenceEquals(other, instead)) continue;
            var score = other.Evaluate(request);
            if (score.Closes && (best is null || LinkEngineer.IsBetter(other, score, best, bestScore, LinkGoal.Cheapest)))
                (best, bestScore) = (other, score);
        }
        if (best is null) return [];
        var what = best.IsCopper || best.IsDirect
            ? $"{Kind(best.Class)}, {Length.FromMeters(best.Reach)}"
            : $"{best.InterfaceName ?? Kind(best.Class)}, {best.Available:0.0} dB, {Length.FromMeters(best.Reach)}";
        return [$"use {best.Name} ({what})"];
    }

    static string Kind(MediaClasses kind) => kind switch
    {
        MediaClasses.PassiveCopper => "passive copper",
        MediaClasses.ActiveCopper => "linear active copper",
        MediaClasses.RetimedCopper => "retimed copper",
        MediaClasses.MultimodeOptics => "multimode optics",
        MediaClasses.CoPackagedOptics => "co-packaged optics",
        _ => "single-mode optics",
    };

    static int ConnectorsToDrop(LinkRequest request, Medium medium)
    {
        var each = medium.ConnectorLoss(request, request.Basis);
        if (medium.IsDirect || each <= 0 || request.Connectors == 0) return 0;
        var margin = medium.Margin(request, request.Basis, medium.CableLength(request.Run.Si));
        var drop = (int)Math.Ceiling(-margin / each - Tolerance);
        return drop >= 1 && drop <= request.Connectors
            && medium.Evaluate(request with { Connectors = request.Connectors - drop }).Closes ? drop : 0;
    }

    static Length? Shortened(LinkRequest request, Medium medium)
    {
        if (medium.LossOf(request) <= 0) return null;
        var byLoss = (medium.Available - medium.FixedLoss(request, request.Basis)) / medium.LossOf(request);
        var limit = Length.FromMeters(Math.Min(byLoss + Tolerance, medium.Reach));
        if (!(limit.Si > 0)) return null;
        var length = medium.IsCopper ? StandardLengths.CopperWithin(limit) : StandardLengths.OpticalWithin(limit);
        return length.Si > 0 && medium.Evaluate(request with { Run = length }).Closes ? length : null;
    }
}
