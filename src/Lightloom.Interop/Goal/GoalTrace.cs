// GOAL of any size as the message engine asks for it.
//
//   binary          is checked once and then read where it is asked for (GoalBinary.cs)
//   text, small     is read into memory
//   text, large     becomes binary GOAL in a file of about its size, which is gone afterwards: what an operation waits for may stand anywhere
//                   in its rank, so that a window over the text couldn't tell which operations wait for nothing
//
// Example: 10 GB of text are read once, and played in the memory of the operations under way and 64 MiB of pages.
using Lightloom.Catalog.Documents;
using Lightloom.Simulation.Messages;

namespace Lightloom.Interop.Goal;

/// <summary>Opens GOAL traces, text or binary, of any size.</summary>
public static class GoalTrace
{
    /// <summary>Text of more bytes than this is kept in a file.</summary>
    public const long LargestInMemory = 16 << 20;

    const int MostInMemory = 1 << 20; // labels, and pairs of operations, of a rank

    /// <summary>Opens a trace.</summary>
    /// <param name="path">The file.</param>
    /// <param name="progress">Told now and then how much of it has been read, and of how much, bytes.</param>
    /// <param name="stop">Stops it.</param>
    /// <returns>Its operations; what is <see cref="IDisposable"/> among such is to be closed.</returns>
    /// <exception cref="InputException">It isn't there or is malformed; the place is named.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static IMessageSource Open(string path, Action<long, long>? progress = null, CancellationToken stop = default) => Open(path, LargestInMemory, MostInMemory, progress, stop);

    internal static IMessageSource Open(string path, long largestInMemory, int most, Action<long, long>? progress, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (Directory.Exists(path)) throw new InputException($"'{path}' is a folder; expected a GOAL file");
        if (!File.Exists(path)) throw new InputException($"there is no file '{path}'");
        try
        {
            // Pages and the reader of text have their own memory.
            var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            try
            {
                return Open(stream, path, largestInMemory, most, progress, stop);
            }
            catch
            {
                stream.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"'{path}' can't be read: {e.Message}");
        }
    }

    static IMessageSource Open(FileStream stream, string path, long largestInMemory, int most, Action<long, long>? progress, CancellationToken stop)
    {
        Span<byte> start = stackalloc byte[8];
        var read = stream.ReadAtLeast(start, 8, throwOnEndOfStream: false);
        stream.Position = 0;
        var length = stream.Length;
        // Text begins with letters, comments or space; anything else is meant to be binary, and then says what is wrong with it.
        if (GoalBinary.Is(start[..read]) || start[..read].ContainsAnyInRange((byte)0, (byte)8)) return new GoalBinaryFile(stream, path, progress is null ? null : done => progress(done, length), stop);
        using var text = new StreamReader(stream, detectEncodingFromByteOrderMarks: true, bufferSize: 1 << 16);
        return length <= largestInMemory ? GoalText.Read(text, path) : Spilled(text, path, most, progress, stop);
    }

    static GoalBinaryFile Spilled(StreamReader text, string path, int most, Action<long, long>? progress, CancellationToken stop)
    {
        var file = ScratchFile.Make();
        try
        {
            var length = text.BaseStream.Length;
            using (var writer = new GoalBinaryWriter(file, most))
            {
                GoalText.Read(text, path, writer, Tick, most);
                writer.Finish();
            }
            return new(file, path, null, stop);

            void Tick()
            {
                stop.ThrowIfCancellationRequested();
                progress?.Invoke(text.BaseStream.Position, length);
            }
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
