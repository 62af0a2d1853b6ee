// Swift: the window follows the delay towards a target [Kumar et al., Swift: delay is simple and effective for congestion control in the datacenter,
// SIGCOMM 2020], here over delivery in any order and with the fabric's delay alone (hosts answer at once).
//
//   target            t = base + f(w),  f = clamp(a / sqrt(w / m) + b, 0, range),  a = range / (1/sqrt(fsmin) - 1/sqrt(fsmax)),  b = -a / sqrt(fsmax)
//   delay < t         w += ai m b_acked / w                             additive, ai packets a round trip
//   delay >= t        w *= max(1 - beta (delay - t) / delay, 1 - mdf)   at most once a round trip
//   trim              as a delay that allows the whole mdf, at most once a round trip;  timeout: the same
//   range = 4 base where fsmin = 0.1, fsmax = 100 packets;  ai = 1, beta = 0.8, mdf = 0.5;  packet <= w <= 1.5 BDP, where it begins
//
// The paper's window may fall below a packet, and is paced then; here a packet is the least, which switches that trim can bear.
//
// Worked example: w = 25 packets, base 14 us: a = 56 / (3.162 - 0.1) = 18.29 us, b = -1.83 us, f = 18.29 / 5 - 1.83 = 1.83 us, target 15.83 us.
namespace Lightloom.Simulation.Packets.Transports;

readonly record struct SwiftParameters(long Packet, long Largest, long First, long Base, double A, double B, double Range);

struct Swift : IWindow<SwiftParameters>
{
    const double Add = 1, Beta = 0.8, MostDecrease = 0.5, LeastScaled = 0.1, MostScaled = 100, RangeInBase = 4;

    double window;
    long baseRoundTrip, roundTrip, decreasedAt;

    public static bool Credits => false;

    public readonly long Bytes => (long)window;

    public static SwiftParameters For(in PathFacts facts)
    {
        var largest = (long)(1.5 * facts.BandwidthDelay);
        var range = RangeInBase * facts.RoundTrip;
        var a = range / (1 / Math.Sqrt(LeastScaled) - 1 / Math.Sqrt(MostScaled));
        return new(facts.Packet, largest, facts.FirstWindow > 0 ? facts.FirstWindow : largest, facts.RoundTrip, a, -a / Math.Sqrt(MostScaled), range);
    }

    public void Start(in SwiftParameters p) => (window, baseRoundTrip, roundTrip) = (p.First, p.Base, p.Base);

    public readonly bool Allows(long inFlight) => inFlight <= window;

    public readonly bool Fills(long inFlight) => inFlight >= window;

    public void Acknowledged(in SwiftParameters p, in Acknowledgement ack)
    {
        if (ack.RoundTrip >= 0)
        {
            roundTrip = ack.RoundTrip;
            baseRoundTrip = Math.Min(baseRoundTrip, roundTrip);
        }
        var target = baseRoundTrip + Math.Clamp(p.A / Math.Sqrt(window / p.Packet) + p.B, 0, p.Range);
        if (roundTrip < target) window += Add * p.Packet * ack.Bytes / window;
        else Decrease(ack.Now, Beta * (roundTrip - target) / roundTrip);
        window = Math.Clamp(window, p.Packet, p.Largest);
    }

    public void Trimmed(in SwiftParameters p, in Acknowledgement nack, bool lastHop)
    {
        Decrease(nack.Now, MostDecrease);
        window = Math.Max(window, p.Packet);
    }

    public void TimedOut(in SwiftParameters p, int bytes) => window = Math.Max(window * (1 - MostDecrease), p.Packet);

    void Decrease(long now, double share)
    {
        if (now - decreasedAt < roundTrip && decreasedAt > 0) return;
        window *= 1 - Math.Min(share, MostDecrease);
        decreasedAt = now;
    }
}
