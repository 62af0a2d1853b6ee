namespace Lightloom.Collectives.Tests;

/// <summary>Loads of ranks under random routing, against tables and against throwing tokens.</summary>
public class ExpertImbalanceTests
{
    // The integral of x n f(x) F(x)^(n - 1), f and F the normal density and distribution, by the trapezoidal rule.
    static double Integral(int count)
    {
        const double step = 1e-3;
        double below = 0, sum = 0;
        for (var x = -9.0; x < 9; x += step)
        {
            var density = Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
            below += density * step;
            sum += x * count * density * Math.Pow(Math.Min(1, below), count - 1) * step;
        }
        return sum;
    }

    [Theory]
    [InlineData(2, 0.07), InlineData(4, 0.015), InlineData(8, 0.01), InlineData(64, 0.015), InlineData(1000, 0.015)]
    public void The_expected_largest_of_normal_values(int count, double share) =>
        Assert.Equal(Integral(count), ExpertImbalance.ExpectedLargest(count), share * Integral(count));

    [Theory]
    [InlineData(1, 0.975, 1.959963985), InlineData(1, 0.5, 0), InlineData(1, 0.01, -2.326347874), InlineData(10, 0.99, 3.089)]
    public void Quantiles_of_the_largest(int count, double probability, double expected) =>
        Assert.Equal(expected, ExpertImbalance.LargestAt(count, probability), 1e-3);

    [Fact]
    public void The_worked_example() => Assert.Equal(0.0327, ExpertImbalance.PerExpert(56 * 128, 8, 64, 4, 256), 5e-5);

    // 64 ranks with 4 experts each; 7,168 tokens that visit 8 of the 256. The seed is fixed: the same tokens every time.
    [Fact]
    public void The_most_loaded_rank_of_thrown_tokens_is_the_expected_one()
    {
        const int ranks = 64, tokens = 7168, perToken = 8, experts = 256, rounds = 40;
        var random = new Random(7);
        var order = Enumerable.Range(0, experts).ToArray();
        double perExpert = 0, deduplicated = 0;
        for (var round = 0; round < rounds; round++)
        {
            int[] copies = new int[ranks], once = new int[ranks];
            for (var t = 0; t < tokens; t++)
            {
                ulong seen = 0;
                for (var i = 0; i < perToken; i++)
                {
                    var j = random.Next(i, experts);
                    (order[i], order[j]) = (order[j], order[i]);
                    var rank = order[i] * ranks / experts;
                    copies[rank]++;
                    if ((seen >> rank & 1) == 0) once[rank]++;
                    seen |= 1UL << rank;
                }
            }
            perExpert += copies.Max() / copies.Average() / rounds;
            deduplicated += once.Max() / once.Average() / rounds;
        }
        var z = ExpertImbalance.ExpectedLargest(ranks);
        var routing = ExpertRouting.Of(experts, perToken, ranks, ranks);
        Assert.Equal(1 + z * ExpertImbalance.PerExpert(tokens, perToken, ranks, 4, experts), perExpert, 0.006);
        Assert.Equal(1 + z * ExpertImbalance.Deduplicated(tokens, routing.Ranks / ranks), deduplicated, 0.006);
    }

    [Fact]
    public void Nothing_to_receive_has_no_spread()
    {
        Assert.Equal(0, ExpertImbalance.Deduplicated(0, 0.5));
        Assert.Equal(0, ExpertImbalance.PerExpert(0, 8, 64, 4, 256));
        Assert.Equal(0, ExpertImbalance.ExpectedLargest(1));
    }
}
