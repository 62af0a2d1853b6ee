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
    static readonly string[] Endings = [".cm", ".goal", ".et"];

    public const string Description = "write what is sent for others: .cm (htsim's connection matrix), .goal (GOAL), .et (Chakra; NAME.et becomes NAME.0.et, NAME.1.et, ...)";

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

    public static void Write(string file, MessageProgram program)
    {
        Check(file);
        if (file.EndsWith(".cm", StringComparison.OrdinalIgnoreCase)) throw new InputException("--export: a trace of messages is no connection matrix; expected .goal or .et");
        if (file.EndsWith(".goal", StringComparison.OrdinalIgnoreCase))
        {
            OutputFile.Write(file, writer => GoalText.Write(writer, program));
            return;
        }
        // All ranks are made before the first is written: all files or none.
        var ranks = Enumerable.Range(0, program.Ranks).Select(r => ChakraProgram.NodesOf(program, r)).ToList();
        for (var r = 0; r < ranks.Count; r++) OutputFile.Stream($"{file[..^3]}.{r}.et", stream => ChakraWriter.Write(stream, r, ranks[r]));
    }
}
