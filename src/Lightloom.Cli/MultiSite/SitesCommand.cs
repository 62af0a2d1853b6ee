using System.CommandLine;
using Lightloom.Catalog;
using Lightloom.Planning;
using Lightloom.Planning.MultiSite;

namespace Lightloom.Cli;

/// <summary><c>lightloom sites DESIGN [--fibre KEY] [--json] [--plot FILE]</c>: lines between sites, the job over them, where to put what, and what failures leave.</summary>
static class SitesCommand
{
    public static Command Make()
    {
        var design = new Argument<string>("design") { Description = "the design document (YAML), with a job, sites and routes" };
        var fibre = new Option<string?>("--fibre") { Description = $"the fibre that the routes are compared on; {FibreComparison.HollowCore} unless given", HelpName = "key" };
        var json = new Option<bool>("--json") { Description = "print JSON, with units in the fields' names" };
        var plot = new Option<string?>("--plot") { Description = "draw utilisation against distance and what failures leave to a .svg or .png file", HelpName = "file" };
        var command = new Command("sites", "One job over several sites: line systems by the GN model, methods, where to put what, another fibre, failures of sites and routes.")
        {
            design, fibre, json, plot,
        };
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            if (parsed.GetValue(plot) is { } picture) PlotFile.CheckName(picture);
            var other = LinkInput.Part<Fibre>("--fibre", parsed.GetValue(fibre) ?? FibreComparison.HollowCore);
            var document = ModelInput.LoadDesign(parsed.GetValue(design)!);
            var evaluator = new Evaluator();
            var plan = SitesPlan.Of(document, evaluator);
            var failures = SiteFailures.Of(plan, document.Design.RouteAssumptions ?? PartCatalog.Default.Get<RouteDefaults>("default"), SitesTogether.PolicyOf(plan));
            var splits = SiteSplits.Of(document, evaluator, plan);
            var fibres = FibreComparison.Of(document, plan, other);
            if (parsed.GetValue(plot) is { } file) SitesPlanPlot.Save(file, plan, failures, fibres);
            if (parsed.GetValue(json)) output.WriteLine(SitesJson.Write(plan, failures, splits, fibres));
            else new SitesPlanReport(new(output), plan).Write(failures, splits, fibres);
            return CommandRunner.Success;
        }));
        return command;
    }
}
