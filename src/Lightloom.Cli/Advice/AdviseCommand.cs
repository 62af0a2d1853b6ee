using System.CommandLine;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Planning.Advice;
using Lightloom.Planning.Claims;
using Lightloom.Quantities;

namespace Lightloom.Cli;

/// <summary><c>lightloom advise SCENARIO|DESIGN [--budget 10MUSD] [--power 1MW] [--prices BOOK] [--json] [--page FILE]</c>: which layer to spend on.</summary>
static class AdviseCommand
{
    public static Command Make()
    {
        var about = new Argument<string?>("about")
        {
            Description = $"a scenario ({string.Join(", ", AdviceScenario.Shipped)}, or the claim's id), a scenario's file or a design document (YAML)",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var budget = new Option<string?>("--budget") { Description = "capital that may be added, such as 10MUSD; a hundredth of the design's unless given", HelpName = "money" };
        var power = new Option<string?>("--power") { Description = "power at the meter that may be added, such as 1MW", HelpName = "power" };
        var prices = new Option<string?>("--prices") { Description = "a price book in the place of the catalogue's prices; amounts stay in USD", HelpName = "file" };
        var json = new Option<bool>("--json") { Description = "print JSON, with units beside the figures" };
        var page = new Option<string?>("--page") { Description = "write the scenarios and the claims as a page, with its pictures in a folder beside it", HelpName = "file" };
        var command = new Command("advise", "Which layer to spend on, and which change there pays most, from what changes of a design buy; what would change the answer.")
        {
            about, budget, power, prices, json, page,
        };
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            var money = Amount<Money>("--budget", parsed.GetValue(budget));
            var watts = Amount<Power>("--power", parsed.GetValue(power));
            var catalog = parsed.GetValue(prices) is { } book ? PriceBook.Load(book).Catalog : null;
            var what = parsed.GetValue(about);
            if (parsed.GetValue(page) is { } file)
            {
                if (what is not null || money is not null || watts is not null || catalog is not null || parsed.GetValue(json)) throw new InputException("--page writes a page of all scenarios; leave the rest out");
                OutputFile.CheckPlace(file);
                TwoLayersPage.Write(file, [.. AdviceScenario.Shipped.Select(s => Answer(AdviceScenario.Find(s), null, null, null))], ClaimBook.All(new ClaimContext()));
                return CommandRunner.Success;
            }
            if (what is null) throw new InputException($"a scenario or a design is missing; expected a file or one of {string.Join(", ", AdviceScenario.Shipped)}");
            var answer = AnswerTo(what, money, watts, catalog);
            if (parsed.GetValue(json)) output.WriteLine(AdviceJson.Write(answer));
            else AdviceReport.Write(new(output), answer);
            return CommandRunner.Success;
        }));
        return command;
    }

    static AdviceAnswer Answer(AdviceScenario scenario, Money? budget, Power? power, PartCatalog? catalog) => Advisor.Of(scenario, scenario.ShippedDesign(catalog), budget, power);

    static AdviceAnswer AnswerTo(string about, Money? budget, Power? power, PartCatalog? catalog)
    {
        if (Path.GetExtension(about) is not (".yaml" or ".yml")) return Answer(AdviceScenario.Find(about), budget, power, catalog);
        var root = YamlText.ReadFile(about);
        if (root.Find("scenario") is not null)
        {
            var scenario = AdviceScenario.Read(root, Path.GetFileNameWithoutExtension(about));
            var path = Path.Combine(Path.GetDirectoryName(about) ?? "", scenario.Design);
            return Advisor.Of(scenario, scenario.DesignOf(YamlText.ReadFile(path), path, ModelInput.ModelsBeside(path), catalog), budget, power);
        }
        var document = ModelInput.LoadDesign(about, catalog);
        var ask = (budget, power) switch
        {
            ({ } b, { } p) => $"the next {b.ToString("G4")} and {p.ToString("G4")}",
            ({ } b, null) => $"the next {b.ToString("G4")}",
            (null, { } p) => $"the next {p.ToString("G4")}",
            _ => "the next hundredth of the cluster's capital",
        };
        return Advisor.Of(document, new() { Question = $"Which layer does {ask} go to?", Budget = budget, Power = power });
    }

    static T? Amount<T>(string option, string? text)
        where T : struct, IQuantity<T>, IComparable<T>
    {
        if (text is null) return null;
        if (!Quantity.TryParse<T>(text, out var amount, out var problem)) throw new InputException($"{option}: {problem}");
        return amount.CompareTo(default) > 0 ? amount : throw new InputException($"{option}: expected more than 0, found '{text}'");
    }
}
