using CsCheck;
using Lightloom.Collectives.Congestion;

namespace Lightloom.Collectives.Tests.Congestion;

/// <summary>The law of the fullest link against every placement one by one, against draws, and against published figures.</summary>
public sealed class MostLoadedLinkTests
{
    [Fact]
    public void Two_flows_on_two_links_meet_half_of_the_time()
    {
        var law = MostLoadedLink.Of(2, 2);
        Assert.Equal(0.5, law.AtMost(1), 1e-12);
        Assert.Equal(1.5, law.Expected(), 1e-12);
        Assert.Equal(1, law.MeanLoad);
    }

    [Fact]
    public void The_example_leaves_051_of_one_switch_and_033_of_64()
    {
        var law = MostLoadedLink.Of(16, 64);
        Assert.Equal(7.88, law.Expected(), 0.005);
        Assert.Equal(0.51, 4 / law.Expected(), 0.005);
        Assert.Equal(12.0, law.Expected(128), 0.05);
        Assert.Equal(0.33, 4 / law.Expected(128), 0.005);
    }

    // One row for each number of uplinks; one, two, four, ... flows for each of them. Five of the reference's 24 figures, drawn at
    // random there, stand one off in their last digit (0.56 and 0.80; 0.65 and 0.73; 0.69).
    [Theory]
    [InlineData(8, 0.39, 0.48, 0.57, 0.65, 0.73, 0.79)]
    [InlineData(16, 0.32, 0.41, 0.51, 0.60, 0.68, 0.76)]
    [InlineData(32, 0.28, 0.37, 0.46, 0.56, 0.64, 0.72)]
    [InlineData(64, 0.25, 0.34, 0.43, 0.52, 0.61, 0.70)]
    public void Shares_of_one_switch_and_direction(int links, params double[] shares)
    {
        for (var i = 0; i < shares.Length; i++)
            Assert.Equal(shares[i], Math.Round((1 << i) / MostLoadedLink.Of(links, links << i).Expected(), 2));
    }

    static readonly Gen<(int Links, int Flows)> Small = from m in Gen.Int[1, 5] from f in Gen.Int[1, m > 3 ? 6 : 8] select (m, f);

    [Fact]
    public void Every_placement_counted_one_by_one_gives_the_same_law() => Small.Sample(s =>
    {
        var counted = Enumerate(s.Links, [.. Enumerable.Repeat(1, s.Flows)], [.. Enumerable.Repeat(1.0, s.Links)]);
        var law = MostLoadedLink.Of(s.Links, s.Flows);
        for (var k = 0; k <= s.Flows; k++) Assert.Equal(counted[..(k + 1)].Sum(), law.AtMost(k), 1e-12);
        Assert.Equal(counted.Select((p, k) => p * k).Sum(), law.Expected(), 1e-11);
    }, iter: 60);

    [Fact]
    public void So_does_it_where_links_are_chosen_unequally() =>
        (from m in Gen.Int[1, 3] from n in Gen.Int[1, 2] from f in Gen.Int[1, 6] from w in Gen.Double[0.2, 5] select (m, n, f, w)).Sample(s =>
    {
        var counted = Enumerate(s.m + s.n, [.. Enumerable.Repeat(1, s.f)], [.. Enumerable.Repeat(1.0, s.m), .. Enumerable.Repeat(s.w, s.n)]);
        var law = MostLoadedLink.Of([new(s.m, 1), new(s.n, s.w)], s.f);
        for (var k = 0; k <= s.f; k++) Assert.Equal(counted[..(k + 1)].Sum(), law.AtMost(k), 1e-12);
        Assert.Equal(s.f * Math.Max(1, s.w) / (s.m + s.n * s.w), law.LargestMean, 1e-12);
    }, iter: 60);

    [Fact]
    public void So_does_it_where_flows_differ_in_size() =>
        (from m in Gen.Int[1, 4] from a in Gen.Int[1, 3] from b in Gen.Int[1, 3] from w in Gen.Int[2, 5] select (m, a, b, w)).Sample(s =>
    {
        var counted = Enumerate(s.m, [.. Enumerable.Repeat(1, s.a), .. Enumerable.Repeat(s.w, s.b)], [.. Enumerable.Repeat(1.0, s.m)]);
        var law = MostLoadedLink.Of(s.m, new FlowClass(s.a, 1), new FlowClass(s.b, s.w));
        for (var k = 0; k < counted.Length; k++) Assert.Equal(counted[..(k + 1)].Sum(), law.AtMost(k), 1e-12);
        Assert.Equal(counted.Select((p, k) => p * k).Sum(), law.Expected(), 1e-10);
    }, iter: 60);

    [Fact]
    public void A_flow_of_two_and_two_of_one_fit_two_links_of_two_one_time_in_four() =>
        Assert.Equal(0.25, MostLoadedLink.Of(2, new FlowClass(1, 2), new FlowClass(2, 1)).AtMost(2), 1e-12);

    [Fact]
    public void Flows_of_two_sizes_that_are_one_are_equal_flows()
    {
        var mixed = MostLoadedLink.Of(12, new FlowClass(15, 1), new FlowClass(20, 1));
        var equal = MostLoadedLink.Of(12, 35);
        for (var k = 3; k < 14; k++) Assert.Equal(equal.AtMost(k), mixed.AtMost(k), 1e-12);
        // Too many to recur over: conditioned Poisson laws.
        var many = MostLoadedLink.Of(64, new FlowClass(300, 2), new FlowClass(212, 2));
        var alike = MostLoadedLink.Of(64, 512);
        for (var k = 12; k < 26; k++) Assert.Equal(alike.AtMost(k), many.AtMost(2 * k), 0.01);
    }

    [Theory]
    [InlineData(16, 16), InlineData(16, 256), InlineData(40, 1000), InlineData(7, 9000), InlineData(300, 300)]
    public void Draws_agree_with_the_law(int links, int flows)
    {
        const int Draws = 6_000;
        var random = new Random(20261127);
        var law = MostLoadedLink.Of(links, flows);
        double sum = 0, squares = 0;
        var load = new int[links];
        var draws = flows > 2000 ? Draws / 10 : Draws;
        for (var d = 0; d < draws; d++)
        {
            Array.Clear(load);
            for (var f = 0; f < flows; f++) load[random.Next(links)]++;
            var most = load.Max();
            sum += most;
            squares += (double)most * most;
        }
        var mean = sum / draws;
        var error = Math.Sqrt((squares / draws - mean * mean) / draws);
        Assert.InRange(law.Expected(), mean - 5 * error, mean + 5 * error);
    }

    [Fact]
    public void Draws_of_unequal_flows_agree_with_the_law()
    {
        const int Draws = 6_000, Links = 24;
        var random = new Random(7);
        var law = MostLoadedLink.Of(Links, new FlowClass(48, 4), new FlowClass(192, 1));
        double sum = 0, squares = 0;
        for (var d = 0; d < Draws; d++)
        {
            var load = new int[Links];
            for (var f = 0; f < 48; f++) load[random.Next(Links)] += 4;
            for (var f = 0; f < 192; f++) load[random.Next(Links)]++;
            sum += load.Max();
            squares += (double)load.Max() * load.Max();
        }
        var mean = sum / Draws;
        var error = Math.Sqrt((squares / Draws - mean * mean) / Draws);
        // The local limit is an approximation: some tenths of a per cent beyond what the draws scatter.
        Assert.InRange(law.Expected(), mean * 0.995 - 5 * error, mean * 1.005 + 5 * error);
    }

    // Where the exact sum takes too long.
    [Theory]
    [InlineData(16, 1024), InlineData(16, 8192), InlineData(64, 1024), InlineData(55, 24576)]
    public void Where_it_takes_its_place_the_local_limit_is_within_a_thousandth(int links, int flows)
    {
        foreach (var trials in (int[])[1, 100, 4000])
        {
            var exact = MostLoadedLink.Of(links, flows, LoadLaw.Exact).Expected(trials);
            Assert.Equal(exact, MostLoadedLink.Of(links, flows, LoadLaw.LocalLimit).Expected(trials), 1e-3 * exact);
            Assert.Equal(exact, MostLoadedLink.Of(links, flows).Expected(trials), 1e-3 * exact);
        }
    }

    // Fewer points than all that there could be, and of large loads every second or third.
    [Theory]
    [InlineData(8, 2048), InlineData(4, 4096), InlineData(2, 20000), InlineData(15, 600)]
    public void Few_links_are_exact_whatever_is_left_out_of_the_sum(int links, int flows)
    {
        var (exact, quick) = (MostLoadedLink.Of(links, flows, LoadLaw.Exact), MostLoadedLink.Of(links, flows));
        foreach (var x in (double[])[0.5, 2, 3, 4])
        {
            var load = (int)(flows / (double)links + x * Math.Sqrt(flows / (double)links));
            Assert.Equal(exact.AtMost(load), quick.AtMost(load), 1e-10);
        }
        var all = 0.0;
        for (var k = flows / links; k < flows / links + 13 * Math.Sqrt(flows / (double)links) + 13; k++) all += 1 - Math.Pow(quick.AtMost(k), 50);
        Assert.Equal(flows / links + all, quick.Expected(50), 1e-5 * quick.MeanLoad);
    }

    [Theory]
    [InlineData(16, 64), InlineData(48, 700), InlineData(64, 2048), InlineData(12, 20)]
    public void The_local_limit_stays_close_to_the_exact_sum(int links, int flows)
    {
        var exact = MostLoadedLink.Of(links, flows, LoadLaw.Exact);
        var limit = MostLoadedLink.Of(links, flows, LoadLaw.LocalLimit);
        for (var k = flows / links + 1; k < flows / links + 30; k++) Assert.Equal(exact.AtMost(k), limit.AtMost(k), 0.002);
        Assert.Equal(exact.Expected(200), limit.Expected(200), 0.01 * exact.Expected(200));
    }

    [Fact]
    public void Quantiles_and_means_of_many_hashings_are_those_of_the_powers_of_the_law()
    {
        var law = MostLoadedLink.Of(16, 256);
        var q = law.Quantile(0.95, 100);
        Assert.True(Math.Pow(law.AtMost(q), 100) >= 0.95 && Math.Pow(law.AtMost(q - 1), 100) < 0.95);
        var mean = Enumerable.Range(0, 256).Sum(k => 1 - Math.Pow(law.AtMost(k), 100));
        Assert.Equal(mean, law.Expected(100), 1e-8);
        Assert.True(law.Expected(1000) > law.Expected(100) && law.Expected(100) > law.Expected());
    }

    [Fact]
    public void Many_flows_on_many_links_approach_the_mean()
    {
        // E[M] = l + sqrt(2 l ln m) to first order.
        var law = MostLoadedLink.Of(1000, 10_000_000);
        Assert.Equal(10_000 + Math.Sqrt(2 * 10_000 * Math.Log(1000)), law.Expected(), 80.0);
        Assert.Equal(1, MostLoadedLink.Of(1, 100).Expected() / 100, 1e-12);
    }

    [Fact]
    public void What_is_no_count_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => MostLoadedLink.Of(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => MostLoadedLink.Of(1, 0));
        Assert.Throws<ArgumentException>(() => MostLoadedLink.Of([new(1, -1)], 1));
        Assert.Throws<ArgumentException>(() => MostLoadedLink.Of(2, new FlowClass(1, 0)));
        Assert.Throws<ArgumentOutOfRangeException>(() => MostLoadedLink.Of(2, 2).Quantile(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => MostLoadedLink.Of(2, 2).Expected(0));
    }

    /// <summary>Probability of each largest load, every placement by itself.</summary>
    static double[] Enumerate(int links, int[] sizes, double[] weights)
    {
        var law = new double[sizes.Sum() + 1];
        Place(0, new int[links], 1);
        return law;

        void Place(int flow, int[] load, double probability)
        {
            if (flow == sizes.Length)
            {
                law[load.Max()] += probability;
                return;
            }
            for (var link = 0; link < links; link++)
            {
                load[link] += sizes[flow];
                Place(flow + 1, load, probability * weights[link] / weights.Sum());
                load[link] -= sizes[flow];
            }
        }
    }
}
