// DCQCN: rates for RoCEv2 [Zhu et al., Congestion control for large-scale RDMA deployments, SIGCOMM 2015].
//
//   receiver          a notice (CNP) when a marked packet comes, at most one per flow in 50 us
//   notice            target <- rate;  rate <- rate (1 - alpha / 2);  alpha <- (1 - g) alpha + g;  stages T, B <- 0
//   55 us without     alpha <- (1 - g) alpha
//   every 55 us       T <- T + 1, increase;   every 10 MB sent: B <- B + 1, increase
//   increase          fast      max(T, B) < F:   rate <- (rate + target) / 2
//                     hyper     min(T, B) > F:   target += (min(T, B) - F) R_HAI, then as fast
//                     additive  else:            target += R_AI, then as fast
//   g = 1/256, F = 5, R_AI = line / 1000, R_HAI = 10 R_AI (40 and 400 Mb/s at the paper's 40 Gb/s);  line / 1000 <= rate <= line; alpha begins at 1, rate at line
//
// Worked example: the first notice at 100 Gb/s: rate 50, target 100, alpha 1; 55 us later 75 Gb/s, then 87.5, and after five rounds 98.4.
namespace Lightloom.Simulation.Packets.Transports;

struct Dcqcn : IRate
{
    const double Gain = 1.0 / 256, AddShare = 0.001, LeastShare = 0.001;
    const int FastStages = 5, HyperOverAdd = 10;
    const long Period = 55_000_000, BytesPerStage = 10_000_000;

    double rate, target, alpha;         // rates as shares of the line's
    long alphaAt, increaseAt, sent;
    int timeStage, byteStage;

    public static bool Notices => true;

    public readonly double Rate => rate;

    public readonly long NextChange => Math.Min(alphaAt, increaseAt);

    public void Start(in PathFacts facts, long now)
    {
        (rate, target, alpha) = (1, 1, 1);
        (alphaAt, increaseAt) = (long.MaxValue, long.MaxValue);
    }

    public readonly bool Allows(long inFlight) => true;

    public readonly void Acknowledged(in PathFacts facts, double load, int upTo, int next)
    {
    }

    public readonly long Spacing(in PathFacts facts, int bytes) => rate >= 1 ? 0 : (long)(bytes * facts.PerByte / rate);

    public void Sent(in PathFacts facts, int bytes, long now)
    {
        sent += bytes;
        if (sent < BytesPerStage || increaseAt == long.MaxValue) return;
        sent -= BytesPerStage;
        byteStage++;
        Increase();
    }

    public void Noticed(in PathFacts facts, long now)
    {
        target = rate;
        rate = Math.Max(rate * (1 - alpha / 2), LeastShare);
        alpha = (1 - Gain) * alpha + Gain;
        (timeStage, byteStage, sent) = (0, 0, 0);
        (alphaAt, increaseAt) = (now + Period, now + Period);
    }

    public void Change(in PathFacts facts, long now)
    {
        if (now >= alphaAt)
        {
            alpha *= 1 - Gain;
            alphaAt = now + Period;
        }
        if (now < increaseAt) return;
        increaseAt = now + Period;
        timeStage++;
        Increase();
    }

    void Increase()
    {
        var (most, least) = (Math.Max(timeStage, byteStage), Math.Min(timeStage, byteStage));
        if (least > FastStages) target += (least - FastStages) * HyperOverAdd * AddShare;
        else if (most >= FastStages) target += AddShare;
        target = Math.Min(target, 1);
        rate = (rate + target) / 2;
        if (rate > 0.9999) rate = 1;
    }
}
