using Lightloom.Quantities;

namespace Lightloom.Optics;

/// <summary>The lengths that cables are sold in: a run takes the next longer one, and the budget and delay are that cable's.</summary>
/// <remarks>
/// Copper in half metres up to 3 m, then whole metres, as NVIDIA's LinkX lists have it; optical cords in the common lengths
/// up to 100 m and then in tens of metres.
/// </remarks>
public static class StandardLengths
{
    static readonly double[] Cords = [1, 2, 3, 5, 7, 10, 15, 20, 25, 30, 40, 50, 60, 70, 80, 90, 100];

    /// <summary>The shortest copper cable that covers a run.</summary>
    public static Length Copper(Length run) => Length.FromMeters(CopperMeters(run.Meters));

    /// <summary>The shortest optical cable that covers a run.</summary>
    public static Length Optical(Length run) => Length.FromMeters(OpticalMeters(run.Meters));

    /// <summary>The longest copper cable that is no longer than a reach; zero when there is none.</summary>
    public static Length CopperWithin(Length reach)
    {
        var steps = reach.Meters <= 3 ? Math.Floor(reach.Meters * 2 + 1e-9) / 2 : Math.Floor(reach.Meters + 1e-9);
        return Length.FromMeters(Math.Max(0, steps));
    }

    /// <summary>The longest optical cable that is no longer than a reach; zero when there is none.</summary>
    public static Length OpticalWithin(Length reach)
    {
        if (reach.Meters >= 100) return Length.FromMeters(Math.Floor(reach.Meters / 10 + 1e-9) * 10);
        var longest = 0.0;
        foreach (var cord in Cords)
            if (cord <= reach.Meters) longest = cord;
        return Length.FromMeters(longest);
    }

    internal static double CopperMeters(double run) =>
        run <= 0.5 ? 0.5 : run <= 3 ? Math.Ceiling(run * 2 - 1e-9) / 2 : Math.Ceiling(run - 1e-9);

    internal static double OpticalMeters(double run)
    {
        if (run > 100) return Math.Ceiling(run / 10 - 1e-9) * 10;
        foreach (var cord in Cords)
            if (run <= cord + 1e-9) return cord;
        return 100;
    }
}
