using System.Globalization;
using Lightloom.Catalog.Documents;

namespace Lightloom.Interop.Training;

/// <summary>The shell's integer arithmetic (64 bits), without side effects: an assignment or increment is not followed.</summary>
sealed class ShellArithmetic
{
    /// <summary>Deepest nesting of parentheses and operators.</summary>
    const int Deepest = 200;

    readonly string text;
    readonly Mark mark;
    readonly Func<string, (long? Value, string? Why)> variable;
    int at, depth;
    string? why;

    ShellArithmetic(string text, Mark mark, Func<string, (long?, string?)> variable) => (this.text, this.mark, this.variable) = (text, mark, variable);

    /// <summary>The value of an expression, or why it isn't known.</summary>
    /// <param name="expression">The expression, with variables by their bare names.</param>
    /// <param name="mark">Where it stands.</param>
    /// <param name="variable">The value of a variable, or why it isn't known.</param>
    /// <exception cref="InputException">It is no expression, divides by zero or leaves 64 bits.</exception>
    public static (long? Value, string? Why) Of(string expression, Mark mark, Func<string, (long?, string?)> variable)
    {
        if (string.IsNullOrWhiteSpace(expression)) return (0, null);
        var reader = new ShellArithmetic(expression, mark, variable);
        long? value;
        try
        {
            value = reader.Choice();
        }
        catch (OverflowException)
        {
            throw new InputException($"'{Shown(expression)}' leaves 64 bits", mark);
        }
        reader.SkipBlanks();
        if (reader.at < expression.Length)
        {
            return reader.text[reader.at] is '=' or '+' or '-' or '*' or '/' or ','
                ? (null, "assignments within arithmetic are not followed")
                : throw new InputException($"'{Shown(expression)}' is no arithmetic: '{expression[reader.at]}' is not expected", mark);
        }
        return value is null ? (null, reader.why ?? "it is not known") : (value, null);
    }

    static string Shown(string expression) => expression.Length <= 60 ? expression.Trim() : expression[..57].Trim() + "...";

    void SkipBlanks()
    {
        while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
    }

    bool Take(string symbol)
    {
        SkipBlanks();
        if (string.CompareOrdinal(text, at, symbol, 0, symbol.Length) != 0) return false;
        at += symbol.Length;
        return true;
    }

    long? Choice()
    {
        if (++depth > Deepest) throw new InputException($"arithmetic is nested more than {Deepest} levels deep", mark);
        var value = Binary(0);
        if (Take("?"))
        {
            var yes = Choice();
            if (!Take(":")) throw new InputException($"'{Shown(text)}' has '?' without ':'", mark);
            var no = Choice();
            value = value is { } v ? v != 0 ? yes : no : null;
        }
        depth--;
        return value;
    }

    static readonly string[][] Levels = [["||"], ["&&"], ["|"], ["^"], ["&"], ["==", "!="], ["<=", ">=", "<", ">"], ["<<", ">>"], ["+", "-"], ["*", "/", "%"]];

    long? Binary(int level)
    {
        if (level == Levels.Length) return Power();
        var left = Binary(level + 1);
        while (Operator(level) is { } symbol)
        {
            var right = Binary(level + 1);
            left = left is { } a && right is { } b ? Apply(symbol, a, b) : null;
        }
        return left;
    }

    string? Operator(int level)
    {
        SkipBlanks();
        foreach (var symbol in Levels[level])
        {
            if (string.CompareOrdinal(text, at, symbol, 0, symbol.Length) != 0) continue;
            var next = at + symbol.Length < text.Length ? text[at + symbol.Length] : '\0';
            // Not the first half of another operator, nor of an assignment.
            if (symbol is "|" or "&" or "<" or ">" or "*" && next == symbol[0]) continue;
            if (next == '=' && symbol is not ("==" or "!=" or "<=" or ">=")) continue;
            if (symbol is "+" or "-" && next == symbol[0] && !(at + 2 < text.Length && (char.IsAsciiLetterOrDigit(text[at + 2]) || text[at + 2] == '('))) continue;
            at += symbol.Length;
            return symbol;
        }
        return null;
    }

    long Apply(string symbol, long a, long b) => symbol switch
    {
        "||" => a != 0 || b != 0 ? 1 : 0,
        "&&" => a != 0 && b != 0 ? 1 : 0,
        "|" => a | b,
        "^" => a ^ b,
        "&" => a & b,
        "==" => a == b ? 1 : 0,
        "!=" => a != b ? 1 : 0,
        "<=" => a <= b ? 1 : 0,
        ">=" => a >= b ? 1 : 0,
        "<" => a < b ? 1 : 0,
        ">" => a > b ? 1 : 0,
        "<<" => a << (int)(b & 63),
        ">>" => a >> (int)(b & 63),
        "+" => checked(a + b),
        "-" => checked(a - b),
        "*" => checked(a * b),
        "/" => b == 0 ? throw new InputException($"'{Shown(text)}' divides by zero", mark) : checked(a / b),
        _ => b == 0 ? throw new InputException($"'{Shown(text)}' divides by zero", mark) : b == -1 ? 0 : a % b,
    };

    long? Power()
    {
        var value = Unary();
        if (!Take("**")) return value;
        if (++depth > Deepest) throw new InputException($"arithmetic is nested more than {Deepest} levels deep", mark);
        var exponent = Power();
        depth--;
        if (value is not { } b || exponent is not { } e) return null;
        if (e < 0) throw new InputException($"'{Shown(text)}' has an exponent below zero", mark);
        if (b is 0 or 1 or -1) return e == 0 || b == 1 ? 1 : b == 0 ? 0 : e % 2 == 0 ? 1 : -1;
        // Two or more overflow within 64 rounds.
        long result = 1;
        for (; e > 0; e--) result = checked(result * b);
        return result;
    }

    long? Unary()
    {
        SkipBlanks();
        var sign = 1;
        var not = -1;
        while (at < text.Length && text[at] is '+' or '-' or '!')
        {
            if (text[at] == '-') sign = -sign;
            else if (text[at] == '!') not = not == 1 ? 0 : 1;
            at++;
            SkipBlanks();
        }
        var value = Primary();
        if (value is not { } v) return null;
        v = checked(sign * v);
        return not switch { 1 => v == 0 ? 1 : 0, 0 => v != 0 ? 1 : 0, _ => v };
    }

    long? Primary()
    {
        SkipBlanks();
        if (Take("("))
        {
            var inner = Choice();
            if (!Take(")")) throw new InputException($"'{Shown(text)}' has a parenthesis that is not closed", mark);
            return inner;
        }
        var start = at;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '_' or '#')) at++;
        var word = text[start..at];
        if (word.Length == 0) throw new InputException($"'{Shown(text)}' is no arithmetic: a number is expected{(at < text.Length ? $", found '{text[at]}'" : " at its end")}", mark);
        if (char.IsAsciiDigit(word[0])) return Number(word);
        var (value, reason) = variable(word);
        if (value is null) why ??= reason;
        return value;
    }

    long Number(string word)
    {
        var (digits, style) = word.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? (word[2..], NumberStyles.AllowHexSpecifier) : (word, NumberStyles.None);
        return long.TryParse(digits, style, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new InputException($"'{Shown(word)}' is no whole number of 64 bits", mark);
    }
}
