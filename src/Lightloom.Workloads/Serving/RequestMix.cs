// What users ask for: requests of random lengths.
//
//   P, O    mean tokens of a prompt and of an answer; the first token of an answer comes out of the pass that ends its prompt, the other O - 1 of one step each
//   c       standard deviation over the mean of both; lengths are lognormal, independent of each other, and whole tokens, at least one:
//           L = max(1, round(exp(ln m - s²/2 + s·Z))), s² = ln(1 + c²), Z standard normal
//   context of a sequence while it is decoded, on the mean over all that are: P + E[O²] / (2 E[O]) = P + O (1 + c²) / 2
//   means of a function of the prompt: Gauss-Hermite quadrature of seven points, exact for polynomials of ln L up to degree 13
//
// Worked example: P = 1000, O = 200, c = 0 reads 1100 tokens on the mean of an answer; c = 1 reads 1200, because long answers are met more often.

namespace Lightloom.Workloads.Serving;

/// <summary>Lengths of requests; see the head of this file.</summary>
/// <param name="Prompt">Mean tokens of a prompt; at least 1.</param>
/// <param name="Output">Mean tokens of an answer; at least 1.</param>
/// <param name="Variation">Standard deviation of both over their means; 0 where all are alike.</param>
public sealed record RequestMix(int Prompt, int Output, double Variation = 0)
{
    // Nodes and weights of the standard normal distribution: roots of the seventh Hermite polynomial (Abramowitz and Stegun, table 25.10, x times √2, w over √π).
    static readonly (double At, double Weight)[] Nodes =
    [
        (0, 0.457142857142857), (1.154405394739968, 0.240123178605013), (2.366759410734541, 0.0307571239675865), (3.750439717725742, 0.000548268855972217),
    ];

    double Sigma => Math.Sqrt(Math.Log(1 + (Variation * Variation)));

    /// <summary>Tokens that a sequence has behind it while it is decoded, on the mean over all sequences in work.</summary>
    public double MeanContext => Prompt + (Output * (1 + (Variation * Variation)) / 2);

    /// <summary>Steps of decoding that an answer takes on the mean.</summary>
    public double Steps => Output - 1;

    /// <summary>Mean and mean square of a function of the prompt's length.</summary>
    internal (double Mean, double Square) OverPrompts(Func<int, double> of)
    {
        double mean = 0, square = 0;
        foreach (var (at, weight) in Nodes)
        {
            foreach (var z in at > 0 && Variation > 0 ? [at, -at] : new[] { at })
            {
                var share = Variation > 0 ? weight : at > 0 ? 0 : 1;
                if (share == 0) continue;
                var value = of(Length(Prompt, z));
                mean += share * value;
                square += share * value * value;
            }
        }
        return (mean, square);
    }

    /// <summary>A request by chance.</summary>
    internal (int Prompt, int Output) Draw(Random random) =>
        Variation > 0 ? (Length(Prompt, Normal(random)), Length(Output, Normal(random))) : (Prompt, Output);

    int Length(int mean, double z) =>
        Variation > 0 ? (int)Math.Clamp(Math.Round(mean * Math.Exp((Sigma * z) - (Sigma * Sigma / 2))), 1, int.MaxValue / 4) : mean;

    // Box and Muller 1958.
    static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
