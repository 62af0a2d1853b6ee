using Google.OrTools.LinearSolver;

namespace Lightloom.Collectives;

/// <summary>A linear program in non-negative variables, minimised by GLOP of Google's OR-Tools. One thread; the same program has the same answer.</summary>
sealed class LinearProgram : IDisposable
{
    readonly Solver solver = Solver.CreateSolver("GLOP") ?? throw new InvalidOperationException("OR-Tools has no GLOP here");
    readonly List<Variable> variables = [];
    readonly List<Constraint> rows = [];

    /// <summary>Variables so far.</summary>
    public int Variables => variables.Count;

    /// <summary>Adds a variable of at least zero with its cost.</summary>
    public int Add(double cost = 0)
    {
        var variable = solver.MakeNumVar(0, double.PositiveInfinity, "");
        if (cost != 0) solver.Objective().SetCoefficient(variable, cost);
        variables.Add(variable);
        return variables.Count - 1;
    }

    /// <summary>Adds a row: low ≤ Σ of what <see cref="Set"/> puts into it ≤ high.</summary>
    public int Row(double low, double high)
    {
        rows.Add(solver.MakeConstraint(low, high, ""));
        return rows.Count - 1;
    }

    /// <summary>Adds to the coefficient of a variable in a row.</summary>
    public void Set(int row, int variable, double coefficient) =>
        rows[row].SetCoefficient(variables[variable], rows[row].GetCoefficient(variables[variable]) + coefficient);

    /// <summary>Solves it; false where nothing meets every row.</summary>
    /// <exception cref="InvalidOperationException">The solver gave up.</exception>
    public bool Solve()
    {
        solver.Objective().SetMinimization();
        return solver.Solve() switch
        {
            Solver.ResultStatus.OPTIMAL => true,
            Solver.ResultStatus.INFEASIBLE => false,
            var status => throw new InvalidOperationException($"the linear program was left unsolved: {status}"),
        };
    }

    /// <summary>The least cost.</summary>
    public double Cost => solver.Objective().Value();

    /// <summary>A variable's value at the least cost.</summary>
    public double Value(int variable) => variables[variable].SolutionValue();

    /// <summary>What one more unit of a row's bound would cost.</summary>
    public double Dual(int row) => rows[row].DualValue();

    /// <inheritdoc/>
    public void Dispose() => solver.Dispose();
}
