namespace Lightloom.Interop.Fabric;

// Slurm's topology files (slurm.schedmd.com: topology.conf, topology.yaml, Topology Guide):
//
//   topology.conf, plugin topology/tree          topology.conf, plugin topology/block (since 23.11)
//     SwitchName=unit-0 Nodes=node-[00-31]         BlockName=rack-0 Nodes=node-0-[00-17]
//     SwitchName=fabric Switches=unit-[0-3]        BlockSizes=18,36,72
//
//   topology.yaml (since 25.05) holds both; a partition chooses by name:
//     - topology: tree                             - topology: block
//       cluster_default: true                        cluster_default: false
//       tree:                                        block:
//         switches:                                    block_sizes: [18, 36]
//           - switch: unit-0                           blocks:
//             nodes: node-[00-31]                        - block: node-0
//           - switch: fabric                               nodes: node-0-[00-17]
//             children: unit-[0-3]
//
// What a unit and a block is: SlurmUnits. Hosts are called as the design's systems, or "node-0-07" where a system has several.

/// <summary>Slurm's topology.conf for the plugin topology/tree.</summary>
public sealed class SlurmTreeExport : FabricExport
{
    /// <inheritdoc/>
    public override string Name => "slurm-tree";

    /// <inheritdoc/>
    public override string Description => "topology.conf of the workload manager Slurm, plugin topology/tree";

    /// <inheritdoc/>
    public override string FileName => "topology.conf";

    /// <inheritdoc/>
    protected override void WriteChecked(FabricExportRequest request, TextWriter writer)
    {
        writer.Write($"# {FabricText.OneLine(request.Name)}\n");
        foreach (var (name, children, nodes) in new SlurmUnits(request).Tree())
            writer.Write(children is null ? $"SwitchName={name} Nodes={nodes}\n" : $"SwitchName={name} Switches={children}\n");
    }
}

/// <summary>Slurm's topology.conf for the plugin topology/block.</summary>
public sealed class SlurmBlockExport : FabricExport
{
    /// <inheritdoc/>
    public override string Name => "slurm-block";

    /// <inheritdoc/>
    public override string Description => "topology.conf of the workload manager Slurm, plugin topology/block";

    /// <inheritdoc/>
    public override string FileName => "topology.conf";

    /// <inheritdoc/>
    protected override void WriteChecked(FabricExportRequest request, TextWriter writer)
    {
        var (blocks, sizes) = new SlurmUnits(request).Blocks();
        writer.Write($"# {FabricText.OneLine(request.Name)}\n");
        foreach (var (name, nodes) in blocks) writer.Write($"BlockName={name} Nodes={nodes}\n");
        writer.Write($"BlockSizes={string.Join(',', sizes)}\n");
    }
}

/// <summary>Slurm's topology.yaml, with a tree and blocks.</summary>
public sealed class SlurmYamlExport : FabricExport
{
    /// <inheritdoc/>
    public override string Name => "slurm-yaml";

    /// <inheritdoc/>
    public override string Description => "topology.yaml of the workload manager Slurm, a tree and blocks";

    /// <inheritdoc/>
    public override string FileName => "topology.yaml";

    /// <inheritdoc/>
    protected override void WriteChecked(FabricExportRequest request, TextWriter writer)
    {
        var units = new SlurmUnits(request);
        // Where a scale-up domain spans hosts, a job wants whole domains first.
        var byBlocks = request.HostsPerSystem > 1;
        writer.Write($"# {FabricText.OneLine(request.Name)}\n---\n- topology: tree\n  cluster_default: {(byBlocks ? "false" : "true")}\n  tree:\n    switches:\n");
        foreach (var (name, children, nodes) in units.Tree())
            writer.Write(children is null ? $"      - switch: {name}\n        nodes: {nodes}\n" : $"      - switch: {name}\n        children: {children}\n");
        var (blocks, sizes) = units.Blocks();
        writer.Write($"- topology: block\n  cluster_default: {(byBlocks ? "true" : "false")}\n  block:\n    block_sizes:\n");
        foreach (var size in sizes) writer.Write(FabricText.Invariant($"      - {size}\n"));
        writer.Write("    blocks:\n");
        foreach (var (name, nodes) in blocks) writer.Write($"      - block: {name}\n        nodes: {nodes}\n");
    }
}
