// Memory of one accelerator, by class, on the stage that needs most.
//
//   weights      2 B each, divided by the data group with ZeRO-3
//   gradients    2 or 4 B each, divided with ZeRO-2 and ZeRO-3
//   optimiser    12 B each (FP32 master, two moments), divided with ZeRO-1 to ZeRO-3
//   activations  kept bytes of a block x blocks of the stage x microbatches in flight
//                in flight on stage i of p: min(m, p - i); with v > 1 chunks min(m, p + (p - 1 - 2i)/v)
//                (Narayanan et al. 2021; on the first stage Korthikanti et al. 2022)
//   working set  the largest gathered tensor, logits in FP32 on the last stage, one block being computed again
//   runtime      context, communication buffers, library workspaces: a constant of the software stack

using Lightloom.Quantities;

namespace Lightloom.Workloads;

/// <summary>Memory of one accelerator by class.</summary>
/// <param name="Weights">Weights in the computing precision.</param>
/// <param name="Gradients">Gradients.</param>
/// <param name="Optimizer">Optimiser states.</param>
/// <param name="Activations">Activations kept for the backward pass.</param>
/// <param name="Working">The largest temporary tensors.</param>
/// <param name="Runtime">Context, communication buffers and workspaces.</param>
/// <param name="Stage">The pipeline stage that needs most.</param>
public readonly record struct MemoryUse(
    DataSize Weights, DataSize Gradients, DataSize Optimizer, DataSize Activations, DataSize Working, DataSize Runtime, int Stage)
{
    /// <summary>All of it.</summary>
    public DataSize Total => Weights + Gradients + Optimizer + Activations + Working + Runtime;
}
