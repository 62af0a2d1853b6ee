// RCCC: congestion control by the receiver's credits, of Ultra Ethernet [UEC Specification 1.0, congestion management sublayer: receiver credit-based
// congestion control]. CreditPacer hands them out; a sender
//
//   begins            with credit of 1.5 BDP, which it spends on speculation until the first word from the receiver, and loses then
//   sends             while credit > 0, each packet costs its size
//   asks              in each packet: target = number of its last credit + (unsent + to be sent again - credit), divided among the flows that wait at its card
//   asks again        by a request of its own where it has none left and a packet timed out, at most once per round trip
//   gets              credits of 64 quanta of 256 B at 0.99 of its receiver's rate
//
// Switches don't mark towards hosts, since receivers see to those wires; marks elsewhere still steer entropies.
//
// Worked example: 100 Gb/s, 14.0227 us: 262,926 B of speculation; a credit of 64 quanta, 16 KiB, every 1.324 us.
namespace Lightloom.Simulation.Packets.Transports;

readonly struct Rccc : ICredits
{
    public static CreditRules Rules(in PathFacts facts) => new(256, 64, 0.99, (long)(1.5 * facts.BandwidthDelay), Ahead: true, Speculates: true);
}
