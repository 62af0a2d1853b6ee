// Convolution and scan of a Mamba-2 layer (Dao and Gu 2024, "Transformers are SSMs"), for one microbatch on one rank of a tensor x context group.
//
//   t tokens of this rank, H heads of P and G groups on it (all divided by tp), d = H·P, N numbers of a state for each value, c tokens of a piece,
//   S = d·N / c numbers of states for each token. A context group exchanges sequence for heads around it, so that each of its ranks has as much.
//
//   Bytes and FLOP of each token; B and C are what goes into and comes out of states, CB their products in a piece, x what is scanned, z the gates.
//   States between pieces are FP32 where they are made and BF16 where they are read.
//
//   forward          steps          10·H                                    -              softplus and sums of decays in a piece
//                    states         2·d + 2·G·N + 8·H + 4·S                 2·N·d          B'x of each piece
//                    passing        4·S + 2·S                               -              from piece to piece
//                    products       4·G·N + 4·c·G                           2·c·G·N        C'B of each piece, all pairs
//                    scan           8·d + 2·G·N + 4·c·G + 2·S + 8·H         c·d + 2·N·d    half of the pairs, and states; gates; read x, z, write y twice
//   backward         steps, states, passing and products once more, which the forward pass doesn't keep, and
//                    gates          12·d                                    -              read z, y, x, dy, write dz, dy
//                    into states    2·d + 2·G·N + 4·H + 4·S                 2·N·d          C'dy
//                    passing        10·S                                    -
//                    values         6·d + 2·G·N + 4·c·G + 2·S + 4·H         c·d + 2·N·d    dx
//                    dB, dC         2·(2·d + 2·S + 2·G·N + 4·G·N + 4·H)     2·(2·N·d)      in FP32
//                    dCB            4·d + 8·c·G                             c·d
//                    dB, dC         2·(4·c·G + 8·G·N)                       2·(2·c·G·N)    from dCB
//                    decays         4·d + 4·c·G, 20·H                       c·d
//   time of a kernel = max(FLOP / (BF16 peak), bytes / (data-sheet bandwidth)) / share, at least one launch. The share (KernelPerformance.ScanSustained) is
//   that of the scan as measured: its kernels wait for a few large registers' worth of work at a time and fill neither.
//
//   Beside them, at the rate of element-wise work: the convolution with its activation, 4·(d + 2·G·N), again in the backward pass and 6·(d + 2·G·N) behind it;
//   the norm of groups, 4·d; with more than one sequence a copy of what the first matrix gives and of what goes to the last, because scans want sequences
//   together and matrices tokens: 4·(2·d + 2·G·N + H) + 4·d.
//
// Worked example, Nemotron 3 Nano (H 64 of P 64, G 8 of N 128, c 128) on one rank: d = 4096, S = 4096, forward 640 + 27,136 + 24,576 + 8,192 + 47,616 =
// 108,160 B and 1,048,576 + 262,144 + 1,572,864 FLOP; convolution 24,576 B.

namespace Lightloom.Workloads;

/// <summary>The convolution, scan and norm of a state space layer; the equations are at the head of this file.</summary>
static class StateSpaceScan
{
    /// <summary>Kernels of the scan, forward and backward.</summary>
    public const int ForwardKernels = 5, BackwardKernels = 14;

    /// <summary>What it works on, of one rank: tokens, heads, groups, values, numbers of states and of pairs for each token.</summary>
    readonly record struct Sizes(double Tokens, double Heads, double Mixed, double Values, double States, double Pairs, double StateSize, double Chunk);

    static Sizes Of(in TrainingJob job)
    {
        var (p, space) = (job.Parallelism, job.Model.Model.StateSpace!);
        var t = (double)p.MicroBatch * job.Sequence / p.Context;
        double heads = (double)space.Heads / p.Tensor, groups = (double)space.Groups / p.Tensor, values = heads * space.HeadSize;
        double chunk = Math.Min(space.Chunk, job.Sequence);
        return new(t, heads, groups * space.StateSize, values, values * space.StateSize / chunk, chunk * groups, space.StateSize, chunk);
    }

    /// <summary>Seconds of the scan, forward and backward.</summary>
    /// <param name="job">A job whose model has state space layers.</param>
    /// <param name="rates">What kernels reach.</param>
    public static (double Forward, double Backward) Time(in TrainingJob job, in ComputeRates rates)
    {
        var s = Of(job);
        var (matrices, memory, launch, t) = (rates.ScanMatmul, rates.ScanMemory, rates.LaunchOverhead, s.Tokens);
        double Kernel(double bytes, double flop) => Math.Max(Math.Max(t * flop / matrices, t * bytes / memory), launch);
        double all = 2 * s.StateSize * s.Values, near = s.Chunk * s.Values, products = 2 * s.Chunk * s.Mixed;
        var again = Kernel(10 * s.Heads, 0) + Kernel((2 * s.Values) + (2 * s.Mixed) + (8 * s.Heads) + (4 * s.States), all) + Kernel(6 * s.States, 0) +
            Kernel((4 * s.Mixed) + (4 * s.Pairs), products);
        var forward = again + Kernel((8 * s.Values) + (2 * s.Mixed) + (4 * s.Pairs) + (2 * s.States) + (8 * s.Heads), near + all);
        var backward = again + Kernel(12 * s.Values, 0) + Kernel((2 * s.Values) + (2 * s.Mixed) + (4 * s.Heads) + (4 * s.States), all) + Kernel(10 * s.States, 0) +
            Kernel((6 * s.Values) + (2 * s.Mixed) + (4 * s.Pairs) + (2 * s.States) + (4 * s.Heads), near + all) +
            (2 * Kernel((2 * s.Values) + (2 * s.States) + (6 * s.Mixed) + (4 * s.Heads), all)) + Kernel((4 * s.Values) + (8 * s.Pairs), near) +
            (2 * Kernel((4 * s.Pairs) + (8 * s.Mixed), products)) + Kernel((4 * s.Values) + (4 * s.Pairs), near) + Kernel(20 * s.Heads, 0);
        return (forward, backward);
    }

    /// <summary>Bytes and kernels of element-wise work beside the scan, forward and backward.</summary>
    /// <param name="job">A job whose model has state space layers.</param>
    public static (double Forward, int ForwardKernels, double Backward, int BackwardKernels) Elementwise(in TrainingJob job)
    {
        var s = Of(job);
        double convolved = s.Values + (2 * s.Mixed), copied = (2 * s.Values) + (2 * s.Mixed) + s.Heads + s.Values;
        var (copies, kernels) = job.Parallelism.MicroBatch > 1 ? (4 * copied, 2) : (0, 0);
        return (s.Tokens * ((4 * convolved) + (4 * s.Values) + copies), 2 + kernels, s.Tokens * ((10 * convolved) + (8 * s.Values) + copies), 3 + kernels);
    }
}
