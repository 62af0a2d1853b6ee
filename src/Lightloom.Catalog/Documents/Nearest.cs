namespace Lightloom.Catalog.Documents;

/// <summary>Finds the name that a mistyped one probably meant.</summary>
public static class Nearest
{
    /// <summary>
    /// The closest of the valid names by optimal string alignment, or null when none is near enough (more than about a third of
    /// the letters differ).
    /// </summary>
    public static string? Name(string wrong, IEnumerable<string> valid)
    {
        ArgumentNullException.ThrowIfNull(wrong);
        ArgumentNullException.ThrowIfNull(valid);
        if (wrong.Length > 100) return null;
        string? best = null;
        var bestDistance = int.MaxValue;
        foreach (var candidate in valid)
        {
            var distance = Distance(wrong.ToLowerInvariant(), candidate.ToLowerInvariant());
            // A name that continues what was typed ("h100" for "h100-sxm-80gb") is near whatever its length.
            if (wrong.Length >= 3 && candidate.Contains(wrong, StringComparison.OrdinalIgnoreCase)) distance = Math.Min(distance, 1);
            if (distance < bestDistance || (distance == bestDistance && string.CompareOrdinal(candidate, best) < 0))
                (best, bestDistance) = (candidate, distance);
        }
        return best is not null && bestDistance <= Math.Max(1, Math.Max(wrong.Length, best.Length) / 3) ? best : null;
    }

    /// <summary>"; did you mean 'x'?", or the list of valid names when it is short, or nothing.</summary>
    public static string Hint(string wrong, IReadOnlyCollection<string> valid)
    {
        ArgumentNullException.ThrowIfNull(valid);
        if (Name(wrong, valid) is { } near) return $"; did you mean '{near}'?";
        return valid.Count is > 0 and <= 24 ? $"; expected one of {string.Join(", ", valid)}" : "";
    }

    static int Distance(string a, string b)
    {
        var rows = new int[3][];
        for (var r = 0; r < 3; r++) rows[r] = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++) rows[0][j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            var (row, above, twoAbove) = (rows[i % 3], rows[(i - 1) % 3], rows[(i + 1) % 3]);
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                row[j] = Math.Min(Math.Min(row[j - 1], above[j]) + 1, above[j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    row[j] = Math.Min(row[j], twoAbove[j - 2] + 1);
            }
        }
        return rows[a.Length % 3][b.Length];
    }
}
