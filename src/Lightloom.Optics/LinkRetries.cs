// What lost frames cost where the link, or the connection over it, sends them again.
//
//   f     frame loss ratio
//   F     a frame on the wire                                                            bits
//   R     rate of the link                                                               bit/s
//   T     turn: from the end of a lost frame until its sender knows, round trip and processing; or the timeout    s
//   D     = R T              bandwidth-delay product                                     bits
//   N     = 1 + D/F          frames that a loss costs with go-back-N: the lost one and what was sent behind it
//   W     frames kept for sending again, before the sender must wait for an acknowledgement;  w = min(1, W/(D+F))
//   c     time that a loss takes from the link, in frames:
//           go-back-N   c = N
//           selective   c = 1 + min(D, max(0, 2(D+F) − W))/F     with W below two turns the sender stalls behind the hole
//   goodput / R   = 1 / ( 1/w + c f/(1−f) )     each delivered frame was lost f/(1−f) times before
//                 = (1−f)/(1−f + N f) with go-back-N, 1−f with selective retransmission and room enough
//   losses        = goodput/F · f/(1−f)                                                  1/s
//   stall of a loss = (T + F/R)/(1−f)           what is behind a lost frame waits until it is there, sent once or more
//   stalled time  = losses · (T + F/R), at most all          a stall holds 1/(1−f) losses of one frame
//
// Losses are independent: where a codeword takes several frames with it at once, go-back-N pays once for all of them and the figure
// is pessimistic.
//
// Example: 800 Gb/s, frames of 4096 octets, T = 5.4 µs (500 m and its modules, twice): D = 540 kB, N = 132.8. At f = 1e-4 go-back-N
// keeps 98.69 %, selective retransmission 99.99 %; 2410 (2441) losses a second, each stalls what is behind it for 5.44 µs.

using Lightloom.Quantities;

namespace Lightloom.Optics;

/// <summary>What is sent again after a lost frame.</summary>
public enum OnFrameLoss
{
    /// <summary>Everything from the lost frame on, as link-level retry and InfiniBand's reliable connection do.</summary>
    GoBackN,

    /// <summary>The lost frame alone.</summary>
    RetransmitSelectively,
}

/// <summary>Retransmission over a link, or over a path of links: what frame loss costs in bandwidth and time.</summary>
/// <remarks>
/// Bertsekas and Gallager, Data Networks, section 2.4; Ultra Ethernet 1.0 for link-level retry. Independent losses, a busy sender,
/// acknowledgements that are never lost. Pure functions; nothing here allocates.
/// </remarks>
public readonly record struct LinkRetries
{
    /// <summary>Rate of the link.</summary>
    public required Bandwidth Rate { get; init; }

    /// <summary>A frame with its preamble and gap on the wire.</summary>
    public required DataSize Frame { get; init; }

    /// <summary>From the end of a lost frame until its sender knows of the loss: round trip and processing, or a timeout.</summary>
    public required Duration Turn { get; init; }

    /// <summary>What is sent again.</summary>
    public OnFrameLoss Policy { get; init; }

    /// <summary>What the sender may have sent without an acknowledgement; null where there is always room.</summary>
    public DataSize? Window { get; init; }

    /// <summary>Retransmission over an engineered link at its own latency.</summary>
    /// <param name="link">The link.</param>
    /// <param name="rate">Its rate.</param>
    /// <param name="frame">A frame with its preamble and gap on the wire.</param>
    /// <param name="processing">Time that both ends take to find a loss, answer and begin again.</param>
    /// <param name="policy">What is sent again.</param>
    public static LinkRetries Over(EngineeredLink link, Bandwidth rate, DataSize frame, Duration processing, OnFrameLoss policy)
    {
        ArgumentNullException.ThrowIfNull(link);
        return new() { Rate = rate, Frame = frame, Turn = 2 * link.Latency.Total + processing, Policy = policy };
    }

    /// <summary>Share of frames lost over several links that lose the same share each.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The ratio is not between 0 and 1, or there is no link.</exception>
    public static double FrameLossOver(int links, double frameLoss)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(links, 1);
        ThrowUnlessRatio(frameLoss);
        double sum = 0, power = 1; // 1-(1-f)^n as f·Σ(1-f)^i, which loses nothing to cancellation when f is small
        for (var i = 0; i < links && power > 0; i++)
        {
            sum += power;
            power *= 1 - frameLoss;
        }
        return Math.Min(1, frameLoss * sum);
    }

    /// <summary>What is on its way in one turn at full rate.</summary>
    public DataSize BandwidthDelayProduct => Rate * Turn;

    /// <summary>What a sender must keep to send without pause while nothing is lost.</summary>
    public DataSize ReplayBuffer => BandwidthDelayProduct + Frame;

    /// <summary>Frames that a loss costs: the lost one, and what is sent in vain or not sent behind it.</summary>
    public double FramesPerLoss
    {
        get
        {
            if (Policy == OnFrameLoss.GoBackN) return ReplayBuffer / Frame;
            return Window is { } window
                ? 1 + Math.Clamp((2 * ReplayBuffer - window) / Frame, 0, BandwidthDelayProduct / Frame)
                : 1;
        }
    }

    /// <summary>Share of the rate that carries frames for the first successful time.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The ratio is not between 0 and 1.</exception>
    /// <exception cref="InvalidOperationException">Rate, frame, turn or window are no link's.</exception>
    public double GoodputShare(double frameLoss)
    {
        ThrowUnlessRatio(frameLoss);
        ThrowUnlessSet();
        return frameLoss == 1 ? 0 : 1 / (1 / WindowShare + FramesPerLoss * frameLoss / (1 - frameLoss));
    }

    /// <summary>Rate that carries frames for the first successful time.</summary>
    /// <inheritdoc cref="GoodputShare"/>
    public Bandwidth Goodput(double frameLoss) => Rate * GoodputShare(frameLoss);

    /// <summary>Rate that losses, and a window that is too small, take.</summary>
    /// <inheritdoc cref="GoodputShare"/>
    public Bandwidth Lost(double frameLoss) => Rate - Goodput(frameLoss);

    /// <summary>Losses per time of a busy link, each of which makes a retry.</summary>
    /// <inheritdoc cref="GoodputShare"/>
    public FailureRate Retries(double frameLoss)
    {
        var goodput = Goodput(frameLoss).BitsPerSecond;
        return FailureRate.FromPerSecond(frameLoss == 1
            ? Rate.BitsPerSecond / Frame.Bits / FramesPerLoss
            : goodput / Frame.Bits * frameLoss / (1 - frameLoss));
    }

    /// <summary>Time that what is behind a lost frame waits for it, on average; infinite where nothing arrives.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The ratio is not between 0 and 1.</exception>
    /// <exception cref="InvalidOperationException">Rate, frame, turn or window are no link's.</exception>
    public Duration StallPerLoss(double frameLoss)
    {
        ThrowUnlessRatio(frameLoss);
        ThrowUnlessSet();
        return (Turn + Frame / Rate) / (1 - frameLoss);
    }

    /// <summary>Share of time in which delivery in order waits for a lost frame, of a busy link.</summary>
    /// <inheritdoc cref="GoodputShare"/>
    public double StalledShare(double frameLoss) => frameLoss == 1 ? 1
        : Math.Min(1, Retries(frameLoss) * StallPerLoss(frameLoss) * (1 - frameLoss));

    /// <summary>The largest frame loss ratio at which a share of the rate is left; 0 where the window alone takes more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The share is not above 0 and at most 1.</exception>
    /// <exception cref="InvalidOperationException">Rate, frame, turn or window are no link's.</exception>
    public double FrameLossAt(double goodputShare)
    {
        if (!(goodputShare is > 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(goodputShare), goodputShare, "a share above 0 and up to 1 is needed");
        ThrowUnlessSet();
        var odds = Math.Max(0, (1 / goodputShare - 1 / WindowShare) / FramesPerLoss);
        return odds / (1 + odds);
    }

    double WindowShare => Window is { } window ? Math.Min(1, window / ReplayBuffer) : 1;

    void ThrowUnlessSet()
    {
        if (!(Rate.Si > 0 && Frame.Si > 0 && Turn.Si >= 0 && double.IsFinite(Rate.Si) && double.IsFinite(Turn.Si) && Window is null or { Si: > 0 }))
            throw new InvalidOperationException($"a rate, a frame and a window above 0 and a turn of 0 or more are needed, not {Rate}, {Frame}, {Window} and {Turn}");
    }

    static void ThrowUnlessRatio(double frameLoss)
    {
        if (!(frameLoss is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(frameLoss), frameLoss, "a frame loss ratio is between 0 and 1");
    }
}
