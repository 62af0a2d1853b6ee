using System.Globalization;
using Lightloom.Catalog.Documents;

namespace Lightloom.Interop.Training;

/// <summary>One argument: its values, and where it stands.</summary>
sealed record LaunchSetting(string Name, string Written, IReadOnlyList<ShellValue> Values, Mark Mark)
{
    public string Text => string.Join(' ', Values.Select(v => v.Text));
}

/// <summary>The arguments of a launch, each of which is asked for, passed over knowingly or unknown.</summary>
sealed class LaunchSettings
{
    readonly Dictionary<string, LaunchSetting> settings = new(StringComparer.Ordinal);
    readonly List<LaunchSetting> order = [];
    readonly Dictionary<string, (ArgumentUse Use, string Note)> uses = new(StringComparer.Ordinal);
    readonly Dictionary<string, (string Name, Mark Mark)> places = new(StringComparer.Ordinal);

    /// <summary>What was taken as something, in sentences.</summary>
    public List<string> Assumptions { get; } = [];

    /// <summary>How a user may give a value that isn't known.</summary>
    public string HowToGive { get; init; } = "";

    public IReadOnlyDictionary<string, (string Name, Mark Mark)> Places => places;

    /// <summary>Adds an argument; a later one replaces one before it, as argument parsers have it.</summary>
    public void Add(LaunchSetting setting)
    {
        if (settings.TryGetValue(setting.Name, out var before))
        {
            if (before.Text != setting.Text) Assumptions.Add($"{setting.Written} stands twice, '{before.Text}' ({ShellText.Short(before.Mark)}) and '{setting.Text}' ({ShellText.Short(setting.Mark)}): the later one counts");
            order.Remove(before);
        }
        settings[setting.Name] = setting;
        order.Add(setting);
    }

    public LaunchSetting? Find(string name) => settings.GetValueOrDefault(name);

    public bool Has(string name) => settings.ContainsKey(name);

    /// <summary>Says what an argument was used for, or why not.</summary>
    public void Use(string name, ArgumentUse use = ArgumentUse.Used, string note = "") => uses[name] = (use, note);

    /// <summary>Says which key of the job an argument decides, so that complaints find it.</summary>
    public void Decides(string field, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (Find(name) is not { } setting) continue;
            places[field] = (setting.Written, setting.Mark);
            return;
        }
    }

    public InputException Wrong(string name, string problem) => Find(name) is { } setting ? new($"{setting.Written}: {problem}", setting.Mark) : new(problem);

    /// <summary>Whether a switch without a value is there.</summary>
    public bool Flag(string name)
    {
        if (Find(name) is not { } setting) return false;
        Use(name);
        return setting.Values.Count == 0 ? true
            : setting.Values is [{ Text: "true" or "True" or "1" }] ? true
            : setting.Values is [{ Text: "false" or "False" or "0" }] ? false
            : throw Wrong(name, $"takes no value, found '{setting.Text}'");
    }

    /// <summary>The text of an argument, or null where it isn't there.</summary>
    public string? Text(string name)
    {
        if (Find(name) is not { } setting) return null;
        Use(name);
        if (setting.Values.Count != 1) throw Wrong(name, setting.Values.Count == 0 ? "needs a value" : $"takes one value, found '{setting.Text}'");
        return Known(setting, setting.Values[0]);
    }

    /// <summary>The texts of an argument with any number of values; none where it isn't there.</summary>
    public IReadOnlyList<string> Texts(string name)
    {
        if (Find(name) is not { } setting) return [];
        Use(name);
        return [.. setting.Values.Select(v => Known(setting, v))];
    }

    string Known(LaunchSetting setting, ShellValue value) => value.FirstUnknown is not { } hole ? value.Text
        : throw new InputException($"{setting.Written}: its value '{value.Text}' isn't known: {hole.Why}{(HowToGive.Length == 0 ? "" : $"; {string.Format(CultureInfo.InvariantCulture, HowToGive, setting.Written)}")}", value.Mark);

    /// <summary>A whole number, or null where it isn't there.</summary>
    public int? Count(string name, int least = 1, int most = int.MaxValue)
    {
        if (Text(name) is not { } text) return null;
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            throw Wrong(name, $"expected a whole number, found '{text}'");
        return number >= least && number <= most ? (int)number
            : throw Wrong(name, most == int.MaxValue ? $"expected at least {least:N0}, found {text}" : $"expected from {least:N0} to {most:N0}, found {text}");
    }

    /// <summary>A number, or null where it isn't there.</summary>
    public double? Number(string name)
    {
        if (Text(name) is not { } text) return null;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : throw Wrong(name, $"expected a number, found '{text}'");
    }

    /// <summary>One of several texts.</summary>
    public string? Choice(string name, params ReadOnlySpan<string> choices)
    {
        if (Text(name) is not { } text) return null;
        return choices.Contains(text) ? text : throw Wrong(name, $"expected one of {string.Join(", ", choices.ToArray())}, found '{text}'{Nearest.Hint(text, choices.ToArray())}");
    }

    /// <summary>Every argument with what became of it.</summary>
    /// <param name="known">What is known of those that weren't asked for.</param>
    /// <param name="names">Names that exist, for hints at what a misspelt one may be.</param>
    public IReadOnlyList<ImportedArgument> Account(Func<string, (ArgumentUse Use, string Note)?> known, IReadOnlyCollection<string> names)
    {
        var list = new List<ImportedArgument>(order.Count);
        foreach (var setting in order)
        {
            var (use, note) = uses.TryGetValue(setting.Name, out var asked) ? asked
                : known(setting.Name) is { } passed ? passed
                : (ArgumentUse.Unknown, Nearest.Name(setting.Name, names) is { } near ? $"did you mean '{near}'?" : "");
            list.Add(new(setting.Written, setting.Text, use, note, setting.Mark));
        }
        return list;
    }
}
