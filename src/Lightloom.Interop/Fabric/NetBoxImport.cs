using System.Text;
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;

namespace Lightloom.Interop.Fabric;

// Cables of NetBox in the columns of its bulk import (NetBoxExport), in any order; of them side_a_device, side_a_name, side_b_device and
// side_b_name are needed. Rows whose type is no dcim.interface (power, console, patch panels) are passed over. Names of ports:
//
//   swp12, Ethernet12, Eth1/12, 12, p12   port 12        swp12s1, Ethernet12/2   part 2 of port 12 (Linux counts parts from 0)
//   nic-3, nic-3p2 at node-0012           port 1, port 2 of device node-0012-nic-3
//
// The last number is the port, and what stands before it is not looked at, but for a second number after a slash.

/// <summary>Reads cables in the columns of NetBox.</summary>
public static class NetBoxImport
{
    static readonly string[] NeededColumns = ["side_a_device", "side_a_name", "side_b_device", "side_b_name"];

    /// <summary>Reads a file.</summary>
    /// <exception cref="InputException">The file can't be read, or has no such cables.</exception>
    public static DiscoveredFabric ReadFile(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return TextLines.ReadFile(path, reader => Read(reader, path));
    }

    /// <summary>Reads a text.</summary>
    /// <param name="reader">The text.</param>
    /// <param name="file">How to call it in messages.</param>
    /// <exception cref="InputException">It has no such cables.</exception>
    public static DiscoveredFabric Read(TextReader reader, string file)
    {
        var lines = new TextLines(reader, file);
        var header = Fields(lines) ?? throw new InputException("the file is empty; expected a header line", new(file, 1, 1));
        int[] needed = [.. NeededColumns.Select(Needed)];
        var (typeA, typeB) = (header.IndexOf("side_a_type"), header.IndexOf("side_b_type"));
        var builder = new DiscoveredFabricBuilder(file, countsParts: false);
        var devices = new Dictionary<string, int>(StringComparer.Ordinal);
        while (Fields(lines) is { } row)
        {
            if (row.Count == 1 && row[0].Length == 0) continue;
            if (row.Count != header.Count) throw lines.Wrong($"expected {header.Count} fields, found {row.Count}: the file is truncated or a field lacks its quotes");
            if (!IsInterface(row, typeA) || !IsInterface(row, typeB)) continue;
            var (a, portA) = End(row[needed[0]], row[needed[1]]);
            var (b, portB) = End(row[needed[2]], row[needed[3]]);
            builder.Link(a, portA, b, portB, null, lines.Number);
        }
        if (builder.Devices == 0) throw new InputException($"'{file}' has no cables between interfaces");
        return builder.Finish();

        int Needed(string column) => header.IndexOf(column) is >= 0 and var at ? at
            : throw new InputException($"column '{column}' is missing{Nearest.Hint(column, [.. header.Except(NetBoxExport.Columns)])}", new(file, 1, 1));

        static bool IsInterface(List<string> row, int type) => type < 0 || row[type] is "" or "dcim.interface" or "interface";

        (int Device, PortNumber Port) End(string device, string name)
        {
            if (device.Length == 0 || name.Length == 0) throw lines.Wrong("expected a device and the name of its interface, found an empty field");
            if (name.Contains(',', StringComparison.Ordinal))
                throw lines.Wrong($"interface '{name}' is several: cables with several ends at one side aren't compared; write one row for each");
            var (full, port) = InterfaceName.Read(device, name) ?? throw lines.Wrong($"expected an interface with a number, found '{name}'");
            if (!devices.TryGetValue(full, out var number)) devices[full] = number = builder.Device(full, null, DiscoveredKind.Unknown, lines.Number);
            return (number, port);
        }
    }

    // One record (RFC 4180): fields by commas, in quotes where they have some; a quoted field may go on over lines.
    static List<string>? Fields(TextLines lines)
    {
        if (!lines.Next()) return null;
        var line = lines.Line;
        var fields = new List<string>();
        var field = new StringBuilder();
        for (var i = 0; ; i++)
        {
            if (i < line.Length && line[i] == '"' && field.Length == 0)
            {
                var started = lines.Number;
                for (i++; ; i++)
                {
                    if (i >= line.Length)
                    {
                        field.Append('\n');
                        if (field.Length > TextLines.LongestLine || !lines.Next())
                            throw lines.Wrong($"the quotes that open in line {started} don't close: the file is truncated");
                        line = lines.Line;
                        i = -1;
                    }
                    else if (line[i] != '"') field.Append(line[i]);
                    else if (i + 1 < line.Length && line[i + 1] == '"') field.Append(line[i++]);
                    else break;
                }
                if (i + 1 < line.Length && line[i + 1] != ',') throw lines.Wrong("expected a comma after the closing quotes", i + 2);
                continue;
            }
            if (i < line.Length && line[i] != ',')
            {
                field.Append(line[i]);
                continue;
            }
            fields.Add(field.ToString().Trim());
            field.Clear();
            if (i >= line.Length) return fields;
        }
    }
}
