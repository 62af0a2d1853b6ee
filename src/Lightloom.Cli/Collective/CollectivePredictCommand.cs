using System.CommandLine;
using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Planning;
using Lightloom.Planning.Logs;
using Lightloom.Quantities;

namespace Lightloom.Cli;

/// <summary><c>lightloom collective predict</c>: what nccl-tests will print, how far that can be trusted, and how far it is from the limit.</summary>
static class CollectivePredictCommand
{
    public static Command Make()
    {
        var options = CollectiveNetworkOptions.Make();
        var collective = new Option<string>("--collective") { Description = "all-reduce, all-gather, reduce-scatter, all-to-all, broadcast, reduce, gather, scatter or send-receive", Required = true, HelpName = "name" };
        var sizes = new Option<string>("--sizes") { Description = "sizes, doubling (8..32GiB), or with commas between them", DefaultValueFactory = _ => "8..32GiB", HelpName = "sizes" };
        var algorithm = new Option<string?>("--algorithm") { Description = "force one: " + string.Join(", ", CollectiveAlgorithm.All.Select(a => a.Name)), HelpName = "name" };
        var protocol = new Option<string?>("--protocol") { Description = "force one: bulk (Simple) or low-latency (LL)", HelpName = "name" };
        var perProcess = new Option<string?>("--gpus-per-process") { Description = "GPUs that one process launches on in turn (nccl-tests -g); all on one node and 1 on several unless given", HelpName = "GPUs" };
        var noNvls = new Option<bool>("--no-nvls") { Description = "the switches of a domain don't reduce (NCCL_NVLS_ENABLE=0)" };
        var sharp = new Option<bool>("--sharp") { Description = "the fabric's switches reduce, and the library is told so (NCCL_COLLNET_ENABLE=1)" };
        var plot = new Option<string?>("--plot") { Description = "draw bus bandwidth and time over size", HelpName = "file.svg or file.png" };
        var json = new Option<bool>("--json") { Description = "print JSON, with units in the fields' names" };
        var command = new Command("predict", "What nccl-tests will print by size, with the band that unseen systems stayed within, and the distance to the limit.")
        {
            collective, sizes, algorithm, protocol, perProcess, noNvls, sharp, plot, json,
        };
        var engines = new EngineInput();
        options.AddTo(command);
        engines.AddTo(command);
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            var file = parsed.GetValue(plot);
            if (file is not null) PlotFile.CheckName(file);
            var kind = CollectiveNetworkOptions.Kind(parsed.GetValue(collective)!);
            var list = CollectiveChooseInput.Sizes(parsed.GetValue(sizes)!);
            var forced = parsed.GetValue(algorithm) is { } name ? Algorithm(name) : null;
            CollectiveProtocol? only = parsed.GetValue(protocol) is { } word ? Protocol(word) : null;
            var network = options.Read(parsed);
            int? launched = parsed.GetValue(perProcess) is { } text ? LinkInput.Count("--gpus-per-process", text, 1, network.Group.Ranks) : null;
            var asked = engines.Asked(parsed, "a collective");
            var forecast = CollectiveForecast.Of(network, kind, list, forced, only, launched, parsed.GetValue(noNvls), parsed.GetValue(sharp));
            var played = asked is (false, false) ? null : CollectiveEngines.Of(engines, parsed, asked, forecast);
            if (file is not null) CollectiveForecastPlot.Save(file, forecast);
            if (parsed.GetValue(json)) output.WriteLine(CollectiveForecastJson.Text(forecast, played));
            else Write(output, forecast, played);
            return played is { IsComplete: false } ? SimulateCommand.Interrupted : CommandRunner.Success;
        }));
        return command;
    }

    static CollectiveAlgorithm Algorithm(string name)
    {
        var plain = name.Replace(' ', '-');
        return CollectiveAlgorithm.All.FirstOrDefault(a => a.Name.Replace(' ', '-').Equals(plain, StringComparison.OrdinalIgnoreCase))
            ?? throw new InputException($"--algorithm: expected one of {string.Join(", ", CollectiveAlgorithm.All.Select(a => a.Name))}; found '{name}'{Nearest.Hint(plain, [.. CollectiveAlgorithm.All.Select(a => a.Name)])}");
    }

    static CollectiveProtocol Protocol(string word) => word.ToLowerInvariant() switch
    {
        "bulk" or "simple" => CollectiveProtocol.Bulk,
        "low-latency" or "ll" => CollectiveProtocol.LowLatency,
        _ => throw new InputException($"--protocol: expected bulk or low-latency, found '{word}'"),
    };

    static void Write(TextWriter output, CollectiveForecast forecast, CollectiveEngines? played)
    {
        var report = new TextReport(output);
        var network = forecast.Network;
        report.Title($"{DocumentShape.NameOf(forecast.Kind)} over {network.Group.Ranks:N0} accelerators, as nccl-tests will print it");
        report.Say($"{network.Systems:N0} x {network.System.Name}{(network.Systems > 1 ? $" on {network.Mechanism.Name}" : "")}{(network.Note.Length > 0 ? $"; {network.Note}" : "")}; {forecast.Launching}.");
        foreach (var outside in forecast.Outside) report.Say($"- outside of what was measured, bands widened: {outside}", 2);
        report.Heading("By size");
        report.Table([">size", ">time", ">low", ">high", ">algbw GB/s", ">busbw GB/s", "algorithm", "", "set by", ">of limit"], forecast.Points.Select(p => new[]
        {
            LogComparison.Bytes(p.Size), Time(p.Time.Total), Time(p.Low), Time(p.High), Gigabytes(p.AlgorithmBandwidth), Gigabytes(p.BusBandwidth), p.Time.Algorithm!.Name, p.Time.Protocol.Name(), p.SetBy,
            string.Create(CultureInfo.InvariantCulture, $"{p.Limit.OfLimit.Si * 100:0} %"),
        }));
        played?.Write(report);
        var last = forecast.Points[^1];
        report.Heading($"Where the time goes at {LogComparison.Bytes(last.Size)}");
        report.Table(["part", ">time"], new[]
        {
            new[] { "launches and messages that follow one another", Time(last.Time.Latency) }, ["filling the pipeline", Time(last.Time.Ramp)],
            [$"bytes over {network.Sustained[last.Time.BindingLevel].Name}", Time(last.Time.Transfer - last.Time.Ramp)],
        });
        report.Say($"{last.Limit.Say(forecast.Levels, network.Group)}.");
        if (forecast.CardRate(last) is { } card) report.Say($"Each accelerator's cards carry {Rate(card)} at that size.");
        report.Heading("Other algorithms at that size");
        report.Table(["algorithm", "protocol", ">time", "libraries take it"], forecast.Model.Explain(forecast.Kind, last.Size, network.Group, forecast.Levels)
            .Select(e => new[] { e.Algorithm.Name, e.Time.Protocol.Name(), Time(e.Time.Total), e.Enabled ? "by themselves" : "if told to" }));
        report.Heading("What these figures are");
        foreach (var note in forecast.Notes) report.Say($"- {note}", 2);
    }

    static string Time(Duration time) => time.ToString("G4");

    static string Gigabytes(Bandwidth rate) => rate.GigabytesPerSecond.ToString(rate.GigabytesPerSecond < 1 ? "0.0000" : rate.GigabytesPerSecond < 100 ? "0.00" : "0.0", CultureInfo.InvariantCulture);

    static string Rate(Bandwidth rate) => $"{Quantity.Round(rate.GigabytesPerSecond, 4)} GB/s";
}
