using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Optics;
using Lightloom.Planning;

namespace Lightloom.Cli;

/// <summary>A design's fabric as the commands of <c>fabric</c> read it.</summary>
sealed class FabricInput
{
    readonly Lazy<FabricGraph> graph;

    /// <summary>The fabric of a cluster that is built.</summary>
    public FabricInput(ClusterBuild build)
    {
        Build = build;
        graph = new(() =>
        {
            try
            {
                return FabricGraph.Of(build.Plan);
            }
            catch (FabricException e)
            {
                throw build.Document.Wrong("accelerators.systems", e.Message);
            }
        });
    }

    /// <summary>The fabric in its hall, with every link engineered.</summary>
    public ClusterBuild Build { get; }

    /// <summary>Every device, port and link of it.</summary>
    public FabricGraph Graph => graph.Value;

    /// <exception cref="InputException">The file can't be read, or asks for what can't be.</exception>
    public static FabricInput Load(string path)
    {
        var catalog = PartCatalog.Default;
        return new(ClusterBuild.Of(ModelInput.LoadDesign(path, catalog), catalog, new LinkEngineer(catalog)));
    }
}
