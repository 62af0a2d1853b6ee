using System.CommandLine;
using System.Text.Json;
using Lightloom.Fabric;
using Lightloom.Interop.Fabric;
using Lightloom.Planning;

namespace Lightloom.Cli;

/// <summary><c>lightloom fabric verify DESIGN --discovered FILE</c>: what is cabled otherwise than designed.</summary>
static class FabricVerifyCommand
{
    /// <summary>Cables of one mistake that a report for people lists.</summary>
    const int MostCables = 8;

    public static Command Make()
    {
        var (design, json) = (FabricCommand.Design(), FabricCommand.Json());
        var discovered = new Option<string>("--discovered") { Description = "what was found: the output of ibnetdiscover, NetBox' cables, an InfraGraph, a cable list", Required = true };
        var format = new Option<string?>("--format") { Description = $"the format of that file ({string.Join(", ", FabricImports.Names)}); told from the file if absent" };
        var noRates = new Option<bool>("--ignore-rates") { Description = "don't compare rates" };
        var strict = new Option<bool>("--strict") { Description = "return 1 when anything differs" };
        var command = new Command("verify", "Compare a fabric as built with its design, cable by cable.") { design, discovered, format, noRates, strict, json };
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            var input = FabricInput.Load(parsed.GetValue(design)!);
            var file = parsed.GetValue(discovered)!;
            var verification = FabricVerifier.Verify(input.Graph, FabricImports.ReadFile(file, input.Graph, parsed.GetValue(format)), new() { Rates = !parsed.GetValue(noRates) });
            if (parsed.GetValue(json)) output.WriteLine(Json(input, verification));
            else Report(new(output), input, verification);
            return parsed.GetValue(strict) && !verification.AsDesigned ? CommandRunner.Infeasible : CommandRunner.Success;
        }));
        return command;
    }

    static void Report(TextReport report, FabricInput input, FabricVerification verification)
    {
        report.Title($"{input.Build.Document.Design.Name}: as built against as designed");
        var structure = verification.KnownByStructure == 0 ? "" : $" and {verification.KnownByStructure:N0} by {(verification.KnownByStructure == 1 ? "its" : "their")} cables";
        report.Say($"{verification.FoundDevices:N0} devices found, {verification.DesignedDevices:N0} designed; {verification.KnownByName:N0} are known by name{structure}.");
        report.Say($"{verification.FoundCables:N0} cables found, {verification.DesignedCables:N0} designed; {verification.MatchingCables:N0} are where they should be" +
            $"{(verification.RatesCompared == 0 ? "; no rates were compared" : "")}.");
        if (verification.AsDesigned)
        {
            report.Say("Nothing differs.");
            return;
        }
        report.Heading($"{verification.Differences.Count:N0} {(verification.Differences.Count == 1 ? "difference" : "differences")}");
        var plan = input.Build.CablesOf(input.Graph);
        foreach (var difference in verification.Differences) Difference(report, difference, plan);
    }

    static void Difference(TextReport report, FabricDifference difference, CablePlan plan)
    {
        var devices = difference.Devices.Count == 0 ? "" : $" {string.Join(" and ", difference.Devices)}";
        var rates = difference.DesignedRate is { } designed ? $" ({difference.BuiltRate} instead of {designed})" : "";
        report.Say($"- {Word(difference.Kind)}{devices}: {difference.Cause}{rates}.{(difference.Harmless ? " Harmless to traffic: the same devices are joined." : "")}", 2);
        var rows = new List<string[]>();
        Cables("designed", difference.Designed);
        // A cable at a wrong rate is where it should be.
        if (rates.Length == 0) Cables("built", difference.Built);
        report.Table(["", "", "", "", ""], rows);

        void Cables(string word, IReadOnlyList<PortPair> cables)
        {
            foreach (var cable in cables.Take(MostCables)) rows.Add(["", word, cable.Link < 0 ? "" : plan.LabelOf(cable.Link), cable.Lower.ToString(), cable.Upper.ToString()]);
            if (cables.Count > MostCables) rows.Add(["", word, $"and {cables.Count - MostCables:N0} more", "", ""]);
        }
    }

    static string Word(DifferenceKind kind) => kind switch
    {
        DifferenceKind.MissingDevice => "missing device",
        DifferenceKind.ExtraDevice => "unknown device",
        DifferenceKind.ExchangedDevices => "exchanged devices",
        DifferenceKind.Swapped => "swapped",
        DifferenceKind.Moved => "moved",
        DifferenceKind.Shifted => "shifted",
        DifferenceKind.Rearranged => "rearranged",
        DifferenceKind.Missing => "missing",
        DifferenceKind.Extra => "extra",
        DifferenceKind.Slow => "slow",
        _ => "fast",
    };

    static string Json(FabricInput input, FabricVerification verification) => EvaluationJson.Text(json =>
    {
        var plan = input.Build.CablesOf(input.Graph);
        json.WriteStartObject();
        json.WriteNumber("lightloom", 1);
        json.WriteString("name", input.Build.Document.Design.Name);
        json.WriteBoolean("asDesigned", verification.AsDesigned);
        json.WriteNumber("designedDevices", verification.DesignedDevices);
        json.WriteNumber("foundDevices", verification.FoundDevices);
        json.WriteNumber("knownByName", verification.KnownByName);
        json.WriteNumber("knownByStructure", verification.KnownByStructure);
        json.WriteNumber("designedCables", verification.DesignedCables);
        json.WriteNumber("foundCables", verification.FoundCables);
        json.WriteNumber("matchingCables", verification.MatchingCables);
        json.WriteNumber("ratesCompared", verification.RatesCompared);
        json.WriteStartArray("differences");
        foreach (var difference in verification.Differences)
        {
            json.WriteStartObject();
            json.WriteString("kind", JsonNamingPolicy.CamelCase.ConvertName(difference.Kind.ToString()));
            if (difference.Where != Misplacement.None) json.WriteString("where", JsonNamingPolicy.CamelCase.ConvertName(difference.Where.ToString()));
            json.WriteBoolean("harmless", difference.Harmless);
            json.WriteString("cause", difference.Cause);
            if (difference.Devices.Count > 0)
            {
                json.WriteStartArray("devices");
                foreach (var device in difference.Devices) json.WriteStringValue(device);
                json.WriteEndArray();
            }
            if (difference.DesignedRate is { } designed) json.WriteNumber("designedRate_Gbps", designed.GigabitsPerSecond);
            if (difference.BuiltRate is { } built) json.WriteNumber("builtRate_Gbps", built.GigabitsPerSecond);
            Cables(json, "designed", difference.Designed, plan);
            Cables(json, "built", difference.Built, plan);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    });

    static void Cables(Utf8JsonWriter json, string name, IReadOnlyList<PortPair> cables, CablePlan plan)
    {
        json.WriteStartArray(name);
        foreach (var cable in cables)
        {
            json.WriteStartObject();
            if (cable.Link >= 0) json.WriteString("label", plan.LabelOf(cable.Link));
            json.WriteString("lower", cable.Lower.Device);
            json.WriteString("lowerPort", cable.Lower.Port);
            json.WriteString("upper", cable.Upper.Device);
            json.WriteString("upperPort", cable.Upper.Port);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
