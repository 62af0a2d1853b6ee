using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Lightloom.Quantities;

namespace Lightloom.Catalog.Documents;

/// <summary>
/// Writes the JSON Schema (draft 7, which editors understand) of a document type from the same shapes that reading uses, with
/// the types' own documentation as descriptions and the catalogue's keys as suggestions.
/// </summary>
/// <param name="catalog">Whose parts can be named.</param>
public sealed partial class DocumentSchema(PartCatalog catalog)
{
    readonly JsonObject definitions = [];
    readonly Dictionary<Assembly, Dictionary<string, string>> documentation = [];

    /// <summary>The schema of a document type.</summary>
    /// <param name="title">What the document is.</param>
    public JsonObject Of<T>(string title)
        where T : class
    {
        var root = Record(typeof(T), null);
        var schema = new JsonObject { ["$schema"] = "http://json-schema.org/draft-07/schema#", ["title"] = title };
        foreach (var (key, value) in root.ToList())
        {
            root.Remove(key);
            schema[key] = value;
        }
        var sorted = new JsonObject();
        foreach (var (key, value) in definitions.OrderBy(d => d.Key, StringComparer.Ordinal).ToList())
        {
            definitions.Remove(key);
            sorted[key] = value;
        }
        schema["definitions"] = sorted;
        return schema;
    }

    JsonObject Record(Type type, string? basedOn)
    {
        var shape = DocumentShape.Of(type);
        var properties = new JsonObject();
        if (basedOn is not null) properties["basedOn"] = Reference(basedOn);
        foreach (var property in shape.Properties)
        {
            var schema = Value(property.Property.PropertyType, property.Limits);
            if (Summary(property.Property) is { } summary)
            {
                // Draft 7 ignores what stands beside a $ref.
                if (schema.ContainsKey("$ref")) schema = new JsonObject { ["allOf"] = new JsonArray(schema) };
                schema["description"] = summary;
            }
            properties[property.Key] = schema;
        }
        var result = new JsonObject { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = properties };
        var required = basedOn is not null ? ["basedOn"] : shape.Properties.Where(p => p.Required).Select(p => p.Key).ToList();
        if (required.Count > 0) result["required"] = new JsonArray([.. required.Select(r => JsonValue.Create(r))]);
        return result;
    }

    JsonObject Value(Type type, LimitsAttribute? limits)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (DocumentShape.SourcedValue(type) is { } sourced) return Figure(sourced, limits);
        if (DocumentShape.IsQuantity(type)) return Reference(Define(type.Name, () => QuantitySchema(type)));
        if (type.IsEnum)
            return new() { ["type"] = "string", ["enum"] = new JsonArray([.. DocumentShape.NamesOf(type).Select(n => JsonValue.Create(n.Name))]) };
        if (type == typeof(string)) return new() { ["type"] = "string", ["minLength"] = 1 };
        if (type == typeof(bool)) return new() { ["type"] = "boolean" };
        if (type == typeof(int) || type == typeof(long)) return Limited(new() { ["type"] = "integer" }, limits);
        if (type == typeof(double)) return Limited(new() { ["type"] = "number" }, limits);
        if (DocumentShape.ListItem(type) is { } item) return new() { ["type"] = "array", ["items"] = Value(item, limits) };
        if (DocumentShape.MapValue(type) is { } value) return new() { ["type"] = "object", ["additionalProperties"] = Value(value, limits) };
        if (typeof(Part).IsAssignableFrom(type)) return Reference(Define(type.Name, () => PartReference(type)));
        return Reference(Define(type.Name, () =>
        {
            var record = Record(type, null);
            return DocumentShape.Of(type).Shorthand is { } shorthand
                ? new JsonObject { ["anyOf"] = new JsonArray(Value(shorthand.Property.PropertyType, shorthand.Limits), record) }
                : record;
        }));
    }

    JsonObject PartReference(Type type)
    {
        var keys = Define(type.Name + "Key", () => new JsonObject
        {
            ["type"] = "string",
            ["enum"] = new JsonArray([.. catalog.Keys(type).Select(k => JsonValue.Create(k))]),
        });
        var choices = new JsonArray(Reference(keys), Record(type, keys));
        if (type.GetCustomAttribute<PartKindAttribute>() is { FromFiles: true })
            choices.Add((JsonNode)new JsonObject { ["type"] = "string", ["pattern"] = @"\.(json|ya?ml)$", ["description"] = "A file beside the design that describes it." });
        return new() { ["anyOf"] = choices };
    }

    JsonObject Figure(Type value, LimitsAttribute? limits)
    {
        JsonObject Inner() => Value(value, limits);
        return new()
        {
            ["anyOf"] = new JsonArray(
                Inner(),
                new JsonObject
                {
                    ["type"] = "object",
                    ["additionalProperties"] = false,
                    ["required"] = new JsonArray("value"),
                    ["properties"] = new JsonObject
                    {
                        ["value"] = Inner(),
                        ["low"] = Inner(),
                        ["high"] = Inner(),
                        ["year"] = new JsonObject { ["type"] = "integer", ["minimum"] = 1950, ["maximum"] = 2100 },
                        ["source"] = new JsonObject { ["type"] = "string" },
                        ["grade"] = Value(typeof(Grade), null),
                        ["note"] = new JsonObject { ["type"] = "string" },
                    },
                }),
        };
    }

    static JsonObject QuantitySchema(Type type)
    {
        var units = (IReadOnlyList<Unit>)type.GetProperty(nameof(IQuantity<>.Units), BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!;
        var name = (string)type.GetProperty("Name", BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!;
        var symbols = units.SelectMany(u => u.Aliases.Prepend(u.Symbol)).ToList();
        var pattern = $"^\\s*[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?\\s*({string.Join("|", symbols.Select(Regex.Escape))})\\s*$";
        var text = new JsonObject { ["type"] = "string", ["pattern"] = pattern };
        var description = $"a {name} in {string.Join(", ", units.Select(u => u.Symbol.Length == 0 ? "a plain number" : u.Symbol))}";
        // A quantity that needs no unit is a number to YAML.
        return symbols.Contains("")
            ? new() { ["description"] = description, ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "number" }, text) }
            : new() { ["description"] = description, ["type"] = "string", ["pattern"] = pattern };
    }

    static JsonObject Limited(JsonObject schema, LimitsAttribute? limits)
    {
        if (limits is { Minimum: > double.NegativeInfinity }) schema["minimum"] = limits.Minimum;
        if (limits is { Maximum: < double.PositiveInfinity }) schema["maximum"] = limits.Maximum;
        return schema;
    }

    string Define(string name, Func<JsonObject> make)
    {
        if (!definitions.ContainsKey(name))
        {
            definitions[name] = null;
            definitions[name] = make();
        }
        return name;
    }

    static JsonObject Reference(string name) => new() { ["$ref"] = $"#/definitions/{name}" };

    string? Summary(PropertyInfo property)
    {
        var assembly = property.DeclaringType!.Assembly;
        if (!documentation.TryGetValue(assembly, out var texts))
        {
            var file = Path.ChangeExtension(assembly.Location, ".xml");
            documentation[assembly] = texts = File.Exists(file)
                ? XDocument.Load(file).Descendants("member")
                    .Where(m => m.Element("summary") is not null)
                    .ToDictionary(m => m.Attribute("name")!.Value, m => Spaces().Replace(m.Element("summary")!.Value, " ").Trim(), StringComparer.Ordinal)
                : [];
        }
        return texts.GetValueOrDefault($"P:{property.DeclaringType.FullName}.{property.Name}");
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
