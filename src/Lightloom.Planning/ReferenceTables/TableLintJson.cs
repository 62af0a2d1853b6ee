using Lightloom.Catalog.Documents;

namespace Lightloom.Planning.ReferenceTables;

/// <summary>A linted table as JSON, described in docs/json.md.</summary>
public static class TableLintJson
{
    /// <summary>Writes what was found.</summary>
    public static string Write(TableLint lint)
    {
        ArgumentNullException.ThrowIfNull(lint);
        return EvaluationJson.Text(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("lightloom", 1);
            json.WriteString("file", Path.GetFileName(lint.File));
            json.WriteNumber("rows", lint.Rows);
            json.WriteNumber("cells", lint.Cells);
            json.WriteStartObject("rules");
            json.WriteString("topology", lint.Rules.Topology);
            json.WriteNumber("oversubscription", lint.Rules.Oversubscription);
            if (lint.Rules.Radix is { } radix) json.WriteNumber("radix", radix);
            json.WriteNumber("acceleratorsPerNode", lint.Rules.PerNode);
            if (lint.Rules.PerUnit is { } unit) json.WriteNumber("nodesPerUnit", unit);
            json.WriteEndObject();
            json.WriteStartArray("managers");
            foreach (var (group, cables) in lint.Managers)
            {
                json.WriteStartObject();
                if (group.Length > 0) json.WriteString("group", group);
                json.WriteNumber("cables", cables);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("findings");
            foreach (var finding in lint.Findings)
            {
                json.WriteStartObject();
                json.WriteNumber("row", finding.Row);
                json.WriteNumber("line", finding.Line);
                json.WriteString("column", finding.Column);
                json.WriteString("printed", finding.Printed);
                if (finding.Fits is { } fits) json.WriteNumber("fits", fits);
                json.WriteString("fault", DocumentShape.NameOf(finding.Fault));
                json.WriteString("reason", finding.Reason);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }
}
