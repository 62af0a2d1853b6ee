namespace Lightloom.Simulation.Packets.Transports;

/// <summary>How receivers hold senders back that have no window of their own: a type parameter of <see cref="CreditsAlone{TCredits}"/>.</summary>
interface ICredits
{
    /// <summary>Whether there are any; without, nothing but the fabric and a pace holds senders back.</summary>
    static virtual bool Given => true;

    /// <summary>How credits are given out.</summary>
    static abstract CreditRules Rules(in PathFacts facts);

    /// <summary>Whether each packet that comes, whole or cut, is a credit for another one; else senders ask for them.</summary>
    static virtual bool PerArrival => false;

    /// <summary>Bytes after which receivers acknowledge unasked.</summary>
    static virtual int AcknowledgeAfter => 16384;
}

readonly record struct NoParameters;

/// <summary>None.</summary>
readonly struct NoCredits : ICredits
{
    public static bool Given => false;

    public static CreditRules Rules(in PathFacts facts) => default;
}

/// <summary>No window: whatever a sender has credit for, if it needs any, may be under way.</summary>
readonly struct CreditsAlone<TCredits> : IWindow<NoParameters>
    where TCredits : struct, ICredits
{
    public static bool Credits => TCredits.Given;

    public static bool AtRate => !TCredits.Given;

    public static bool CreditPerArrival => TCredits.PerArrival;

    public static int AcknowledgeAfter => TCredits.AcknowledgeAfter;

    public long Bytes => long.MaxValue;

    public static CreditRules Rules(in PathFacts facts) => TCredits.Rules(in facts);

    public static NoParameters For(in PathFacts facts) => default;

    public void Start(in NoParameters p)
    {
    }

    public bool Allows(long inFlight) => true;

    public bool Fills(long inFlight) => false;

    public void Acknowledged(in NoParameters p, in Acknowledgement ack)
    {
    }

    public void Trimmed(in NoParameters p, in Acknowledgement nack, bool lastHop)
    {
    }

    public void TimedOut(in NoParameters p, int bytes)
    {
    }
}
