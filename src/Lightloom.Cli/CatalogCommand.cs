using System.CommandLine;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Planning;

namespace Lightloom.Cli;

/// <summary><c>lightloom catalog [KIND] [KEY] [--json]</c>.</summary>
static class CatalogCommand
{
    public static Command Make()
    {
        var kind = new Argument<string?>("kind") { Description = "a kind of part; all kinds unless given", Arity = ArgumentArity.ZeroOrOne };
        var key = new Argument<string?>("key") { Description = "a part of that kind; all of them unless given", Arity = ArgumentArity.ZeroOrOne };
        var json = new Option<bool>("--json") { Description = "print a part's figures as JSON" };
        var command = new Command("catalog", "List parts, or show one with the source and grade of each figure.") { kind, key, json };
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            var report = new TextReport(output);
            if (parsed.GetValue(kind) is not { } name) Kinds(report);
            else if (parsed.GetValue(key) is not { } part) Keys(report, TypeOf(name), name);
            else Show(output, report, TypeOf(name), part, parsed.GetValue(json));
            return CommandRunner.Success;
        }));
        return command;
    }

    static Type TypeOf(string kind)
    {
        foreach (var (name, type) in PartCatalog.Kinds)
            if (name == kind) return type;
        throw new InputException($"there is no kind '{kind}'{Nearest.Hint(kind, [.. PartCatalog.Kinds.Select(k => k.Kind)])}");
    }

    static void Kinds(TextReport report)
    {
        report.Title($"Catalogue {PartCatalog.Default.Version}");
        report.Table(["kind", ">parts", "for example"], PartCatalog.Kinds.Select(k =>
        {
            var keys = PartCatalog.Default.Keys(k.Type);
            return new[] { k.Kind, $"{keys.Count}", string.Join(", ", keys.Take(4)) };
        }));
        report.Say("'lightloom catalog KIND' lists a kind, 'lightloom catalog KIND KEY' shows a part with its sources and grades.");
    }

    static void Keys(TextReport report, Type type, string kind)
    {
        report.Title($"{kind}: {PartCatalog.Default.Keys(type).Count} parts");
        report.Table(["key", "name"], PartCatalog.Default.Keys(type).Select(k => new[] { k, PartCatalog.Default.Get(type, k, null).Name }));
    }

    static void Show(TextWriter output, TextReport report, Type type, string key, bool json)
    {
        var part = PartCatalog.Default.Get(type, key, null);
        var values = Explanation.Of(part);
        if (json)
        {
            output.WriteLine(Json.Write(values));
            return;
        }
        report.Title($"{part.Name} ({part.Key})");
        if (part.Note is { } note) report.Say(note.Trim());
        Plain(report, part);
        foreach (var section in values.GroupBy(v => v.Section))
        {
            report.Heading(section.Key);
            FigureTable.Write(report, section);
            foreach (var value in section.Where(v => v.Note is not null)) report.Say($"{value.Name}: {value.Note}.", 2);
        }
        Sources(report, values);
    }

    static void Plain(TextReport report, Part part)
    {
        var rows = new List<string[]>();
        foreach (var property in DocumentShape.Of(part.GetType()).Properties)
        {
            var value = property.Property.GetValue(part);
            if (value is null or ISourced || property.Key is "name" or "note") continue;
            var text = value switch
            {
                Part inner => $"{inner.Key} ({inner.Name})",
                Enum member => DocumentShape.NameOf(member),
                bool flag => flag ? "true" : "false",
                System.Collections.IEnumerable list when value is not string =>
                    string.Join(", ", list.Cast<object>().Select(i => i is Enum e ? DocumentShape.NameOf(e) : i.ToString())),
                _ => value.ToString() ?? "",
            };
            rows.Add([property.Key, text]);
        }
        if (rows.Count > 0) report.Table(["", ""], rows);
    }

    static void Sources(TextReport report, IReadOnlyList<ExplainedValue> values)
    {
        var keys = values.Select(v => v.Source.Split(' ')[0]).Distinct().Order(StringComparer.Ordinal).ToList();
        if (keys.Count == 0) return;
        report.Heading("Sources");
        foreach (var key in keys)
        {
            var source = PartCatalog.Default.Get<Source>(key);
            report.Say($"{key}: {source.Name}{(source.Url is { } url ? $", {url}" : "")}", 2);
        }
    }
}
