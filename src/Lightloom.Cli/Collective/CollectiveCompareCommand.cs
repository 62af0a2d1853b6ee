using System.CommandLine;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Planning;
using Lightloom.Planning.Logs;

namespace Lightloom.Cli;

/// <summary><c>lightloom collective compare LOG</c>: what was expected, where the log differs, why probably, and what that costs a job.</summary>
static class CollectiveCompareCommand
{
    public static Command Make()
    {
        var log = new Argument<string>("log") { Description = "what nccl-tests or rccl-tests printed, or wrote with -J; lines of NCCL_DEBUG may stand in it" };
        var system = new Option<string?>("--system") { Description = "a system of the catalogue (dgx-h100); the design's unless given", HelpName = "key" };
        var nodes = new Option<string?>("--nodes") { Description = "systems that took part, each one scale-up domain; as many as the ranks need unless given", HelpName = "nodes" };
        var gpus = new Option<string?>("--gpus") { Description = "GPUs that took part; what the log says unless given", HelpName = "GPUs" };
        var nics = new Option<string?>("--nics") { Description = "network cards of a system, where there are others than its own", HelpName = "cards" };
        var nicRate = new Option<string?>("--nic-rate") { Description = "rate of a card: 400 is 400 Gb/s", HelpName = "rate" };
        var fabric = new Option<string?>("--fabric") { Description = "how collectives use the fabric: infiniband, rocev2, efa, ... (catalog collective-parameters)", HelpName = "key" };
        var operation = new Option<string?>("--operation") { Description = "what was measured, where the log doesn't say (all_reduce)", HelpName = "name" };
        var debug = new Option<string?>("--debug") { Description = "what NCCL_DEBUG=INFO printed, where it isn't in the log", HelpName = "file" };
        var topology = new Option<string?>("--topology") { Description = "NCCL's topology (NCCL_TOPO_DUMP_FILE), for its choices", HelpName = "file" };
        var noNvls = new Option<bool>("--no-nvls") { Description = "NVLink SHARP was turned off on purpose" };
        var design = new Option<string?>("--design") { Description = "a design with a job, to price the difference", HelpName = "file" };
        var refit = new Option<string?>("--refit") { Description = "write the system fitted to the log, for 'evaluate --with'", HelpName = "file" };
        var csv = new Option<string?>("--tuner-csv") { Description = "write NCCL's tuner configuration against the cliffs that were found", HelpName = "file" };
        var plot = new Option<string?>("--plot") { Description = "draw measured and expected bandwidth to a .svg or .png file", HelpName = "file" };
        var json = new Option<bool>("--json") { Description = "print JSON, with units in the fields' names" };
        var command = new Command("compare", "A log of nccl-tests beside what was to be expected: where it differs, why probably, what it costs.")
        {
            log, system, nodes, gpus, nics, nicRate, fabric, operation, debug, topology, noNvls, design, refit, csv, plot, json,
        };
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            var file = parsed.GetValue(plot);
            if (file is not null) PlotFile.CheckName(file);
            var input = new CollectiveCompareInput
            {
                Log = parsed.GetValue(log)!,
                System = parsed.GetValue(system),
                Nodes = parsed.GetValue(nodes),
                Gpus = parsed.GetValue(gpus),
                Nics = parsed.GetValue(nics),
                NicRate = parsed.GetValue(nicRate),
                Fabric = parsed.GetValue(fabric),
                Operation = parsed.GetValue(operation),
                Debug = parsed.GetValue(debug),
                Topology = parsed.GetValue(topology),
                Design = parsed.GetValue(design),
                WithoutNvls = parsed.GetValue(noNvls),
            };
            var comparison = input.Compare();
            var fitted = parsed.GetValue(refit) is not null || input.Document is not null ? ClusterRefit.Of(comparison) : null;
            var cost = input.Document is null ? null : StepCost.Of(new Evaluator(), input.Document, comparison, fitted);
            // Everything is worked out before the first file is written.
            if (parsed.GetValue(refit) is { } refitFile)
            {
                var yaml = fitted?.Yaml(comparison.Log.Name) ?? throw new InputException("--refit: a system is fitted to at least 3 usable rows");
                OutputFile.Write(refitFile, writer => writer.Write(yaml));
            }
            if (parsed.GetValue(csv) is { } csvFile) Tuning(csvFile, input.Tuner, comparison);
            if (file is not null) CollectiveComparePlot.Save(file, comparison);
            if (parsed.GetValue(json)) output.WriteLine(LogComparisonJson.Write(comparison, fitted, cost, input.Notes));
            else CollectiveCompareReport.Write(output, comparison, fitted, cost, input.Notes);
            return CommandRunner.Success;
        }));
        return command;
    }

    static void Tuning(string file, NcclTuner? tuner, LogComparison comparison)
    {
        var cliffs = comparison.Diagnoses.Where(d => d.Tuning.Count > 0).ToList();
        if (cliffs.Count == 0 || tuner is null)
            throw new InputException("--tuner-csv: no fall of bandwidth at a change of algorithm was found, so that there is nothing to tell NCCL");
        OutputFile.Write(file, writer =>
        {
            foreach (var cliff in cliffs) NcclTunerCsv.Write(writer, tuner, cliff.Function!.Value, cliff.Tuning);
        });
    }
}
