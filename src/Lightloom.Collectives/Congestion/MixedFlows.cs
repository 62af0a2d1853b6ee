// Flows of several sizes on equal links.
//
//   n_c, s_c   flows of class c, and what each puts on its link        L   load that no link may exceed
//
//   f_1(a) = 1 where sum a_c s_c <= L, else 0
//   f_(p+q)(a) = sum over b <= a of prod_c Binomial(a_c, p / (p + q); b_c)  f_p(b) f_q(a - b)        P(M <= L) = f_m(n)
//
// doubling m in log2(m) steps: exact, and every term is a probability. With more than some hundred vectors of counts, links are taken
// as independent compound Poisson and conditioned on the classes' counts by a local limit in as many dimensions as there are classes:
//
//   P(M <= L) = P(link <= L)^m  g(n; m mu, m Sigma) / prod_c P(Poisson(n_c) = n_c)
//
// with mu, Sigma the moments of one link's counts given that it stays within L, and g the normal density.
//
// Example: one flow of 2 and two of 1 on 2 links, L = 2: the two small ones must share the other link: P = 1/4.
namespace Lightloom.Collectives.Congestion;

sealed class MixedFlows : MostLoadedLink
{
    const int MostStates = 400; // vectors of counts that the recursion takes: its steps grow with their square

    readonly FlowClass[] flows;
    readonly int states;
    readonly int[] stride; // state of counts a = sum a_c stride[c]

    public MixedFlows(int links, FlowClass[] flows)
        : base(links, flows.Sum(f => (double)f.Count * f.Weight) / links, flows.Sum(f => (double)f.Count * f.Weight) / links)
    {
        this.flows = flows;
        stride = new int[flows.Length];
        var count = 1.0;
        for (var c = 0; c < flows.Length; c++)
        {
            stride[c] = (int)Math.Min(count, MostStates + 1);
            count *= flows[c].Count + 1.0;
        }
        states = count <= MostStates ? (int)count : 0;
    }

    long Total => flows.Sum(f => (long)f.Count * f.Weight);

    public override double AtMost(int load)
    {
        if (load >= Total) return 1;
        if ((double)load * Links < Total || flows.Any(f => f.Weight > load)) return 0;
        return states > 0 ? Recursive(load) : LocalLimit(load);
    }

    double Recursive(int load)
    {
        var power = new double[states];
        for (var state = 0; state < states; state++) power[state] = LoadOf(state) <= load ? 1 : 0;
        double[]? result = null;
        for (int m = Links, size = 1, has = 0; ; size *= 2)
        {
            if ((m & 1) != 0)
            {
                result = result is null ? power : Join(result, has, power, size);
                has += size;
            }
            m >>= 1;
            if (m == 0) break;
            power = Join(power, size, power, size);
        }
        return Math.Clamp(result![states - 1], 0, 1);
    }

    double[] Join(double[] left, int leftLinks, double[] right, int rightLinks)
    {
        var share = leftLinks / (double)(leftLinks + rightLinks);
        var splits = new double[flows.Length][][];
        for (var c = 0; c < splits.Length; c++) splits[c] = Binomials(flows[c].Count, share);
        var joined = new double[states];
        for (var all = 0; all < states; all++)
        {
            double sum = 0;
            for (var part = 0; part <= all; part++)
            {
                if (left[part] == 0) continue;
                var weight = left[part];
                for (var c = 0; c < flows.Length && weight > 0; c++)
                {
                    var (a, b) = (CountOf(all, c), CountOf(part, c));
                    weight *= b > a ? 0 : splits[c][a][b];
                }
                if (weight > 0) sum += weight * right[all - part];
            }
            joined[all] = sum;
        }
        return joined;
    }

    static double[][] Binomials(int most, double share)
    {
        var rows = new double[most + 1][];
        rows[0] = [1];
        for (var n = 1; n <= most; n++)
        {
            rows[n] = new double[n + 1];
            for (var k = 0; k <= n; k++)
                rows[n][k] = (k > 0 ? share * rows[n - 1][k - 1] : 0) + (k < n ? (1 - share) * rows[n - 1][k] : 0);
        }
        return rows;
    }

    int CountOf(int state, int c) => state / stride[c] % (flows[c].Count + 1);

    long LoadOf(int state)
    {
        var load = 0L;
        for (var c = 0; c < flows.Length; c++) load += (long)CountOf(state, c) * flows[c].Weight;
        return load;
    }

    double LocalLimit(int load)
    {
        var d = flows.Length;
        var means = Array.ConvertAll(flows, f => f.Count / (double)Links);
        var within = 0.0;
        var first = new double[d];
        var second = new double[d, d];
        Sum(0, load, 1, new int[d]);
        if (within <= 0) return 0;
        var difference = new double[d];
        var spread = new double[d, d];
        for (var i = 0; i < d; i++)
        {
            difference[i] = Links * (means[i] - first[i] / within);
            for (var j = 0; j < d; j++) spread[i, j] = Links * (second[i, j] / within - first[i] * first[j] / within / within);
        }
        if (!Factor(spread, out var logDeterminant)) return 0;
        var log = Links * Math.Log(Math.Min(1, within)) - d / 2.0 * Math.Log(2 * Math.PI) - logDeterminant - Distance(spread, difference) / 2;
        foreach (var flow in flows) log -= Math.Log(TruncatedPoisson.Mass(flow.Count, flow.Count));
        return Math.Clamp(Math.Exp(log), 0, 1);

        void Sum(int c, int left, double probability, int[] counts)
        {
            if (c == d)
            {
                within += probability;
                for (var i = 0; i < d; i++)
                {
                    first[i] += probability * counts[i];
                    for (var j = 0; j < d; j++) second[i, j] += probability * counts[i] * counts[j];
                }
                return;
            }
            var most = Math.Min(left / flows[c].Weight, flows[c].Count);
            for (var a = (int)Math.Max(0, means[c] - 9 * Math.Sqrt(means[c]) - 9); a <= most && a <= means[c] + 10 * Math.Sqrt(means[c]) + 40; a++)
            {
                counts[c] = a;
                Sum(c + 1, left - a * flows[c].Weight, probability * TruncatedPoisson.Mass(means[c], a), counts);
            }
        }
    }

    /// <summary>Cholesky's factor in place, and half of the logarithm of the determinant.</summary>
    static bool Factor(double[,] matrix, out double logDeterminant)
    {
        logDeterminant = 0;
        for (var i = 0; i < matrix.GetLength(0); i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = matrix[i, j];
                for (var k = 0; k < j; k++) sum -= matrix[i, k] * matrix[j, k];
                if (i != j) matrix[i, j] = sum / matrix[j, j];
                else if (sum <= 1e-12) return false;
                else matrix[i, i] = Math.Sqrt(sum);
            }
            logDeterminant += Math.Log(matrix[i, i]);
        }
        return true;
    }

    static double Distance(double[,] factor, double[] difference)
    {
        double sum = 0;
        var solved = new double[difference.Length];
        for (var i = 0; i < solved.Length; i++)
        {
            var value = difference[i];
            for (var k = 0; k < i; k++) value -= factor[i, k] * solved[k];
            solved[i] = value / factor[i, i];
            sum += solved[i] * solved[i];
        }
        return sum;
    }

    private protected override int Top(double probability)
    {
        // Doubling from the mean finds a load that is never exceeded in practice, halving the least such.
        var least = (int)Math.Max(flows.Max(f => f.Weight), Math.Ceiling(MeanLoad));
        var total = (int)Math.Min(Total, int.MaxValue);
        var (low, high) = (least, least + 1);
        while (high < total && Exceeds(high) > probability) (low, high) = (high, (int)Math.Min(total, 2L * high));
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            if (middle >= total || Exceeds(middle) <= probability) high = middle;
            else low = middle + 1;
        }
        return high;
    }

    /// <summary>Chernoff's bound on a link's load, for all links together.</summary>
    double Exceeds(int load)
    {
        var best = double.PositiveInfinity;
        var scale = flows.Max(f => f.Weight);
        for (var t = 0.02; t < 12; t *= 1.25)
        {
            var tilt = t / scale;
            var log = -tilt * (load + 1.0) + Math.Log(Links);
            foreach (var flow in flows) log += flow.Count * TruncatedPoisson.LogOnePlus((Math.Exp(tilt * flow.Weight) - 1) / Links);
            best = Math.Min(best, log);
        }
        return Math.Exp(best);
    }
}
