// Parameters of mechanisms from measured collectives, and from what is believed before (MechanismPriors).
//
//   log p_mj = c_j + log k_mj + d_mj    parameter j of mechanism m: its class's, what the mechanism is known to differ by, and its own part
//   r_i      = log(predicted / measured) of row i
//   minimise   sum of rho(r_i) + sum ((c_j - log median_j) / spread_j)^2 + sum (d_mj / deviation_j)^2 + sum (l_s / launcherSpread)^2
//   rho(r)   = log(1 + (r / w)^2), w = 0.1: squares for small errors, and hardly anything more for large ones, so that outliers (a network
//              that was busy, a library that chose badly) don't draw a mechanism towards themselves. Absolute values in place of this rho
//              left unseen systems off by 15.6 % between 1 and 32 MiB, this one by 13.2 %
//   Rows that somebody's tuner plugin chose the algorithm of teach nothing.
//   l_s      how system s launched: factor exp(l_s) on what its hosts spend, one number a system, of no use for the next system
//
// Solved by Levenberg-Marquardt on the square roots of all terms. A parameter of a mechanism moves the rows of that mechanism alone, so that
// one difference for each parameter of a class serves all its mechanisms.
//
// Example: two mechanisms of one class with 100 rows at sustained = 0.8 and none at all: both come out near 0.8, the second by its class.
using System.Collections.Immutable;
using Lightloom.Catalog;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;

namespace Lightloom.Collectives.Fitting;

/// <summary>Fitted mechanisms. Immutable.</summary>
public sealed class CollectiveFit
{
    const double Width = 0.1;
    const double Step = 1e-4;
    const int MostIterations = 300;
    const int Hops = 8;         // random starts
    const int HopsFromLike = 2; // where a like fit gave a start
    const double Reach = 0.5;   // how far random starts lie, in what is believed of each unknown

    readonly Problem problem;
    readonly double[] point;

    CollectiveFit(Problem problem, double[] point, double cost)
    {
        this.problem = problem;
        this.point = point;
        Cost = cost;
        Mechanisms = problem.Parts(point);
    }

    /// <summary>Every mechanism that something is believed of, by key.</summary>
    public ImmutableDictionary<string, CollectiveParameters> Mechanisms { get; }

    /// <summary>What was minimised.</summary>
    public double Cost { get; }

    /// <summary>Fits.</summary>
    /// <param name="observations">Measured collectives.</param>
    /// <param name="priors">What is believed before.</param>
    /// <param name="start">Where another fit ended, to start there too.</param>
    /// <param name="cancel">Stops the fit.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static CollectiveFit Of(IReadOnlyList<CollectiveObservation> observations, MechanismPriors priors, CollectiveFit? start = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(observations);
        ArgumentNullException.ThrowIfNull(priors);
        var problem = new Problem([.. observations.Where(o => !o.ForeignChoice)], priors);
        // The choice among algorithms makes valleys: the deeper of those below what is believed and below where a like fit ended.
        var (best, cost) = Descend(problem, problem.Believed(), cancel);
        if (start is not null)
        {
            var (other, less) = Descend(problem, problem.From(start.problem, start.point), cancel);
            if (less < cost) (best, cost) = (other, less);
        }
        // ... and around the deepest so far.
        var random = new Random(1);
        for (var hop = 0; hop < (start is null ? Hops : HopsFromLike); hop++)
        {
            var (other, less) = Descend(problem, problem.Around(best, random), cancel);
            if (less < cost) (best, cost) = (other, less);
        }
        return new(problem, best, cost);
    }

    /// <summary>What the mechanisms predict of a row, on the usual launcher.</summary>
    public CollectiveTime Predict(CollectiveObservation observation)
    {
        ArgumentNullException.ThrowIfNull(observation);
        var network = observation.Network;
        var levels = network.Levels(Mechanisms[network.ScaleUp], network.Fabric is { } fabric ? Mechanisms[fabric] : null);
        return CollectiveModel.Default.Time(observation.Kind, observation.Size, network.Group, levels, observation.Algorithm);
    }

    static (double[] Point, double Cost) Descend(Problem problem, double[] from, CancellationToken cancel)
    {
        var point = from;
        var cost = problem.Cost(point);
        var damping = 1e-2;
        var still = 0;
        for (var i = 0; i < MostIterations && still < 8; i++)
        {
            cancel.ThrowIfCancellationRequested();
            var (normal, gradient) = problem.Linearise(point);
            var improved = false;
            for (var attempt = 0; attempt < 8 && !improved; attempt++)
            {
                var damped = normal.Clone();
                for (var d = 0; d < point.Length; d++) damped[d, d] *= 1 + damping;
                var step = damped.Cholesky().Solve(gradient);
                var next = new double[point.Length];
                for (var d = 0; d < next.Length; d++) next[d] = point[d] - Math.Clamp(step[d], -1, 1);
                var reached = problem.Cost(next);
                if (reached < cost)
                {
                    still = cost - reached < 1e-6 * cost ? still + 1 : 0;
                    (point, cost, improved) = (next, reached, true);
                    damping = Math.Max(1e-6, damping / 5);
                }
                else damping *= 5;
            }
            if (!improved) break;
        }
        return (point, cost);
    }

    /// <summary>The unknowns, the rows that they move, and the terms of the sum.</summary>
    sealed class Problem
    {
        readonly List<(string Class, MechanismParameter Parameter, double Median, double Spread)> classes = [];
        readonly List<(string Mechanism, MechanismParameter Parameter, int Class, double Known, double Deviation)> own = [];
        readonly List<(string System, double Spread)> launchers = [];
        readonly Dictionary<(string, MechanismParameter), int> ownAt = [];
        readonly Dictionary<string, int> launcherAt = [];
        readonly MechanismPriors priors;
        readonly string[] used;
        readonly ObservedNetwork[] networks;
        readonly (CollectiveObservation Row, int Network, double Log)[] rows;
        readonly NetworkLevels[] levels;

        public Problem(IReadOnlyList<CollectiveObservation> observations, MechanismPriors priors)
        {
            this.priors = priors;
            networks = [.. observations.Select(o => o.Network).Distinct(ReferenceEqualityComparer.Instance).Cast<ObservedNetwork>()];
            levels = new NetworkLevels[networks.Length];
            var at = networks.Select((n, i) => (n, i)).ToDictionary(p => p.n, p => p.i, (IEqualityComparer<ObservedNetwork>)ReferenceEqualityComparer.Instance);
            rows = [.. observations.Select(o => (o, at[o.Network], Math.Log(o.Time.Seconds)))];
            used = [.. networks.SelectMany(n => n.Fabric is { } f ? new[] { n.ScaleUp, f } : [n.ScaleUp]).Distinct(StringComparer.Ordinal)];
            foreach (var (name, @class) in priors.Classes)
                foreach (var parameter in MechanismParameter.All)
                    if (parameter.Belief(@class) is { } belief) classes.Add((name, parameter, Math.Log(belief.Median), belief.Spread));
            foreach (var key in used)
            {
                var mechanism = priors[key];
                foreach (var parameter in MechanismParameter.All)
                {
                    if (!parameter.Applies(mechanism, priors.Classes[mechanism.Class])) continue;
                    ownAt[(key, parameter)] = own.Count;
                    own.Add((key, parameter, ClassOf(mechanism.Class, parameter), Known(mechanism, parameter), parameter.Belief(priors.Classes[mechanism.Class])!.Deviation));
                }
            }
            foreach (var network in networks.Where(n => n.OneLauncher))
            {
                var spread = priors.Classes[priors[network.ScaleUp].Class].LauncherSpread;
                if (spread > 0 && launcherAt.TryAdd(network.System, launchers.Count)) launchers.Add((network.System, spread));
            }
        }

        int Count => classes.Count + own.Count + launchers.Count;

        int ClassOf(string name, MechanismParameter parameter) => classes.FindIndex(c => c.Class == name && c.Parameter == parameter);

        static double Known(MechanismPrior mechanism, MechanismParameter parameter) =>
            mechanism.Relative is { } relative && relative.TryGetValue(parameter.Name, out var factor) ? Math.Log(factor) : 0;

        public double[] Believed()
        {
            var point = new double[Count];
            for (var i = 0; i < classes.Count; i++) point[i] = classes[i].Median;
            return point;
        }

        /// <summary>A point near another, at random.</summary>
        public double[] Around(double[] point, Random random)
        {
            var near = (double[])point.Clone();
            for (var i = 0; i < near.Length; i++)
            {
                var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
                near[i] += Reach * Sigma(i) * normal;
            }
            return near;
        }

        public double[] From(Problem other, double[] theirs)
        {
            var point = Believed();
            for (var i = 0; i < classes.Count; i++) point[i] = theirs[i];
            for (var i = 0; i < own.Count; i++)
                if (other.ownAt.TryGetValue((own[i].Mechanism, own[i].Parameter), out var at)) point[classes.Count + i] = theirs[classes.Count + at];
            for (var i = 0; i < launchers.Count; i++)
                if (other.launcherAt.TryGetValue(launchers[i].System, out var at)) point[classes.Count + own.Count + i] = theirs[classes.Count + other.own.Count + at];
            return point;
        }

        double Log(double[] point, string mechanism, MechanismParameter parameter)
        {
            if (ownAt.TryGetValue((mechanism, parameter), out var i)) return point[own[i].Class] + own[i].Known + point[classes.Count + i];
            var prior = priors[mechanism];
            return point[ClassOf(prior.Class, parameter)] + Known(prior, parameter);
        }

        CollectiveParameters Part(double[] point, string key, MechanismParameter? moved = null, double by = 0)
        {
            var mechanism = priors[key];
            var @class = priors.Classes[mechanism.Class];
            var none = Sourced<Quantities.Duration>.Of(Quantities.Duration.Zero, "lightloom", Grade.Assumption);
            var fitted = used.Contains(key);
            var part = new CollectiveParameters
            {
                Name = mechanism.Name,
                Sustained = Sourced<double>.Of(1, "lightloom", Grade.Assumption),
                Launch = none,
                Hop = none,
                PieceOverhead = Sourced<Quantities.DataSize>.Of(Quantities.DataSize.Zero, "lightloom", Grade.Assumption),
                PieceSaturation = Sourced<Quantities.DataSize>.Of(Quantities.DataSize.FromBytes(1), "lightloom", Grade.Assumption),
                ConcurrentPeers = Sourced<int>.Of(mechanism.ConcurrentPeers, "lightloom", Grade.Assumption),
                RingsForBulk = mechanism.RingsForBulk,
            };
            foreach (var parameter in MechanismParameter.All)
            {
                if (!parameter.Applies(mechanism, @class)) continue;
                var value = Math.Exp(Log(point, key, parameter) + (parameter == moved ? by : 0));
                part = parameter.With(part, new(value, value, value), fitted ? "nccl-tests-published" : "lightloom", fitted ? Grade.Measured : Grade.Assumption);
            }
            // Reduction in a fabric's switches was measured nowhere here: as much as without, one message up and down.
            if (mechanism.ReducesInNetwork && part.InNetworkSustained is null)
                part = part with { InNetworkSustained = part.Sustained with { Grade = Grade.Assumption }, InNetworkHop = part.Hop with { Grade = Grade.Assumption } };
            return part;
        }

        public ImmutableDictionary<string, CollectiveParameters> Parts(double[] point) =>
            priors.Mechanisms.Keys.ToImmutableDictionary(k => k, k => Part(point, k), StringComparer.Ordinal);

        /// <summary>Logarithms of predicted times, with a parameter of all mechanisms of its class moved.</summary>
        double[] Predict(double[] point, string? movedClass = null, MechanismParameter? moved = null, double by = 0)
        {
            var parts = used.ToDictionary(k => k, k => Part(point, k, priors[k].Class == movedClass ? moved : null, by), StringComparer.Ordinal);
            for (var i = 0; i < networks.Length; i++)
            {
                var network = networks[i];
                var inside = parts[network.ScaleUp];
                if (network.OneLauncher && launcherAt.TryGetValue(network.System, out var at) && MechanismParameter.HostLaunch.Of(inside) is { } host)
                {
                    inside = MechanismParameter.HostLaunch.With(inside, host.Value * Math.Exp(point[classes.Count + own.Count + at]));
                }
                levels[i] = network.Levels(inside, network.Fabric is { } fabric ? parts[fabric] : null);
            }
            var logs = new double[rows.Length];
            for (var i = 0; i < rows.Length; i++)
            {
                var (row, network, _) = rows[i];
                logs[i] = Math.Log(CollectiveModel.Default.Time(row.Kind, row.Size, networks[network].Group, levels[network], row.Algorithm).Seconds);
            }
            return logs;
        }

        public double Cost(double[] point)
        {
            var logs = Predict(point);
            var sum = 0.0;
            for (var i = 0; i < rows.Length; i++) sum += Square(Root(logs[i] - rows[i].Log));
            for (var i = 0; i < point.Length; i++) sum += Square(Belief(point, i));
            return sum;
        }

        // The root of a term of what is believed, and how it falls.
        double Belief(double[] point, int i) => (point[i] - (i < classes.Count ? classes[i].Median : 0)) / Sigma(i);

        double Sigma(int i) => i < classes.Count ? classes[i].Spread
            : i < classes.Count + own.Count ? own[i - classes.Count].Deviation : launchers[i - classes.Count - own.Count].Spread;

        /// <summary>The normal matrix and the gradient of half the sum.</summary>
        public (Matrix<double> Normal, Vector<double> Gradient) Linearise(double[] point)
        {
            var logs = Predict(point);
            var moved = classes.Select(c => Predict(point, c.Class, c.Parameter, Step)).ToArray();
            var normal = new DenseMatrix(Count);
            var gradient = new DenseVector(Count);
            Span<int> at = stackalloc int[3 * MechanismParameter.All.Count + 1];
            Span<double> slopes = stackalloc double[at.Length];
            for (var i = 0; i < rows.Length; i++)
            {
                var network = networks[rows[i].Network];
                var error = logs[i] - rows[i].Log;
                var root = Root(error);
                var fall = Slope(error);
                var count = 0;
                for (var c = 0; c < classes.Count; c++)
                {
                    var slope = (moved[c][i] - logs[i]) / Step * fall;
                    if (slope == 0) continue;
                    var mechanism = priors[network.ScaleUp].Class == classes[c].Class ? network.ScaleUp : network.Fabric!;
                    (at[count], slopes[count++]) = (c, slope);
                    if (ownAt.TryGetValue((mechanism, classes[c].Parameter), out var mine)) (at[count], slopes[count++]) = (classes.Count + mine, slope);
                    if (classes[c].Parameter == MechanismParameter.HostLaunch && network.OneLauncher && launcherAt.TryGetValue(network.System, out var launcher))
                        (at[count], slopes[count++]) = (classes.Count + own.Count + launcher, slope);
                }
                for (var a = 0; a < count; a++)
                {
                    gradient[at[a]] += slopes[a] * root;
                    for (var b = 0; b < count; b++) normal[at[a], at[b]] += slopes[a] * slopes[b];
                }
            }
            for (var i = 0; i < Count; i++)
            {
                normal[i, i] += 1 / Square(Sigma(i));
                gradient[i] += Belief(point, i) / Sigma(i);
            }
            return (normal, gradient);
        }

        static double Square(double x) => x * x;

        // rho's root with its sign: sqrt(log(1 + u^2)), u = r / w, written so that small errors keep their digits.
        static double Root(double r)
        {
            var u = r / Width;
            return Math.Abs(u) < 1e-4 ? u : Math.Sign(u) * Math.Sqrt(Math.Log(1 + u * u));
        }

        static double Slope(double r)
        {
            var u = r / Width;
            return Math.Abs(u) < 1e-4 ? 1 / Width : u / ((1 + u * u) * Root(r)) / Width;
        }
    }
}
