// DCTCP: the window shrinks with the share of marked bytes [Alizadeh et al., DCTCP, SIGCOMM 2010; RFC 8257], here over delivery in any order.
//
//   once a window     alpha <- (1 - g) alpha + g F,   F = marked bytes / bytes of the window,  g = 1/16
//                     w <- w (1 - alpha / 2) where any was marked
//   else              w += m b / w                    one packet m a round trip
//   trim, timeout     w <- w / 2, at most once a window
//   packet <= w <= 1.5 BDP; it begins there
//
// Worked example: all of a window of 200 kB marked, alpha 1: the next is 100 kB; none marked, alpha falls to 0.9375 and the window grows by a packet.
namespace Lightloom.Simulation.Packets.Transports;

readonly record struct DctcpParameters(long Packet, long Largest, long First);

struct Dctcp : IWindow<DctcpParameters>
{
    const double Gain = 1.0 / 16;

    double window;
    double alpha;
    long bytes, marked;                 // of this window so far
    long roundBytes;                    // that end it
    long sinceCut;                      // bytes since the last halving

    public static bool Credits => false;

    public readonly long Bytes => (long)window;

    public static DctcpParameters For(in PathFacts facts)
    {
        var largest = (long)(1.5 * facts.BandwidthDelay);
        return new(facts.Packet, largest, facts.FirstWindow > 0 ? facts.FirstWindow : largest);
    }

    public void Start(in DctcpParameters p)
    {
        (window, alpha) = (p.First, 1);
        (roundBytes, sinceCut) = (p.First, long.MaxValue / 2);
    }

    public readonly bool Allows(long inFlight) => inFlight <= window;

    public readonly bool Fills(long inFlight) => inFlight >= window;

    public void Acknowledged(in DctcpParameters p, in Acknowledgement ack)
    {
        bytes += ack.Bytes;
        sinceCut += ack.Bytes;
        if (ack.Marked) marked += ack.Bytes;
        else window += p.Packet * (double)ack.Bytes / window;
        if (bytes >= roundBytes)
        {
            alpha += Gain * ((double)marked / bytes - alpha);
            if (marked > 0) window *= 1 - alpha / 2;
            (bytes, marked) = (0, 0);
            Bound(in p);
            roundBytes = (long)window;
        }
        Bound(in p);
    }

    public void Trimmed(in DctcpParameters p, in Acknowledgement nack, bool lastHop) => Halve(in p);

    public void TimedOut(in DctcpParameters p, int bytes) => Halve(in p);

    void Halve(in DctcpParameters p)
    {
        if (sinceCut < window) return;
        window /= 2;
        sinceCut = 0;
        Bound(in p);
    }

    void Bound(in DctcpParameters p) => window = Math.Clamp(window, p.Packet, p.Largest);
}
