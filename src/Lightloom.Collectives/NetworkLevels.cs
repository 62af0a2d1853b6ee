using System.Collections;
using Lightloom.Quantities;

namespace Lightloom.Collectives;

/// <summary>The levels of a network, innermost first: level 0 is the scale-up domain.</summary>
public sealed class NetworkLevels : IReadOnlyList<NetworkLevel>
{
    /// <summary>The most levels that a network may have.</summary>
    public const int MaxCount = 6;

    readonly NetworkLevel[] levels;

    // Unwrapped once: Time is called millions of times for one set of levels.
    readonly Flat[] flat;

    /// <summary>Levels from the inside out.</summary>
    /// <exception cref="ArgumentException">There is none or there are more than <see cref="MaxCount"/>, or one can't be used.</exception>
    public NetworkLevels(params ReadOnlySpan<NetworkLevel> levels)
    {
        if (levels.Length is 0 or > MaxCount) throw new ArgumentException($"expected 1 to {MaxCount} levels, not {levels.Length}");
        this.levels = levels.ToArray();
        flat = new Flat[levels.Length];
        for (var i = 0; i < flat.Length; i++)
        {
            var level = levels[i];
            if (!(level.Bandwidth.Si > 0 && level.PointToPointBandwidth.Si > 0)) throw new ArgumentException($"level '{level.Name}' has no bandwidth");
            if (!(level.Latency.Si >= 0 && level.LowLatency.Si >= 0 && level.Posting.Si >= 0 && level.Launch.Si >= 0 && level.PieceOverhead.Bytes >= 0 && level.PieceSaturation.Bytes > 0 && level.ConcurrentPeers > 0))
                throw new ArgumentException($"level '{level.Name}' has a negative time or no peers");
            flat[i] = new()
            {
                SecondsPerByte = 1 / level.Bandwidth.BytesPerSecond,
                InNetworkSecondsPerByte = level.InNetworkReduction ? 1 / level.InNetworkBandwidth.BytesPerSecond : double.PositiveInfinity,
                Latency = level.Latency.Seconds,
                InNetworkLatency = level.InNetworkLatency.Seconds,
                Launch = level.Launch.Seconds,
                Pipeline = level.PieceOverhead.Bytes / level.Bandwidth.BytesPerSecond,
                Saturation = level.PieceSaturation.Bytes / level.Bandwidth.BytesPerSecond,
                ConcurrentPeers = level.ConcurrentPeers,
                InNetwork = level.InNetworkReduction,
                PointToPointSecondsPerByte = 1 / level.PointToPointBandwidth.BytesPerSecond,
                LowLatencySecondsPerByte = level.LowLatencyBandwidth.Si > 0 ? 1 / level.LowLatencyBandwidth.BytesPerSecond : double.PositiveInfinity,
                LowLatency = level.LowLatency.Seconds,
                Posting = level.Posting.Seconds,
                RingsForBulk = level.RingsForBulk,
            };
        }
    }

    /// <inheritdoc/>
    public int Count => levels.Length;

    /// <inheritdoc/>
    public NetworkLevel this[int index] => levels[index];

    /// <summary>
    /// What launching costs the hosts, which one collective after another can't undercut: zero where processes have one accelerator each or
    /// a framework launches ahead.
    /// </summary>
    /// <exception cref="ArgumentException">It is negative.</exception>
    public Duration HostLaunch
    {
        get;
        init => field = value.Si >= 0 ? value : throw new ArgumentException($"launching can't take {value}");
    }

    /// <summary>Other levels under the same hosts.</summary>
    /// <param name="each">Gives a level for each of these and its number.</param>
    public NetworkLevels With(Func<NetworkLevel, int, NetworkLevel> each) => new([.. levels.Select(each)]) { HostLaunch = HostLaunch };

    /// <summary>These levels under hosts that spend so long on a launch.</summary>
    public NetworkLevels LaunchedIn(Duration hostLaunch) => new(levels) { HostLaunch = hostLaunch };

    internal ref readonly Flat At(int level) => ref flat[level];

    /// <inheritdoc/>
    public IEnumerator<NetworkLevel> GetEnumerator() => levels.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal struct Flat
    {
        public double SecondsPerByte;
        public double InNetworkSecondsPerByte;
        public double Latency;
        public double InNetworkLatency;
        public double Launch;
        public double Pipeline;
        public double Saturation;
        public double ConcurrentPeers;
        public bool InNetwork;
        public double PointToPointSecondsPerByte;
        public double LowLatencySecondsPerByte;
        public double LowLatency;
        public double Posting;
        public bool RingsForBulk;
    }
}
