using System.CommandLine;
using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Planning;
using Lightloom.Planning.Reliability;
using Lightloom.Quantities;

namespace Lightloom.Cli;

/// <summary><c>lightloom reliability DESIGN [--simulate [--uncertain-rates]] [--json] [--plot FILE]</c>: what fails under a job, what it costs, and what would mend it.</summary>
static class ReliabilityCommand
{
    const int MostSeeds = 1_000_000;
    const double MostYears = 1000;

    public static Command Make()
    {
        var design = new Argument<string>("design") { Description = "the design document (YAML), with a job" };
        var simulate = new Option<bool>("--simulate") { Description = "play the job out event by event as well, beside the closed form" };
        var seeds = new Option<string?>("--seeds") { Description = "runs of the simulation; 1000 unless given", HelpName = "number" };
        var years = new Option<string?>("--years") { Description = "time that each run covers; 1 unless given", HelpName = "years" };
        var seed = new Option<string?>("--seed") { Description = "what the runs' luck is derived from; 1 unless given", HelpName = "number" };
        var uncertain = new Option<bool>("--uncertain-rates") { Description = "each run draws rates of failures from what is not known of them" };
        var json = new Option<bool>("--json") { Description = "print JSON, with units in the fields' names" };
        var plot = new Option<string?>("--plot") { Description = "draw the effective share against the checkpoint interval and where the time goes to a .svg or .png file", HelpName = "file" };
        var command = new Command("reliability", "What fails under a job, how much of the time counts, checkpoints, spares, availability, and what would gain most.")
        {
            design, simulate, seeds, years, seed, uncertain, json, plot,
        };
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            if (parsed.GetValue(plot) is { } picture) PlotFile.CheckName(picture);
            var played = parsed.GetValue(simulate);
            foreach (var option in new[] { seeds, years, seed })
                if (!played && parsed.GetValue(option) is not null) throw new InputException($"{option.Name} is of use with --simulate alone");
            if (!played && parsed.GetValue(uncertain)) throw new InputException($"{uncertain.Name} is of use with --simulate alone");
            var runs = parsed.GetValue(seeds) is { } text ? LinkInput.Count("--seeds", text, 1, MostSeeds) : 1000;
            var horizon = Duration.FromSeconds(31557600 * (parsed.GetValue(years) is { } time ? Years(time) : 1));
            var start = parsed.GetValue(seed) is { } from ? FabricRouteCommand.Seed("--seed", from) : 1;
            var study = ReliabilityStudy.Of(ModelInput.LoadDesign(parsed.GetValue(design)!), new Evaluator());
            if (played) study = study with { Simulated = new RenewalSimulation(study.Model).Run(horizon, runs, start, rates: parsed.GetValue(uncertain) ? study.Rates : null) };
            if (parsed.GetValue(plot) is { } file) ReliabilityPlot.Save(file, study);
            if (parsed.GetValue(json)) output.WriteLine(ReliabilityJson.Write(study));
            else ReliabilityReport.Write(new(output), study);
            return CommandRunner.Success;
        }));
        return command;
    }

    static double Years(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var years) && years is > 0 and <= MostYears
            ? years
            : throw new InputException($"--years: expected a number of years above 0, at most {MostYears:N0}; found '{text}'");
}
