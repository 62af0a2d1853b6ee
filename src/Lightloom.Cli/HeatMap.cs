using Lightloom.Catalog.Documents;
using Lightloom.Fabric;

namespace Lightloom.Cli;

/// <summary>Draws what links carried on the topology's drawing.</summary>
static class HeatMap
{
    /// <exception cref="InputException">The file can't be written.</exception>
    public static void Save(string file, FabricGraph graph, string title, Func<int, double> meanLoad)
    {
        var drawing = TopologyDrawing.ByLoad(graph, title, meanLoad);
        if (file.EndsWith(".svg", StringComparison.OrdinalIgnoreCase)) OutputFile.Write(file, writer => SvgWriter.Write(writer, drawing));
        else OutputFile.Write(file, DrawingPng.Of(drawing));
    }
}
