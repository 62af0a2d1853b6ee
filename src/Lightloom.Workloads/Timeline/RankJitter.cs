// How much longer a step takes because its slowest rank does.
//
//   Each of n ranks is late by an exponential delay of mean d in every step; all wait for the last:
//   E[max] = d·H_n,   H_n = 1 + 1/2 + .. + 1/n ≈ ln n + γ + 1/(2n) - 1/(12n²)
//   Source: Agarwal, Garg and Vishnoi 2005, "The impact of noise on the scaling of collectives", HiPC: exponential noise costs a
//   collective a time that grows with the logarithm of its ranks.
//
// d is a statement about a cluster, not a figure of this project: no published measurement that separates it is part of it, so it is 0
// unless given (grade: assumption).
//
// Worked example, d = 0.1 % of the step: 8 ranks lose 0.27 %, 1,024 ranks 0.75 %, 16,384 ranks 1.03 %.

using Lightloom.Quantities;

namespace Lightloom.Workloads.Timeline;

/// <summary>Delays of single ranks that all others wait for; see the equations at the head of this file.</summary>
/// <param name="MeanShare">Mean delay of one rank in a step, as a share of the step's time.</param>
public readonly record struct RankJitter(Ratio MeanShare)
{
    const double EulerMascheroni = 0.57721566490153286;

    /// <summary>What a step of so many ranks is longer than one whose ranks are all on time.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No ranks.</exception>
    public Duration Of(Duration step, long ranks) => MeanShare.Si == 0 ? Duration.Zero : step * (MeanShare.Si * Harmonic(ranks));

    /// <summary>1 + 1/2 + .. + 1/n, by the sum where it is short.</summary>
    internal static double Harmonic(long n)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 1);
        if (n > 64) return Math.Log(n) + EulerMascheroni + (1 / (2.0 * n)) - (1 / (12.0 * n * n));
        var sum = 0.0;
        for (var k = n; k >= 1; k--) sum += 1.0 / k;
        return sum;
    }
}
