using System.Globalization;

namespace Lightloom.Interop.Training;

/// <summary>Lists of layers as Megatron-LM's arguments write them.</summary>
static class LayerPattern
{
    const int Deepest = 32;

    /// <summary>A list expression such as <c>([0]*3+[1]*58)</c>; null where it is none, or longer than <paramref name="most"/>.</summary>
    public static int[]? Parse(string text, int most)
    {
        var at = 0;
        var value = Sum(text.Replace(" ", "", StringComparison.Ordinal), ref at, most, 0);
        return value is { } list && at == text.Replace(" ", "", StringComparison.Ordinal).Length ? [.. list] : null;
    }

    static List<int>? Sum(string text, ref int at, int most, int depth)
    {
        var sum = Product(text, ref at, most, depth);
        while (sum is not null && at < text.Length && text[at] == '+')
        {
            at++;
            var right = Product(text, ref at, most, depth);
            if (right is null || sum.Count + right.Count > most) return null;
            sum.AddRange(right);
        }
        return sum;
    }

    static List<int>? Product(string text, ref int at, int most, int depth)
    {
        if (depth > Deepest || at >= text.Length) return null;
        List<int>? list;
        if (text[at] == '(')
        {
            at++;
            list = Sum(text, ref at, most, depth + 1);
            if (at >= text.Length || text[at++] != ')') return null;
        }
        else if (text[at] == '[')
        {
            var close = text.IndexOf(']', at);
            if (close < 0) return null;
            list = [];
            foreach (var item in text[(at + 1)..close].Split(',', StringSplitOptions.RemoveEmptyEntries))
            {
                if (!int.TryParse(item, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || list.Count >= most) return null;
                list.Add(value);
            }
            at = close + 1;
        }
        else
        {
            return null;
        }
        while (list is not null && at < text.Length && text[at] == '*')
        {
            var start = ++at;
            while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
            if (!int.TryParse(text.AsSpan(start, at - start), NumberStyles.None, CultureInfo.InvariantCulture, out var times) || (long)times * list.Count > most) return null;
            list = [.. Enumerable.Repeat(list, times).SelectMany(l => l)];
        }
        return list;
    }

    /// <summary>
    /// Decoder layers of each part of a layout such as <c>Et*3|(tt|)*29,m|L</c>: E embedding, t decoder layer, m prediction, L loss. Null
    /// where it is none.
    /// </summary>
    public static IReadOnlyList<int>? ParseLayout(string text, int most)
    {
        if (Unrolled(text.Replace(",", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal), most, 0) is not { } flat) return null;
        var parts = new List<int> { 0 };
        foreach (var c in flat)
        {
            if (c == '|') parts.Add(0);
            else if (c == 't') parts[^1]++;
            else if (c is not ('E' or 'm' or 'L')) return null;
        }
        return parts;
    }

    static string? Unrolled(string text, int most, int depth)
    {
        if (depth > Deepest) return null;
        var result = new System.Text.StringBuilder();
        for (var at = 0; at < text.Length;)
        {
            string? unit;
            if (text[at] == '(')
            {
                var (close, level) = (at, 0);
                for (; close < text.Length; close++)
                {
                    if (text[close] == '(') level++;
                    else if (text[close] == ')' && --level == 0) break;
                }
                if (close >= text.Length) return null;
                unit = Unrolled(text[(at + 1)..close], most, depth + 1);
                at = close + 1;
            }
            else
            {
                unit = text[at++].ToString();
            }
            if (unit is null) return null;
            var times = 1;
            if (at < text.Length && text[at] == '*')
            {
                var start = ++at;
                while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
                if (!int.TryParse(text.AsSpan(start, at - start), NumberStyles.None, CultureInfo.InvariantCulture, out times)) return null;
            }
            if (result.Length + ((long)times * unit.Length) > most) return null;
            for (var i = 0; i < times; i++) result.Append(unit);
        }
        return result.ToString();
    }
}
