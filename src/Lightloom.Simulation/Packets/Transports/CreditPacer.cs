// Receivers give out credits at a little less than the rate of their wire, so that what they ask for fits it [Olteanu et al., EQDS, NSDI 2022; UEC
// Specification 1.0, receiver credit congestion control].
//
//   quantum          256 B; a credit is 64 of them, up to the flow's target
//   pace             a credit of k quanta is followed by the next after k · 256 B · 8 / (0.99 R)
//   turns            flows that want more, each in turn; where none does, those that were satisfied before get up to a window ahead
//
// Numbers of credits only grow, so that a lost one is made good by the next.
namespace Lightloom.Simulation.Packets.Transports;

sealed class CreditPacer
{
    public const long Quantum = 256;
    const long PerCredit = 64, Pause = 1024 / Quantum;
    const double Share = 0.99;
    const int EntropyMask = 127;

    readonly double perQuantum;
    readonly Account[] accounts;
    readonly Turns[] turns;
    readonly int[] nextActive, nextIdle;

    struct Account
    {
        public long Given, Target;
        public byte Entropy;
        public bool Active, Idle, Forgotten;
    }

    struct Turns
    {
        public int ActiveHead, ActiveTail, IdleHead, IdleTail;
        public bool Running;
    }

    public CreditPacer(int hosts, int flows, int payload, double perByte, long mostCredit)
    {
        perQuantum = Math.Floor(Quantum * perByte / Share);
        MostCredit = mostCredit;
        (accounts, nextActive, nextIdle) = (new Account[flows], new int[flows], new int[flows]);
        turns = new Turns[hosts];
        foreach (ref var t in turns.AsSpan()) (t.ActiveHead, t.ActiveTail, t.IdleHead, t.IdleTail) = (-1, -1, -1, -1);
        _ = payload;
    }

    /// <summary>Credit in bytes that a sender may have, and begins with.</summary>
    public long MostCredit { get; }

    /// <summary>A flow wants credit up to a target.</summary>
    /// <param name="net">Time.</param>
    /// <param name="host">The receiver.</param>
    /// <param name="flow">The flow.</param>
    /// <param name="target">Its target.</param>
    /// <param name="again">Whether something must be sent again, so that it gets a turn even if the target is old.</param>
    public void Want(PacketNet net, int host, int flow, long target, bool again)
    {
        ref var a = ref accounts[flow];
        var more = target > a.Target;
        if (more) a.Target = target;
        if ((!more && !again) || a.Active || a.Forgotten) return;
        a.Active = true;
        ref var t = ref turns[host];
        Append(ref t.ActiveHead, ref t.ActiveTail, nextActive, flow);
        if (t.Running) return;
        t.Running = true;
        net.At(net.Now, EventKind.HostTimer, host);
    }

    /// <summary>The target of which a packet of data carries the lower half: the nearest to the last one.</summary>
    public long NumberOf(int flow, int lower) => accounts[flow].Target + (lower - (int)accounts[flow].Target);

    /// <summary>It has received everything.</summary>
    public void Forget(int flow) => accounts[flow].Forgotten = true;

    public ushort NextEntropy(int flow) => accounts[flow].Entropy = (byte)((accounts[flow].Entropy + 1) & EntropyMask);

    /// <summary>Whose turn it is, and the number of its credit; the next turn is set.</summary>
    public bool Give(PacketNet net, int host, out int flow, out long number)
    {
        ref var t = ref turns[host];
        (flow, number) = (-1, 0);
        while (t.ActiveHead >= 0)
        {
            flow = Remove(ref t.ActiveHead, nextActive);
            ref var a = ref accounts[flow];
            a.Active = false;
            if (a.Forgotten) continue;
            var before = a.Given;
            a.Given = Math.Max(before, Math.Min(before + PerCredit, a.Target));
            if (a.Target > a.Given)
            {
                a.Active = true;
                Append(ref t.ActiveHead, ref t.ActiveTail, nextActive, flow);
            }
            else if (!a.Idle)
            {
                a.Idle = true;
                Append(ref t.IdleHead, ref t.IdleTail, nextIdle, flow);
            }
            number = a.Given;
            After(net, host, a.Given - before);
            return true;
        }
        while (t.IdleHead >= 0)
        {
            flow = Remove(ref t.IdleHead, nextIdle);
            ref var a = ref accounts[flow];
            a.Idle = false;
            if (a.Forgotten) continue;
            a.Given += PerCredit;
            if (a.Given >= a.Target && a.Given - a.Target < MostCredit / Quantum)
            {
                a.Idle = true;
                Append(ref t.IdleHead, ref t.IdleTail, nextIdle, flow);
            }
            number = a.Given;
            After(net, host, PerCredit);
            return true;
        }
        t.Running = false;
        return false;
    }

    void After(PacketNet net, int host, long quanta) => net.At(net.Now + (long)(perQuantum * (quanta == 0 ? Pause : quanta)), EventKind.HostTimer, host);

    static void Append(ref int head, ref int tail, int[] next, int flow)
    {
        next[flow] = -1;
        if (head < 0) head = flow;
        else next[tail] = flow;
        tail = flow;
    }

    static int Remove(ref int head, int[] next)
    {
        var flow = head;
        head = next[flow];
        return flow;
    }
}
