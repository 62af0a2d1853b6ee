using Lightloom.Quantities;
using Lightloom.Workloads.Serving;

namespace Lightloom.Workloads.Tests.Serving;

/// <summary>Serving clusters that the tests start from.</summary>
static class Served
{
    public static readonly DataSize Used = Examples.H100.Memory.Value * 0.9;

    public static DataSize Runtime => Examples.H100.Kernels.RuntimeMemory.Value;

    public static ServingReplica Replica(string model = "llama-3.1-8b", int tensor = 1, int expert = 1, Precision precision = Precision.Bf16) =>
        new ServingReplica { Model = Examples.Model(model), Tensor = tensor, Expert = expert, Precision = precision }.Checked();

    public static ForwardPass Pass(ServingReplica replica, ComputeRates? rates = null, int accelerators = 64) =>
        new(replica, rates ?? ServingRates.Of(Examples.H100, replica.Precision), Examples.Network(accelerators));

    /// <summary>Copies of Llama 3.1 8B, one an accelerator.</summary>
    public static ServingSystem System(RequestMix mix, int copies = 4, int prefill = 0, int chunk = 2048, DataSize? room = null)
    {
        var replica = Replica();
        return new()
        {
            Mix = mix,
            Decode = Pass(replica),
            Copies = copies,
            Chunk = chunk,
            CacheRoom = room ?? replica.CacheRoom(Used, Runtime),
            Prefill = prefill > 0 ? Pass(replica) : null,
            PrefillCopies = prefill,
        };
    }
}
