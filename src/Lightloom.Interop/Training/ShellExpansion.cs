// What words of a script come to: variables, arithmetic, and the few commands that make names of names (POSIX 1003.1, "Word Expansions";
// bash's manual for arrays). White space splits what stood without quotes; file names are not looked up.

using System.Globalization;
using System.Text;
using Lightloom.Catalog.Documents;

namespace Lightloom.Interop.Training;

/// <summary>Expands words.</summary>
sealed partial class ShellScript
{
    static bool IsName(string name) => char.IsAsciiLetter(name[0]) || name[0] == '_';

    /// <summary>A word as one value.</summary>
    /// <param name="word">The word.</param>
    /// <param name="quotes">Whether what stood in quotes is to be remembered, because the value may yet be split.</param>
    ShellValue Value(ShellWord word, bool quotes = false)
    {
        var pieces = new List<ShellPiece>();
        foreach (var part in word.Parts)
        {
            var all = Expand(part);
            for (var i = 0; i < all.Count; i++)
            {
                if (i > 0) pieces.Add(new(" ", word.Mark));
                pieces.AddRange(quotes && part.Quoted ? all[i].Pieces.Select(p => p with { Whole = true }) : quotes ? all[i].Pieces : all[i].Pieces.Select(p => p with { Whole = false }));
            }
        }
        var value = new ShellValue(pieces, word.Mark);
        made += value.Text.Length + pieces.Count;
        return made <= MostMade ? value : throw new InputException("the script makes too much text to be followed", word.Mark);
    }

    /// <summary>Words as the shell hands them to a command: variables without quotes are split at white space.</summary>
    List<ShellValue> Fields(IReadOnlyList<ShellWord> list)
    {
        var fields = new List<ShellValue>();
        foreach (var word in list)
        {
            var current = new List<ShellPiece>();
            var (open, before) = (false, fields.Count);
            void Close()
            {
                // What stood in quotes here is plain text from now on: an array's element may be split where it is used.
                if (open) fields.Add(new([.. current.Select(p => p with { Whole = false })], word.Mark));
                current.Clear();
                open = false;
            }
            foreach (var part in word.Parts)
            {
                var values = Expand(part);
                var literal = part is LiteralPart || (part.Quoted && part is not VariablePart { Name: "@", Index: null } and not VariablePart { Index: "@" });
                for (var i = 0; i < values.Count; i++)
                {
                    if (i > 0 && literal) current.Add(new(" ", part.Mark));
                    else if (i > 0) Close();
                    foreach (var piece in values[i].Pieces)
                    {
                        if (part.Quoted || part is LiteralPart || piece.Whole || piece.Why is not null)
                        {
                            current.Add(piece);
                            open = true;
                        }
                        else
                        {
                            Split(piece, current, ref open, Close);
                        }
                    }
                    open |= part.Quoted && (literal || values.Count > 0);
                }
                open |= part.Quoted && literal;
            }
            Close();
            if (fields.Count > MostWords || (words += fields.Count - before + 1) > 10 * MostWords) throw new InputException($"more than {MostWords:N0} words are made here", word.Mark);
        }
        return fields;
    }

    static void Split(ShellPiece piece, List<ShellPiece> current, ref bool open, Action close)
    {
        var text = piece.Text;
        for (var i = 0; i < text.Length;)
        {
            if (char.IsWhiteSpace(text[i]))
            {
                close();
                open = false;
                i++;
                continue;
            }
            var start = i;
            while (i < text.Length && !char.IsWhiteSpace(text[i])) i++;
            current.Add(piece with { Text = text[start..i], Mark = piece.Mark with { Column = piece.Mark.Column + start } });
            open = true;
        }
    }

    IReadOnlyList<ShellValue> Expand(ShellPart part)
    {
        switch (part)
        {
            case LiteralPart literal:
                return [new ShellValue(literal.Text, literal.Mark)];
            case HolePart hole:
                return [new ShellValue([hole.Piece], hole.Mark)];
            case ArithmeticPart arithmetic:
                var (number, why) = ShellArithmetic.Of(Bare(arithmetic.Expression, arithmetic.Mark), arithmetic.Mark, Number);
                return [number is { } n ? new ShellValue(n.ToString(CultureInfo.InvariantCulture), arithmetic.Mark) : ShellValue.Unknown($"$(({arithmetic.Expression}))", arithmetic.Mark, why!)];
            case CommandPart command:
                return [Substituted(command)];
            case VariablePart variable:
                return Variable(variable);
            default:
                throw new InvalidOperationException(part.GetType().Name);
        }
    }

    /// <summary>What a command would print, for the few that compute names of files from names; others are never run.</summary>
    ShellValue Substituted(CommandPart command)
    {
        var unknown = ShellValue.Unknown(command.Written, command.Mark, "commands are never run, so what one would print isn't known");
        if (command.Body is not [SimpleStatement { Assignments.Count: 0, Words: [{ Plain: { } name }, ..] words }]) return unknown;
        if (name is not ("dirname" or "basename" or "readlink" or "realpath" or "echo")) return unknown;
        var fields = Fields([.. words.Skip(1)]);
        while (fields.Count > 0 && fields[0].Text is "-f" or "-e" or "-n" or "--") fields.RemoveAt(0);
        if (!fields.All(f => f.IsKnown) || fields.Count == 0) return unknown;
        var text = fields[0].Text;
        return new(name switch
        {
            "dirname" => Path.GetDirectoryName(text) is { Length: > 0 } above ? above : text.StartsWith('/') ? "/" : ".",
            "basename" => Trimmed(Path.GetFileName(text), fields.Count > 1 ? fields[1].Text : ""),
            "echo" => string.Join(' ', fields.Select(f => f.Text)),
            _ => text,
        }, command.Mark);
    }

    static string Trimmed(string name, string ending) => ending.Length > 0 && name.Length > ending.Length && name.EndsWith(ending, StringComparison.Ordinal) ? name[..^ending.Length] : name;

    IReadOnlyList<ShellValue> Variable(VariablePart part)
    {
        var values = Look(part, out var set);
        var written = part.Index is null && part.Operator.Length == 0 ? $"${part.Name}" : $"${{{part.Name}{(part.Index is { } index ? $"[{index}]" : "")}{part.Operator}...}}";
        if (part.Length)
        {
            return values is null ? Unset(part, written)
                : part.Index is "@" or "*" || part.Name is "@" or "*" ? [new ShellValue(values.Count.ToString(CultureInfo.InvariantCulture), part.Mark)]
                : values is [{ IsKnown: true } one] ? [new ShellValue(one.Text.Length.ToString(CultureInfo.InvariantCulture), part.Mark)]
                : Unset(part, written);
        }
        var filled = values is { Count: > 0 } && (values.Count > 1 || values[0].Text.Length > 0);
        switch (part.Operator)
        {
            case "":
                return values ?? Unset(part, written);
            case ":-" or ":=" when filled:
            case "-" or "=" when set:
                return values ?? [];
            case ":-" or "-" or ":=" or "=":
                var word = part.Argument is { } argument ? Value(argument, true) : new ShellValue("", part.Mark);
                if (!set && IsName(part.Name) && word.IsKnown) Note($"${part.Name} is not set: {(word.Text.Length == 0 ? "it is empty" : $"its default '{Short(word.Text)}' is taken")} ({ShellText.Short(part.Mark)})");
                if (part.Operator is ":=" or "=" && IsName(part.Name)) Set(part.Name, new([.. word.Pieces.Select(p => p with { Whole = false })], word.Mark));
                return [word];
            case ":+" or "+":
                return (part.Operator == ":+" ? filled : set) && part.Argument is { } other ? [Value(other, true)] : [];
            case ":?" or "?":
                return values ?? Unset(part, written);
            case "^^" or ",,":
                return values is null ? Unset(part, written) : [.. values.Select(v => v.IsKnown ? new ShellValue(part.Operator == "^^" ? v.Text.ToUpperInvariant() : v.Text.ToLowerInvariant(), v.Mark) : v)];
            case "%" or "%%" or "#" or "##" when values is [{ IsKnown: true } whole] && part.Argument is { } pattern && Value(pattern) is { IsKnown: true } cut:
                return [new ShellValue(Cut(whole.Text, part.Operator, cut.Text), whole.Mark)];
            default:
                return [ShellValue.Unknown(written, part.Mark, $"'{part.Operator}' within '${{ }}' is not followed")];
        }
    }

    static string Cut(string text, string operation, string pattern)
    {
        if (text.Length > 4096) return text;
        var (front, longest) = (operation[0] == '#', operation.Length == 2);
        for (var i = 0; i <= text.Length; i++)
        {
            var length = longest ? text.Length - i : i;
            if (ShellPattern.Matches(front ? text[..length] : text[(text.Length - length)..], pattern)) return front ? text[length..] : text[..^length];
        }
        return text;
    }

    static string Short(string text) => text.Length <= 60 ? text : text[..57] + "...";

    static ShellValue[] Unset(VariablePart part, string written)
    {
        var why = IsName(part.Name) ? $"nothing sets {part.Name} in the script"
            : char.IsAsciiDigit(part.Name[0]) ? "the script's arguments aren't given"
            : "it is known to the running shell alone";
        // Arguments that weren't given are none.
        return part.Name is "@" or "*" ? [] : [ShellValue.Unknown(written, part.Mark, why)];
    }

    /// <summary>The values of a variable; null where nothing sets it.</summary>
    IReadOnlyList<ShellValue>? Look(VariablePart part, out bool set)
    {
        set = true;
        switch (part.Name)
        {
            case "0" or "BASH_SOURCE":
                return [new ShellValue(sourcing[^1], part.Mark)];
            case "#" when positional is not null:
                return [new ShellValue(positional.Count.ToString(CultureInfo.InvariantCulture), part.Mark)];
            case "@" or "*" when positional is not null:
                return positional;
        }
        if (char.IsAsciiDigit(part.Name[0]))
        {
            if (positional is not null && int.TryParse(part.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var place) && place >= 1)
            {
                set = place <= positional.Count;
                return set ? [positional[place - 1]] : [];
            }
            set = false;
            return null;
        }
        set = variables.TryGetValue(part.Name, out var variable);
        if (!set) return null;
        set = variable.Array || variable.Values.Count > 0;
        switch (part.Index)
        {
            case "@" or "*":
                return variable.Values;
            case null:
                return variable.Values.Count > 0 ? [variable.Values[0]] : [];
            default:
                var (index, _) = ShellArithmetic.Of(Bare(part.Index, part.Mark), part.Mark, Number);
                return index is { } i && i >= 0 && i < variable.Values.Count && variable.Values.Take((int)i + 1).All(v => v.IsKnown) ? [variable.Values[(int)i]]
                    : [ShellValue.Unknown($"${{{part.Name}[{part.Index}]}}", part.Mark, "there is no such element, or its place isn't known")];
        }
    }

    (long?, string?) Number(string name)
    {
        if (holes.TryGetValue(name, out var reason)) return (null, reason);
        if (!variables.TryGetValue(name, out var variable) || variable.Values.Count == 0) return (null, $"nothing sets {name} in the script");
        var value = variable.Values[0];
        if (value.FirstUnknown is { } hole) return (null, hole.Why);
        return value.Text.Trim().Length == 0 ? (0, null)
            : long.TryParse(value.Text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? (number, null)
            : (null, $"{name} is '{Short(value.Text)}', no whole number");
    }

    /// <summary>An arithmetic expression with <c>$NAME</c> and <c>${NAME}</c> as bare names, or their values where they have more to them.</summary>
    string Bare(string expression, Mark mark)
    {
        if (!expression.Contains('$', StringComparison.Ordinal) && !expression.Contains('"', StringComparison.Ordinal)) return expression;
        var text = new StringBuilder();
        for (var i = 0; i < expression.Length; i++)
        {
            if (expression[i] == '"') continue;
            if (expression[i] != '$')
            {
                text.Append(expression[i]);
                continue;
            }
            var start = i + 1;
            var end = start;
            if (end < expression.Length && expression[end] == '{')
            {
                end = expression.IndexOf('}', start);
                if (end < 0) throw new InputException("'${' within arithmetic is not closed", mark);
                end++;
            }
            else if (end < expression.Length && expression[end] == '(')
            {
                var level = 0;
                do
                {
                    if (expression[end] == '(') level++;
                    else if (expression[end] == ')') level--;
                    end++;
                }
                while (level > 0 && end < expression.Length);
            }
            else
            {
                while (end < expression.Length && (char.IsAsciiLetterOrDigit(expression[end]) || expression[end] == '_')) end++;
                if (end == start) end = Math.Min(end + 1, expression.Length);
            }
            var written = expression[i..end];
            if (++depth > Deepest) throw new InputException($"arithmetic is nested more than {Deepest} levels deep", mark);
            var value = ShellParser.Parse(ShellText.Of(new ShellValue("x=" + written, mark))) is [SimpleStatement { Assignments: [{ Value: { } word }] }] ? Value(word) : ShellValue.Unknown(written, mark, "it is not followed");
            depth--;
            if (value.FirstUnknown is { } hole)
            {
                // A name that nothing can set carries the reason.
                var stand = $"unknown_{holes.Count}";
                holes[stand] = hole.Why!;
                text.Append(stand);
            }
            else
            {
                text.Append(value.Text.Length == 0 ? "0" : value.Text);
            }
            i = end - 1;
        }
        return text.ToString();
    }
}
