using Lightloom.Planning.Logs;

namespace Lightloom.Planning.Tests.Logs;

/// <summary>How errors of predictions fall.</summary>
public class ErrorLawTests
{
    // Of the density that surprises speak of, half lies below the median error and a tenth beyond the band: summed by small steps.
    [Theory]
    [InlineData(0.01194, 1.149)]
    [InlineData(0.03559, 3.191)]
    [InlineData(0.115, 1.538)]
    [InlineData(0.01, 1.0336)]
    public void Half_of_all_errors_are_below_the_median_and_a_tenth_beyond_the_band(double median, double high)
    {
        foreach (var side in new[] { 1, -1 })
        {
            var law = side > 0 ? new ErrorLaw(new("", 0.5, high, median)) : new ErrorLaw(new("", 1 / high, 2, median));
            var (m, e) = (Math.Log(1 + median), Math.Log(high));
            var step = m / 2000;
            double all = 0, near = 0, far = 0;
            for (var x = step / 2; x < 30 * e; x += step)
            {
                var density = Math.Exp(-law.Surprise(side * x));
                all += density;
                if (x < m) near += density;
                if (x > e) far += density;
            }
            Assert.Equal(0.5, near / all, 0.002);
            Assert.Equal(0.1, far / all, 0.002);
        }
    }

    [Fact]
    public void Without_errors_far_away_each_band_further_is_ten_times_rarer()
    {
        var law = new ErrorLaw(new("", 0.8, 1.25, 0.15));
        Assert.Equal(0, law.Surprise(0));
        Assert.Equal(Math.Log(10), law.Surprise(Math.Log(1.25)), 1e-9);
        Assert.Equal(2 * Math.Log(10), law.Surprise(2 * Math.Log(0.8)), 1e-9);
    }

    // The example of ErrorLaw.cs.
    [Fact]
    public void A_third_too_long_surprises_as_the_example_says()
    {
        Assert.Equal(5.6, new ErrorLaw(new("", 0.9429, 1.149, 0.01194)).Surprise(Math.Log(1.33)), 0.05);
        Assert.Equal(5.3, new ErrorLaw(new("", 0.8675, 3.191, 0.03559)).Surprise(Math.Log(1.33)), 0.05);
    }
}
