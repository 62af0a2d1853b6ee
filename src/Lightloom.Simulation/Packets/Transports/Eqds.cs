// EQDS: edge-queued datagrams, controlled by their receivers' credits [Olteanu et al., An edge-queued datagram service for all datacenter traffic, NSDI 2022], the
// forebear of Ultra Ethernet's receiver credits (Rccc.cs). CreditPacer hands them out; a sender
//
//   begins            with credit of 1 BDP (the first window, where one is given), which it spends on speculation until the first word from the receiver, and loses then
//   sends             while credit > 0, each packet costs its size
//   asks              in each packet: its backlog, as the number of the credit that would do
//   gets              credits of 8 quanta of 512 B at 0.99 of its receiver's rate; where nobody wants any, up to 1 BDP ahead
//
// Switches trim and don't mark unless asked to; receivers acknowledge as Ultra Ethernet's do.
//
// Worked example: 100 Gb/s, 14.0227 us: 175,284 B of speculation; a credit of 4,096 B every 0.331 us. A flow alone goes at 0.99 of its line from its second
// round trip on: 2 MB take (2,031,360 B - 175,284 B) 0.01 / 0.99 · 80 ps = 1.5 us more than at the line's rate; csg-htsim 1.6 us.
namespace Lightloom.Simulation.Packets.Transports;

readonly struct Eqds : ICredits
{
    public static CreditRules Rules(in PathFacts facts) => new(512, 8, 0.99, facts.FirstWindow > 0 ? facts.FirstWindow : facts.BandwidthDelay, Ahead: true, Speculates: true);
}
