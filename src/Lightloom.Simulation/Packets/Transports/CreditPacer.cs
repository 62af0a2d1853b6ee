// Receivers give out credits at a little less than the rate of their wire, so that what they ask for fits it [Olteanu et al., EQDS, NSDI 2022; UEC
// Specification 1.0, receiver credit congestion control].
//
//   quantum          Q bytes; a credit is K of them, up to the flow's target
//   pace             a credit of k quanta is followed by the next after k Q · 8 / (share R)
//   turns            flows that want more, each in turn; where none does, those that were satisfied before get up to a window ahead, where rules say so
//
// Numbers of credits only grow, so that a lost one is made good by the next.
namespace Lightloom.Simulation.Packets.Transports;

/// <summary>How receivers give out credits.</summary>
/// <param name="Quantum">Bytes that one number stands for.</param>
/// <param name="PerCredit">Quanta of one credit.</param>
/// <param name="Share">Share of a card's rate that credits ask for.</param>
/// <param name="Most">Bytes that a sender may have credit for, and begins with.</param>
/// <param name="Ahead">Whether flows that want no more get credit ahead while nobody else wants any.</param>
/// <param name="Speculates">Whether a sender loses what is left of its first credit at the first word from the receiver.</param>
readonly record struct CreditRules(long Quantum, long PerCredit, double Share, long Most, bool Ahead, bool Speculates);

sealed class CreditPacer
{
    const long PauseBytes = 1024;
    const int EntropyMask = 127;

    readonly CreditRules rules;
    readonly double perQuantum;
    readonly Turns[] turns;
    Account[] accounts;
    int[] nextActive, nextIdle;

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

    public CreditPacer(int hosts, int flows, in CreditRules rules, double perByte)
    {
        this.rules = rules;
        perQuantum = Math.Floor(rules.Quantum * perByte / rules.Share);
        (accounts, nextActive, nextIdle) = (new Account[flows], new int[flows], new int[flows]);
        turns = new Turns[hosts];
        foreach (ref var t in turns.AsSpan()) (t.ActiveHead, t.ActiveTail, t.IdleHead, t.IdleTail) = (-1, -1, -1, -1);
    }

    public void Grow(int flows)
    {
        Array.Resize(ref accounts, flows);
        Array.Resize(ref nextActive, flows);
        Array.Resize(ref nextIdle, flows);
    }

    /// <summary>Credit in bytes that a sender may have, and begins with.</summary>
    public long MostCredit => rules.Most;

    public long Quantum => rules.Quantum;

    public bool Speculates => rules.Speculates;

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

    /// <summary>One more packet came: another credit.</summary>
    public void WantOne(PacketNet net, int host, int flow) => Want(net, host, flow, accounts[flow].Target + rules.PerCredit, false);

    /// <summary>A flow wants so many more credits at most.</summary>
    public void Limit(int flow, long credits)
    {
        ref var a = ref accounts[flow];
        a.Target = Math.Min(a.Target, a.Given + credits * rules.PerCredit);
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
            if (a.Forgotten || (!rules.Ahead && a.Target <= a.Given)) continue;
            var before = a.Given;
            a.Given = Math.Max(before, Math.Min(before + rules.PerCredit, a.Target));
            if (a.Target > a.Given)
            {
                a.Active = true;
                Append(ref t.ActiveHead, ref t.ActiveTail, nextActive, flow);
            }
            else if (rules.Ahead && !a.Idle)
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
            a.Given += rules.PerCredit;
            if (a.Given >= a.Target && a.Given - a.Target < rules.Most / rules.Quantum)
            {
                a.Idle = true;
                Append(ref t.IdleHead, ref t.IdleTail, nextIdle, flow);
            }
            number = a.Given;
            After(net, host, rules.PerCredit);
            return true;
        }
        t.Running = false;
        return false;
    }

    void After(PacketNet net, int host, long quanta) => net.At(net.Now + (long)(perQuantum * (quanta == 0 ? PauseBytes / rules.Quantum : quanta)), EventKind.HostTimer, host);

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
