namespace Lightloom.Simulation.Packets.Transports;

/// <summary>What <see cref="SelectiveTransport{TWindow, TParameters, TEntropies, TRate}"/> keeps per flow: what both ends need, in arrays.</summary>
sealed class SelectiveState<TWindow, TEntropies, TRate>(int flows, bool atRate)
    where TRate : struct, IRate
{
    public SelectiveSender[] Senders = new SelectiveSender[flows];
    public SelectiveReceiver[] Receivers = new SelectiveReceiver[flows];
    public TWindow[] Windows = new TWindow[flows];
    public TEntropies[] Entropies = new TEntropies[flows];
    public SelectivePace<TRate>[] Paces = atRate ? new SelectivePace<TRate>[flows] : [];

    public void Grow(int flows)
    {
        Array.Resize(ref Senders, flows);
        Array.Resize(ref Receivers, flows);
        Array.Resize(ref Windows, flows);
        Array.Resize(ref Entropies, flows);
        if (atRate) Array.Resize(ref Paces, flows);
    }
}

struct SelectiveSender
{
    public long InFlight, Unsent, AgainBytes;   // bytes with headers
    public long ReceivedThere;                  // as far as the sender knows
    public long TimerAt;                        // 0: no timer
    public long Credit, CreditNumber, RequestedAt;
    public int Next, Cumulative;                // packets [Cumulative .. Next) may be under way
    public int Packets, LastSize;
    public int Again, AgainFrom;                // to be sent again: how many, none before this
    public int Block, Words;                    // records of packets, by number modulo Words
    public uint Random;
    public bool Waiting, Done, Started, Speculating;
}

struct SelectiveReceiver
{
    public long Received, Payload;              // bytes with headers; without
    public int Expected, OutOfOrder, SinceAck;
    public int Block, Words;                    // bitmap, by number modulo 64 Words
    public bool Wanted, Complete, SeenLast;
}

/// <summary>Of flows that have a pace.</summary>
struct SelectivePace<TRate>
{
    // sender
    public TRate Rate;
    public long NextAt;                         // not before this
    public long TimerAt;                        // 0: no timer

    // receiver
    public long NoticedAt;                      // 0: never
    public int Beyond;                          // the first packet behind all that were seen
}
