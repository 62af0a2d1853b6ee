using Lightloom.Interop.Chakra;
using Lightloom.Interop.Goal;

namespace Lightloom.Cli;

/// <summary>What kind of trace a file is, by its name and by how it begins.</summary>
static class TraceFile
{
    const int Begin = 4096;

    /// <summary>The word of <c>simulate</c> that plays it: "trace" or "goal"; null: it is none, or isn't there.</summary>
    public static string? WordOf(string path)
    {
        try
        {
            if (ChakraTrace.Is(path)) return "trace";
            if (!File.Exists(path) || path.EndsWith(".cm", StringComparison.OrdinalIgnoreCase)) return null;
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            var start = new byte[Begin];
            var read = file.ReadAtLeast(start, Begin, throwOnEndOfStream: false);
            if (GoalBinary.Is(start.AsSpan(0, read))) return "goal";
            var text = System.Text.Encoding.UTF8.GetString(start, 0, read);
            return GoalText.Is(text) ? "goal" : text.Split('\n', 2)[0].Contains("model_parallel_NPU_group:", StringComparison.Ordinal) ? "trace" : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // Whoever reads it says why it can't be.
        }
    }
}
