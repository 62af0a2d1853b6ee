using Lightloom.Catalog.Documents;
using Lightloom.Collectives.Traces;
using Lightloom.Interop.AstraSim;
using Lightloom.Planning;

namespace Lightloom.Interop.Fabric;

// ASTRA-sim's analytical network, which knows no tiers: the scale-up domain as one dimension, and what each accelerator gets out of it as another.
// Bandwidths are a rank's share, each way; latencies are halved, since a switch there is two links.

/// <summary>ASTRA-sim's analytical network file (YAML).</summary>
public sealed class AstraSimExport : FabricExport
{
    const double GiB = 1 << 30;

    /// <inheritdoc/>
    public override string Name => "astra-sim";

    /// <inheritdoc/>
    public override string Description => "network file of ASTRA-sim's analytical backends: the scale-up domain and the fabric as dimensions";

    /// <inheritdoc/>
    public override string FileName => "network.yml";

    /// <inheritdoc/>
    public override void Check(FabricExportRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        Network(request);
    }

    /// <inheritdoc/>
    protected override void WriteChecked(FabricExportRequest request, TextWriter writer) => AstraSimNetwork.Write(writer, Network(request));

    static TraceNetwork Network(FabricExportRequest request)
    {
        var (graph, system) = (request.Graph, request.Graph.Plan.Request.System);
        var dimensions = new List<TraceDimension>();
        if (system.Accelerators.Value > 1)
            dimensions.Add(new(TraceBlock.Switch, system.Accelerators.Value, system.Accelerator.ScaleUpBandwidth.Value.BytesPerSecond / GiB, Math.Round(system.ScaleUpLatency.Value.Nanoseconds / 2, 3)));
        if (graph.Systems > 1)
        {
            // Up and down the tiers: the links of a way across all, and the switches between.
            var tiers = graph.Plan.Tiers.Count;
            var link = TrafficSimulation.Latency(graph, null).Links[0].Nanoseconds;
            var latency = (2 * tiers * link) + graph.Plan.Tiers.Select((t, i) => (i == tiers - 1 ? 1 : 2) * (t.Switch.Latency?.Value.Nanoseconds ?? 0)).Sum();
            dimensions.Add(new(TraceBlock.Switch, graph.Systems, graph.Plan.InjectionPerAccelerator.BytesPerSecond / GiB, Math.Round(latency / 2, 3)));
        }
        return dimensions.Count > 0 ? new(dimensions) : throw new InputException("a network for ASTRA-sim has two ranks or more; this fabric has one accelerator");
    }
}
