// NSCC: the sender's congestion control of Ultra Ethernet [UEC Specification 1.0, section 3.6, congestion management sublayer: network signal-based congestion control]. It
// reads two signals of each acknowledgement, the mark m (ECN) and the queueing delay q = round trip - base, and falls into one of four cases:
//
//            q < target                                     q >= target
//   no mark  proportional:  inc += alpha (target - q) b     fair:  inc += fi b
//   mark     nothing: the path is bad, not the network      decrease, at most once per base round trip:
//                                                           w *= max(1 - gamma (avg - target) / avg, 1/2)  if avg > target
//
//   every 8 packets or round trip   w += inc / w;  every round trip also w += eta
//   fast increase                   after a whole window with q < 1 us:  w += fs b
//   quick adaptation                after a trim, a loss or q > 4 target, once per base + target: if fewer than maxwnd / 8 bytes arrived in that time, the
//                                   window becomes what did arrive; marks and trims of what was then under way are passed over
//   trim                            w -= b;   avg takes a sample of one network round trip
//   avg                             avg += a (q - avg); a sample without mark above target counts as base / 4
//
//   scale A = BDP / (100 Gb/s x 12 us),  B = target / 12 us,  target = 0.75 round trip (1 without trimming)
//   alpha = 4 mss A B / target,  fi = 5 mss A,  eta = 0.15 mss A,  fs = A / 4,  gamma = 0.8,  a = 0.0125
//   packet <= w <= maxwnd = 1.5 BDP of the least round trip seen; it begins at maxwnd
//
// Worked example: 100 Gb/s, 14.0227 us: BDP 175,284 B, A = 1.1686, target 10.517 us, maxwnd 262,926 B, fi = 23,873 B, eta = 716 B.
namespace Lightloom.Simulation.Packets.Transports;

readonly record struct NsccParameters
{
    public required long Packet { get; init; }

    public required long NetworkRoundTrip { get; init; }

    public required double PerByte { get; init; }

    public required long Target { get; init; }

    public required double Alpha { get; init; }

    public required double Fair { get; init; }

    public required double Eta { get; init; }

    public required double FastScale { get; init; }

    public required long FirstWindow { get; init; }
}

struct Nscc : IWindow<NsccParameters>
{
    const double Gamma = 0.8, AverageShare = 0.0125;
    const long ReferenceRoundTrip = 12_000_000, FastBelow = 1_000_000;
    const double ReferenceBdp = 150_000; // 100 Gb/s x 12 us
    const int QuickGate = 3, AdjustPackets = 8;

    long window, largest, baseRoundTrip;
    long average;                       // queueing delay
    double increase;                    // to be divided by the window
    long sinceAdjusted, adjustedAt;     // bytes, time
    long fastBytes;
    long decreasedAt;
    long achieved, adaptUntil, ignored, toIgnore;
    bool fast, adaptWanted;

    public static bool Credits => false;

    public static NsccParameters For(in PathFacts facts)
    {
        var target = (long)(facts.RoundTrip * (facts.Trims ? 0.75 : 1.0));
        var a = facts.BandwidthDelay / ReferenceBdp;
        var b = (double)target / ReferenceRoundTrip;
        return new()
        {
            Packet = facts.Packet,
            NetworkRoundTrip = facts.RoundTrip,
            PerByte = facts.PerByte,
            Target = target,
            Alpha = 4.0 * facts.Payload * a * b / target,
            Fair = 5.0 * facts.Payload * a,
            Eta = 0.15 * facts.Payload * a,
            FastScale = 0.25 * a,
            FirstWindow = facts.FirstWindow,
        };
    }

    public readonly long Bytes => window;

    public void Start(in NsccParameters p)
    {
        baseRoundTrip = p.NetworkRoundTrip;
        largest = LargestFor(baseRoundTrip, in p);
        window = p.FirstWindow > 0 ? p.FirstWindow : largest;
    }

    public readonly bool Allows(long inFlight) => inFlight <= window;

    public readonly bool Fills(long inFlight) => inFlight >= window;

    public void Acknowledged(in NsccParameters p, in Acknowledgement ack)
    {
        (achieved, sinceAdjusted, ignored) = (achieved + ack.Bytes, sinceAdjusted + ack.Bytes, ignored + ack.Bytes);
        var delay = average;
        if (ack.RoundTrip >= 0)
        {
            SeeRoundTrip(ack.RoundTrip, in p);
            delay = ack.RoundTrip - baseRoundTrip;
            Average(delay, ack.Marked, in p);
        }
        if (QuickAdapt(ack.Now, false, ack.Marked, delay, ack.InFlight, in p)) return;
        if (!ack.Marked && delay >= p.Target) increase += p.Fair * ack.Bytes;
        else if (!ack.Marked) Proportional(ack.Bytes, delay, in p);
        else if (delay >= p.Target) Decrease(ack.Now, in p);
        Bound(in p);
        if (sinceAdjusted > AdjustPackets * p.Packet || ack.Now - adjustedAt > p.NetworkRoundTrip) Adjust(ack.Now, in p);
        Bound(in p);
    }

    public void Trimmed(in NsccParameters p, in Acknowledgement nack, bool lastHop)
    {
        if (nack.RoundTrip >= 0) SeeRoundTrip(nack.RoundTrip, in p);
        ignored += nack.Bytes;
        Average(p.NetworkRoundTrip, true, in p);
        adaptWanted = true;
        if (QuickAdapt(nack.Now, true, true, 0, nack.InFlight, in p)) return;
        window -= nack.Bytes;
        Bound(in p);
    }

    public void TimedOut(in NsccParameters p, int bytes) => window = Math.Max(window - bytes, p.Packet);

    void Proportional(long bytes, long delay, in NsccParameters p)
    {
        if (delay < FastBelow)
        {
            fastBytes += bytes;
            if (fastBytes > window || fast)
            {
                window += (long)(bytes * p.FastScale);
                fast = true;
                return;
            }
        }
        else
        {
            fastBytes = 0;
        }
        fast = false;
        increase += p.Alpha * bytes * (p.Target - delay);
    }

    void Decrease(long now, in NsccParameters p)
    {
        (fast, fastBytes) = (false, 0);
        if (average <= p.Target || now - decreasedAt <= baseRoundTrip) return;
        window = (long)(window * Math.Max(1 - Gamma * (average - p.Target) / average, 0.5));
        window = Math.Max(window, p.Packet);
        decreasedAt = now;
    }

    void Adjust(long now, in NsccParameters p)
    {
        window += (long)(increase / window);
        if (now - adjustedAt >= p.NetworkRoundTrip)
        {
            window += (long)p.Eta;
            adjustedAt = now;
        }
        (increase, sinceAdjusted) = (0, 0);
    }

    bool QuickAdapt(long now, bool lost, bool marked, long delay, long inFlight, in NsccParameters p)
    {
        var passed = false;
        if (ignored < toIgnore && marked)
        {
            passed = true;
        }
        else if (now > adaptUntil)
        {
            if (adaptUntil != 0 && (adaptWanted || lost || delay > 4 * p.Target) && achieved < largest >> QuickGate)
            {
                window = Math.Max(achieved, p.Packet);
                (toIgnore, ignored) = (inFlight, 0);
                adaptWanted = false;
                passed = true;
            }
            achieved = 0;
            adaptUntil = now + baseRoundTrip + p.Target;
        }
        if (passed) (increase, sinceAdjusted) = (0, 0);
        return passed;
    }

    void SeeRoundTrip(long roundTrip, in NsccParameters p)
    {
        if (roundTrip >= baseRoundTrip) return;
        baseRoundTrip = roundTrip;
        largest = LargestFor(roundTrip, in p);
    }

    // A short packet to a near host may be back before a full one could be sent.
    static long LargestFor(long roundTrip, in NsccParameters p) => Math.Max((long)(1.5 * (long)(roundTrip / p.PerByte)), p.Packet);

    void Average(long delay, bool marked, in NsccParameters p)
    {
        var sample = !marked && delay > p.Target ? baseRoundTrip * 0.25 : delay;
        average = (long)(AverageShare * sample + (1 - AverageShare) * average);
    }

    void Bound(in NsccParameters p)
    {
        if (window < p.Packet) window = p.Packet;
        if (window > largest) window = largest;
    }
}
