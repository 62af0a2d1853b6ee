using System.CommandLine;
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Interop.Fabric;
using Lightloom.Quantities;

namespace Lightloom.Cli;

/// <summary><c>lightloom fabric export DESIGN --format NAME [--output FILE|FOLDER]</c>: a fabric for another program.</summary>
static class FabricExportCommand
{
    public static Command Make()
    {
        var design = FabricCommand.Design();
        var format = new Option<string>("--format")
        {
            Description = "one of: " + string.Join("; ", FabricExports.All.Select(e => $"{e.Name} ({e.Description})")),
            Required = true,
        };
        var output = new Option<string?>("--output") { Description = "the file to write, or a folder for it; the standard output if absent" };
        var hosts = new Option<int>("--hosts-per-system")
        {
            Description = "hosts of which one system is made, for Slurm: 18 for a rack of 18 compute trays",
            DefaultValueFactory = _ => 1,
        };
        var command = new Command("export", "Write the fabric in another program's format.") { design, format, output, hosts };
        command.SetAction(parsed => CommandRunner.Guard(report =>
        {
            // A wrong name is told before a design is read.
            var export = FabricExports.Find(parsed.GetValue(format)!);
            var input = FabricInput.Load(parsed.GetValue(design)!);
            if (parsed.GetValue(hosts) is not (>= 1 and <= 1000)) throw new InputException($"--hosts-per-system: expected a number from 1 to 1000, found {parsed.GetValue(hosts)}");
            var build = input.Build;
            var request = new FabricExportRequest(input.Graph, build.Document.Design.Name)
            {
                Protocol = build.Protocol.Link,
                Locations = new PlannedLocations(build.CablesOf(input.Graph)),
                HostsPerSystem = parsed.GetValue(hosts),
            };
            if (parsed.GetValue(output) is not { } target)
            {
                export.Check(request);
                OutputFile.WriteConsole(writer => export.Write(request, writer));
                return CommandRunner.Success;
            }
            var file = Directory.Exists(target) ? Path.Combine(target, export.FileName) : target;
            OutputFile.Write(file, writer => export.Write(request, writer));
            report.WriteLine($"{input.Graph.Systems:N0} systems, {input.Graph.SwitchCount:N0} switches and {input.Graph.Links:N0} links as {export.Name} in '{file}'");
            return CommandRunner.Success;
        }));
        return command;
    }

    // The floor and the cable plan of the design.
    sealed class PlannedLocations(CablePlan plan) : IDeviceLocations
    {
        public DeviceLocation? Of(int device) => new(plan.Elevations.NameOf(plan.Elevations.PlaceOf(device)), plan.Elevations.UnitOf(device));

        // A link through an optical circuit switch has two cables, and one between boards none: neither has a length of its own.
        public Length? LengthOf(int link) => plan.Of(link).Take(2).ToArray() is [var cable] ? cable.Length : null;

        public string? LabelOf(int link) => plan.LabelOf(link);
    }
}
