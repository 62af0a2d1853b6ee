// HPCC: windows from the load of links, as switches tell it [Li et al., HPCC: high precision congestion control, SIGCOMM 2019], over RoCE's delivery and pauses.
//
//   telemetry         u of the fullest link on the way (LinkTelemetry.cs), carried back by each acknowledgement
//   u >= eta, or after maxStage rounds:   w = w_c / (u / eta) + w_AI        multiplicative
//   else                                  w = w_c + w_AI                    additive
//   reference         w_c <- w, and the round's number + 1 (0 after a multiplicative one), once per round trip: at the first acknowledgement of a packet that
//                     was sent after the last such moment; in between w follows each acknowledgement from the same w_c
//   pace              w / T, T = the round trip of the longest path, unloaded
//   eta = 0.95, maxStage = 5, w_init = B T, w_AI = w_init (1 - eta) / 100 (the paper's 80 B, for 100 flows at once);  packet <= w <= w_init
//
// Steady with N flows on one link: sum of w = eta B T + N w_AI, so that the link is used to eta + N (1 - eta) / 100, and no queue stands; flows become equal
// since w_AI is the same for all. The paper's packets carry 8 B more for each switch; here they don't.
//
// Worked example: 100 Gb/s, 14.0227 us: w_init = 175,284 B, w_AI = 87.6 B; one flow goes at 95.05 Gb/s.
namespace Lightloom.Simulation.Packets.Transports;

struct Hpcc : IRate
{
    const double Target = 0.95;
    const int MostStages = 5, FlowsAtOnce = 100;

    double window, reference;
    int stage, updateAt;            // the packet whose acknowledgement ends the round

    public static bool Notices => false;

    public static bool HasWindow => true;

    public readonly long NextChange => long.MaxValue;

    public void Start(in PathFacts facts, long now) => reference = window = First(in facts);

    static double First(in PathFacts facts) => facts.FirstWindow > 0 ? facts.FirstWindow : facts.BandwidthDelay;

    public readonly bool Allows(long inFlight) => inFlight < window;

    public readonly long Spacing(in PathFacts facts, int bytes) => (long)(bytes * facts.RoundTrip / window);

    public readonly void Sent(in PathFacts facts, int bytes, long now)
    {
    }

    public readonly void Noticed(in PathFacts facts, long now)
    {
    }

    public readonly void Change(in PathFacts facts, long now)
    {
    }

    public void Acknowledged(in PathFacts facts, double load, int upTo, int next)
    {
        var most = First(in facts);
        var add = most * (1 - Target) / FlowsAtOnce;
        var multiplicative = load >= Target || stage >= MostStages;
        window = Math.Clamp(multiplicative ? (reference / (load / Target)) + add : reference + add, facts.Packet, most);
        if (upTo <= updateAt) return;
        stage = multiplicative ? 0 : stage + 1;
        (reference, updateAt) = (window, next);
    }
}
