using Lightloom.Catalog.Documents;
using Lightloom.Interop.Chakra;
using Lightloom.Planning;
using Lightloom.Workloads;
using Lightloom.Workloads.Timeline;

namespace Lightloom.Cli;

/// <summary>Writes a step as execution traces: <c>train --export NAME.et</c>.</summary>
static class StepTraceExport
{
    // About two gigabytes, and some minutes of a flow engine.
    const long MostNodes = 10_000_000;

    public const string Description = "write the step as a Chakra execution trace: NAME.et becomes NAME.0.et, NAME.1.et, ..., a file a rank, for 'simulate trace NAME' and others";

    const string Ending = ".et";

    /// <exception cref="InputException">The name ends otherwise.</exception>
    public static void Check(string file)
    {
        if (!file.EndsWith(Ending, StringComparison.OrdinalIgnoreCase) || Path.GetFileName(file).Length == Ending.Length)
            throw new InputException($"--export writes a step as execution traces, NAME.et, and '{file}' has no such name");
    }

    /// <summary>Writes all files or none, one rank after the other.</summary>
    /// <returns>How many nodes there are.</returns>
    /// <exception cref="InputException">The step is too large, or a file can't be written.</exception>
    public static long Write(string file, Evaluation evaluation, in TrainingStep step, RankJitter jitter, ulong seed)
    {
        var trace = evaluation.Operation!.Trace(step, jitter, seed);
        var nodes = trace.Count(MostNodes);
        if (nodes > MostNodes)
            throw new InputException($"--export: the step of {trace.Ranks:N0} accelerators in {trace.Timeline.Step.Job.MicroBatches:N0} microbatches is more than {MostNodes:N0} nodes; at most so many are written: fewer job.accelerators, a smaller " +
                "job.globalBatch, or larger microbatches. 'train --engine flow' plays each distinct collective of the whole once, at any size");
        string Place(long rank) => $"{file[..^Ending.Length]}.{rank}{Ending}";
        if (File.Exists(Place(trace.Ranks))) throw new InputException($"--export: there is '{Place(trace.Ranks)}', of a trace of more ranks than the {trace.Ranks:N0} of this one; expected another name, or that its files are taken away");
        for (var rank = 0; rank < trace.Ranks; rank++) OutputFile.CheckPlace(Place(rank));
        var written = 0;
        try
        {
            for (; written < trace.Ranks; written++) OutputFile.Stream(Place(written), stream => ChakraWriter.Write(stream, written, trace.NodesOf(written)));
        }
        catch (InputException)
        {
            for (var rank = 0; rank < written; rank++) File.Delete(Place(rank));
            throw;
        }
        return nodes;
    }
}
