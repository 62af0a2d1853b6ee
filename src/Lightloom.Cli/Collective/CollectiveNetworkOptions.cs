using System.CommandLine;
using System.Globalization;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Optics;
using Lightloom.Planning;

namespace Lightloom.Cli;

/// <summary>The options by which commands are told a network of collectives: catalogue systems on a fabric, or a design.</summary>
sealed class CollectiveNetworkOptions
{
    readonly Option<string?> system = new("--system") { Description = "a system of the catalogue (dgx-h100)", HelpName = "key" };
    readonly Option<string?> nodes = new("--nodes") { Description = "systems, each one scale-up domain; 1 unless given", HelpName = "nodes" };
    readonly Option<string?> gpus = new("--gpus") { Description = "GPUs that take part, the same number on each node; all unless given", HelpName = "GPUs" };
    readonly Option<string?> fabric = new("--fabric") { Description = "what the fabric is: infiniband, rocev2, ultra-ethernet, efa, ...; what the cards speak unless given", HelpName = "name" };
    readonly Option<string?> oversubscription = new("--oversubscription") { Description = "bandwidth down over bandwidth up at every leaf; 1 unless given", HelpName = "ratio" };
    readonly Option<string?> box = new("--switch") { Description = "switch of every tier; the usual one for the cards' rate unless given", HelpName = "key" };
    readonly Option<string?> design = new("--design") { Description = "a design document, all of its accelerators, in place of --system", HelpName = "file" };

    CollectiveNetworkOptions()
    {
    }

    public static CollectiveNetworkOptions Make() => new();

    public void AddTo(Command command)
    {
        ReadOnlySpan<Option> all = [system, nodes, gpus, fabric, oversubscription, box, design];
        foreach (var option in all) command.Add(option);
    }

    /// <summary>The network.</summary>
    /// <exception cref="InputException">The options contradict each other or say what can't be.</exception>
    public CollectiveNetwork Read(ParseResult parsed)
    {
        if (parsed.GetValue(design) is { } file)
        {
            foreach (var option in new[] { system, nodes, gpus, fabric, oversubscription, box })
                if (parsed.GetValue(option) is not null) throw new InputException($"{option.Name}: the design of --design says that already; expected one or the other");
            var catalog = PartCatalog.Default;
            return CollectiveNetwork.Of(ClusterBuild.Of(ModelInput.LoadDesign(file, catalog), catalog, new LinkEngineer(catalog)));
        }
        var key = parsed.GetValue(system) ?? throw new InputException("--system: expected a system of the catalogue, or --design and a file");
        var part = LinkInput.Part<AcceleratorSystem>("--system", key);
        var count = LinkInput.Count("--nodes", parsed.GetValue(nodes) ?? "1", 1, CollectiveNetwork.MostSystems);
        int? some = parsed.GetValue(gpus) is { } text ? LinkInput.Count("--gpus", text, 2, (int)Math.Min(int.MaxValue, (long)count * part.Accelerators.Value)) : null;
        var thin = parsed.GetValue(oversubscription) is { } ratio ? Oversubscription(ratio) : 1;
        var switches = parsed.GetValue(box) is { } name ? LinkInput.Part<Switch>("--switch", name) : null;
        return CollectiveNetwork.Of(part, count, some, parsed.GetValue(fabric), thin, switches);
    }

    /// <summary>The collective of a name, as nccl-tests or this project writes it.</summary>
    public static CollectiveKind Kind(string text)
    {
        var plain = text.Replace('_', '-').ToLowerInvariant() switch { "alltoall" => "all-to-all", "sendrecv" or "send-recv" => "send-receive", var same => same };
        return CollectiveChooseInput.Named<CollectiveKind>("--collective", plain, DocumentShape.NameOf, text);
    }

    static double Oversubscription(string text) =>
        double.TryParse(text.EndsWith(":1", StringComparison.Ordinal) ? text[..^2] : text, NumberStyles.Float, CultureInfo.InvariantCulture, out var ratio)
            && ratio is >= 1 and <= CollectiveNetwork.MostOversubscription
            ? ratio
            : throw new InputException($"--oversubscription: expected a ratio from 1 to {CollectiveNetwork.MostOversubscription} (2 or 2:1), found '{text}'");
}
