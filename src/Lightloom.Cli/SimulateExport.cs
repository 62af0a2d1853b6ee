using Lightloom.Catalog.Documents;
using Lightloom.Interop.Chakra;
using Lightloom.Interop.Goal;
using Lightloom.Interop.Htsim;
using Lightloom.Simulation.Messages;
using Lightloom.Simulation.Traffic;

namespace Lightloom.Cli;

/// <summary>Writes what is simulated for other simulators: <c>--export FILE</c>, by the end of the file's name.</summary>
static class SimulateExport
{
    static readonly string[] Endings = [".cm", ".goal", ".bin", ".et"];

    public const string Description = "write what is sent for others: .cm (htsim's connection matrix), .goal (GOAL), .bin (binary GOAL), .et (Chakra; NAME.et becomes NAME.0.et, NAME.1.et, ...)";

    /// <exception cref="InputException">The name ends otherwise.</exception>
    public static void Check(string file)
    {
        if (!Endings.Any(e => file.EndsWith(e, StringComparison.OrdinalIgnoreCase))) throw new InputException($"--export writes {string.Join(", ", Endings)}, and '{file}' is none of these");
    }

    public static void Write(string file, SendList sends, int ranks)
    {
        Check(file);
        if (file.EndsWith(".cm", StringComparison.OrdinalIgnoreCase)) OutputFile.Write(file, writer => HtsimMatrix.Write(writer, sends, ranks));
        else Write(file, SendMessages.Program(sends, ranks));
    }

    /// <exception cref="InputException">The name ends in what a trace of messages can't be written as.</exception>
    public static void CheckProgram(string file)
    {
        Check(file);
        if (file.EndsWith(".cm", StringComparison.OrdinalIgnoreCase)) throw new InputException("--export: a trace of messages is no connection matrix; expected .goal, .bin or .et");
    }

    public static void Write(string file, IMessageSource source)
    {
        CheckProgram(file);
        if (file.EndsWith(".goal", StringComparison.OrdinalIgnoreCase))
        {
            OutputFile.Write(file, writer => GoalText.Write(writer, source));
            return;
        }
        if (file.EndsWith(".bin", StringComparison.OrdinalIgnoreCase))
        {
            OutputFile.Stream(file, stream => GoalBinary.Write(stream, source));
            return;
        }
        // Every rank is made before the first is written, one at a time in memory: all files or none.
        string Place(int rank) => $"{file[..^3]}.{rank}.et";
        for (var r = 0; r < source.Ranks; r++)
        {
            OutputFile.CheckPlace(Place(r));
            _ = ChakraProgram.NodesOf(source, r);
        }
        for (var r = 0; r < source.Ranks; r++) OutputFile.Stream(Place(r), stream => ChakraWriter.Write(stream, r, ChakraProgram.NodesOf(source, r)));
    }
}
