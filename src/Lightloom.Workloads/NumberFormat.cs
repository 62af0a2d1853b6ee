// Number formats of matrix multiplications, and what it takes to bring BF16 tensors into them.
//
//   BF16    2 B an element; nothing is cast
//   FP8     1 B; one scale for a tensor, from steps before it or found by what makes it; it is written by rows and by columns, because
//           the backward pass multiplies the transpose: 2 + 1 + 1 B
//   MXFP8   1 B and a scale of 1 B for 32 elements; scales are local, so that one reading does: 2 + 2 * (1 + 1/32) B
//   NVFP4   1/2 B and a scale of 1 B for 16 elements under one FP32 scale for the tensor, which is sought first: 2 + 2 + 2 * (1/2 + 1/16) B
//
// Norms and activations write FP8 and MXFP8 by themselves; NVFP4 is turned (Hadamard) and rounded at random in kernels of its own.
//
// Sources: Micikevicius et al. 2022 (arXiv:2209.05433), Rouhani et al. 2023 (arXiv:2310.10537), NVIDIA 2025 (arXiv:2509.25149).

namespace Lightloom.Workloads;

/// <summary>What a precision means for the operands of matrix multiplications; see the head of this file.</summary>
/// <param name="Bytes">Bytes of an element with its share of the scales.</param>
/// <param name="CastBytes">Bytes moved to cast one BF16 element by rows and by columns; 0 where nothing is cast.</param>
/// <param name="CastKernels">Kernels that cast one tensor.</param>
/// <param name="Fuses">Whether norms and activations write the format by themselves.</param>
readonly record struct NumberFormat(double Bytes, double CastBytes, int CastKernels, bool Fuses)
{
    public static NumberFormat Of(Precision precision) => precision switch
    {
        Precision.Fp8 => new(1, 4, 1, true),
        Precision.Mxfp8 => new(1 + (1.0 / 32), 2 + (2 * (1 + (1.0 / 32))), 1, true),
        Precision.Nvfp4 => new(0.5 + (1.0 / 16), 4 + (2 * (0.5 + (1.0 / 16))), 2, false),
        _ => new(2, 0, 0, true),
    };
}
