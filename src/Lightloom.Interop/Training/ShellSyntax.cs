using Lightloom.Catalog.Documents;

namespace Lightloom.Interop.Training;

/// <summary>Part of a word of a shell script.</summary>
abstract record ShellPart(Mark Mark, bool Quoted);

/// <summary>Text as it stands.</summary>
sealed record LiteralPart(string Text, Mark Mark, bool Quoted) : ShellPart(Mark, Quoted);

/// <summary>Something that was not known already when the text was made.</summary>
sealed record HolePart(ShellPiece Piece, bool Quoted) : ShellPart(Piece.Mark, Quoted);

/// <summary><c>$NAME</c>, <c>${NAME[index]}</c>, <c>${NAME:-word}</c>, <c>${#NAME}</c> and the like.</summary>
sealed record VariablePart(string Name, string? Index, string Operator, ShellWord? Argument, bool Length, Mark Mark, bool Quoted) : ShellPart(Mark, Quoted);

/// <summary><c>$(( expression ))</c>.</summary>
sealed record ArithmeticPart(string Expression, Mark Mark, bool Quoted) : ShellPart(Mark, Quoted);

/// <summary><c>$( commands )</c>, which is never run.</summary>
sealed record CommandPart(IReadOnlyList<ShellStatement> Body, string Written, Mark Mark, bool Quoted) : ShellPart(Mark, Quoted);

/// <summary>A word: parts without white space between them.</summary>
sealed record ShellWord(IReadOnlyList<ShellPart> Parts, Mark Mark)
{
    /// <summary>The word where it is plain text without quotes, else null.</summary>
    public string? Plain => Parts is [LiteralPart { Quoted: false } only] ? only.Text : null;
}

/// <summary><c>NAME=word</c>, <c>NAME+=word</c>, <c>NAME[index]=word</c> or <c>NAME=( words )</c>.</summary>
sealed record ShellAssignment(string Name, string? Index, bool Append, ShellWord? Value, IReadOnlyList<ShellWord>? Items, Mark Mark);

/// <summary>A statement of a shell script.</summary>
abstract record ShellStatement(Mark Mark);

/// <summary>A command with its words and the assignments before it.</summary>
sealed record SimpleStatement(IReadOnlyList<ShellAssignment> Assignments, IReadOnlyList<ShellWord> Words, HereDocument? Here, Mark Mark) : ShellStatement(Mark);

/// <summary>What a shell reads from lines below its command (<c>sbatch &lt;&lt;EOF</c>); filled in when they are reached.</summary>
sealed class HereDocument
{
    public ShellWord? Body { get; set; }
}

/// <summary><c>if</c>: conditions with bodies in order, and what else.</summary>
sealed record IfStatement(IReadOnlyList<(IReadOnlyList<ShellStatement> Condition, IReadOnlyList<ShellStatement> Body)> Arms, IReadOnlyList<ShellStatement> Else, Mark Mark) : ShellStatement(Mark);

/// <summary><c>case</c>.</summary>
sealed record CaseStatement(ShellWord Word, IReadOnlyList<(IReadOnlyList<ShellWord> Patterns, IReadOnlyList<ShellStatement> Body)> Arms, Mark Mark) : ShellStatement(Mark);

/// <summary><c>for NAME in words</c>; without a name a <c>while</c>, <c>until</c> or arithmetic <c>for</c>.</summary>
sealed record LoopStatement(string? Name, IReadOnlyList<ShellWord> Words, IReadOnlyList<ShellStatement> Condition, bool Until, IReadOnlyList<ShellStatement> Body, Mark Mark) : ShellStatement(Mark);

/// <summary>Statements joined by <c>&amp;&amp;</c> or <c>||</c>, each with whether the former joins it to those before.</summary>
sealed record ChainStatement(ShellStatement First, IReadOnlyList<(bool And, ShellStatement Statement)> Rest, Mark Mark) : ShellStatement(Mark);

/// <summary><c>! statement</c>.</summary>
sealed record NotStatement(ShellStatement Inner, Mark Mark) : ShellStatement(Mark);

/// <summary>Statements in braces, in a pipe or, if they can't change what comes after, in parentheses.</summary>
sealed record GroupStatement(IReadOnlyList<ShellStatement> Body, bool Subshell, Mark Mark) : ShellStatement(Mark);

/// <summary><c>[[ ... ]]</c>: operators are words as well.</summary>
sealed record TestStatement(IReadOnlyList<ShellWord> Words, Mark Mark) : ShellStatement(Mark);

/// <summary><c>(( expression ))</c>.</summary>
sealed record ArithmeticStatement(string Expression, Mark Mark) : ShellStatement(Mark);

/// <summary><c>name() { ... }</c>.</summary>
sealed record FunctionStatement(string Name, IReadOnlyList<ShellStatement> Body, Mark Mark) : ShellStatement(Mark);
