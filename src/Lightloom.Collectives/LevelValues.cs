using System.Runtime.CompilerServices;

namespace Lightloom.Collectives;

/// <summary>One number per network level, in place: no allocation.</summary>
[InlineArray(NetworkLevels.MaxCount)]
struct LevelValues
{
    double first;
}
