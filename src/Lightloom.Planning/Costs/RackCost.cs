using Lightloom.Catalog.Documents;

namespace Lightloom.Planning.Costs;

/// <summary>A row of a published split of a rack's cost, in dollars of one system.</summary>
/// <param name="Layers">Layers of the network.</param>
/// <param name="Server">The system.</param>
/// <param name="Network">Its network.</param>
/// <param name="Rest">All else.</param>
/// <param name="Optics">The modules' part of the network; null where the row doesn't say.</param>
public sealed record RackCost(int Layers, double Server, double Network, double Rest, double? Optics)
{
    /// <summary>Columns that a table of such rows has.</summary>
    public static IReadOnlyList<string> Columns { get; } = ["network_layers", "server_usd", "networking_usd"];

    const double MostDollars = 1e12;

    /// <summary>The whole.</summary>
    public double Total => Server + Network + Rest;

    /// <summary>The network's share of the whole.</summary>
    public double Share => Network / Total;

    /// <summary>Reads a row.</summary>
    /// <param name="row">The row.</param>
    /// <exception cref="InputException">Its parts can't be.</exception>
    public static RackCost Read(CsvRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        var layers = row.Count("network_layers", 1, 100);
        var (server, network) = (row.Real("server_usd", 0, MostDollars), row.Real("networking_usd", 0, MostDollars));
        var rest = row.NumberOrNull("other_usd_calc", 0, MostDollars) ?? row.NumberOrNull("other_usd", 0, MostDollars)
            ?? (row.NumberOrNull("total_budget_usd", 0, MostDollars) is { } all ? all - server - network : 0);
        if (rest < 0) throw row.Wrong("total_budget_usd", "the whole costs less than server and network together");
        if (server + network + rest <= 0) throw row.Wrong("server_usd", "expected a cost above 0 of server or network");
        var optics = row.NumberOrNull("optical_transceivers_usd", 0, MostDollars);
        if (optics > network) throw row.Wrong("optical_transceivers_usd", "optics are part of the network and cost more than it");
        return new((int)layers, server, network, rest, optics);
    }
}
