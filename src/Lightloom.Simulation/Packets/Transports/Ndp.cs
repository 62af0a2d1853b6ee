// NDP: receivers pull packets [Handley et al., Re-architecting datacenter networks and stacks for low latency and high performance, SIGCOMM 2017]. CreditPacer is the
// pull queue; delivery is SelectiveTransport's.
//
//   first             a window of 1 BDP in whole packets (the first window, where one is given) leaves at the line's rate, unasked
//   arrival           of a packet, whole or cut to its header: acknowledged (or asked for again) at once, and one pull for its flow joins the receiver's queue
//   pull              flows that have some each in turn, one packet's time apart at the receiver's rate; it lets one packet go, of those asked for again first
//   last              behind a flow's last packet only what is missing is pulled
//   timeout           a packet that nothing was heard of goes again without a pull
//
// A pull counts packets and its number only grows, so that a lost one is made good by the next. Switches trim and don't mark unless asked to.
//
// Worked example: 100 Gb/s, 14.0227 us: a first window of 43 packets, then one every 0.332 us.
namespace Lightloom.Simulation.Packets.Transports;

readonly struct Ndp : ICredits
{
    public static bool PerArrival => true;

    public static int AcknowledgeAfter => 0;

    public static CreditRules Rules(in PathFacts facts)
    {
        var first = facts.FirstWindow > 0 ? facts.FirstWindow : facts.BandwidthDelay;
        return new(facts.Packet, 1, 1, (first + facts.Packet - 1) / facts.Packet * facts.Packet, Ahead: false, Speculates: false);
    }
}
