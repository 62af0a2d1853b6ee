namespace Lightloom.Planning.Reliability;

/// <summary>What of a process a figure moves.</summary>
enum FigureRole
{
    /// <summary>How often it happens.</summary>
    Rate,

    /// <summary>Time until it is noticed.</summary>
    Detection,

    /// <summary>Time until the part is back.</summary>
    Repair,

    /// <summary>Share of its pace that the job loses meanwhile.</summary>
    Slowdown,
}

/// <summary>What uncertain figures of a job are over those that are believed. Its default leaves everything as it is.</summary>
/// <param name="places">Which figure moves what: role r of process i at [Roles · i + r], -1 for none.</param>
/// <param name="factors">Of each figure, its value over the believed one.</param>
/// <param name="write">The factor of the time to write a checkpoint.</param>
/// <param name="restart">The factor of the time to restart without a spare.</param>
readonly ref struct FigureFactors(int[] places, ReadOnlySpan<double> factors, double write, double restart)
{
    /// <summary>Roles of a process.</summary>
    public const int Roles = 4;

    readonly ReadOnlySpan<double> factors = factors;
    readonly int[]? places = places;
    readonly double write = write, restart = restart;

    /// <summary>The factor of the time to write a checkpoint.</summary>
    public double Write => places is null ? 1 : write;

    /// <summary>The factor of the time to restart without a spare.</summary>
    public double Restart => places is null ? 1 : restart;

    /// <summary>A factor of a process.</summary>
    /// <param name="process">Its place among the job's processes.</param>
    /// <param name="role">What of it.</param>
    public double Of(int process, FigureRole role) => places is null || places[(Roles * process) + (int)role] is not (>= 0 and var place) ? 1 : factors[place];
}
