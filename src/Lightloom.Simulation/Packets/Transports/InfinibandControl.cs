// InfiniBand's congestion control: injection delays from a table [InfiniBand Architecture Specification 1.4, annex A10; timer, limit and increase as in Gran et al.,
// First experiences with congestion control in InfiniBand hardware, IPDPS 2010, whose packets of 2 kB took 1.024 us, the timer's unit].
//
//   switch            marks (FECN) what leaves a port in front of which more waits than the rooms of two links hold, so that several lead there, or half of what may wait there
//                     at all (what thresholds of 1 to 15 mean is left to switches); only where the port has credit for another packet: it is the root of the congestion, and
//                     no victim of one behind it
//   receiver          a notice (BECN) for each marked packet
//   notice            i <- min(i + 1, 127);  after each 150 times of a packet:  i <- max(i - 1, 0)
//   pace              the line's rate times 128^(-i / 127): entries of the table are alike steps, and the last leaves as much as 128 senders into one link may have.
//                     Tables are the site's choice; what subnet managers fill in by themselves isn't published
//
// Worked example: after 18 notices the pace is half of the line's. At 100 Gb/s and packets of 4,150 B a step back is every 50 us.
namespace Lightloom.Simulation.Packets.Transports;

struct InfinibandControl : IRate
{
    const int Limit = 127;              // of the table
    const double Least = 1.0 / 128;     // of the line's rate
    const int PeriodPackets = 150;

    static readonly double[] Delay = [.. Enumerable.Range(0, Limit + 1).Select(i => i == 0 ? 0 : Math.Pow(Least, -(double)i / Limit))];

    int index;
    long decreaseAt;

    public static bool Notices => true;

    public static long NoticeEvery => 0;

    /// <summary>Rooms of links that hold as much as waits in front of a port that marks.</summary>
    public const double Threshold = 2;

    public readonly long NextChange => decreaseAt;

    public void Start(in PathFacts facts, long now) => (index, decreaseAt) = (0, long.MaxValue);

    public readonly bool Allows(long inFlight) => true;

    public readonly void Acknowledged(in PathFacts facts, double load, int upTo, int next)
    {
    }

    public readonly long Spacing(in PathFacts facts, int bytes) => (long)(bytes * facts.PerByte * Delay[index]);

    public readonly void Sent(in PathFacts facts, int bytes, long now)
    {
    }

    public void Noticed(in PathFacts facts, long now)
    {
        index = Math.Min(index + 1, Limit);
        if (decreaseAt == long.MaxValue) decreaseAt = now + Period(in facts);
    }

    public void Change(in PathFacts facts, long now)
    {
        if (now < decreaseAt) return;
        index--;
        decreaseAt = index > 0 ? now + Period(in facts) : long.MaxValue;
    }

    static long Period(in PathFacts facts) => (long)(PeriodPackets * facts.Packet * facts.PerByte);
}
