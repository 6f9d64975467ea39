using System.Collections.Immutable;
using MmActors.Model.Programs;

namespace MmActors.Actors.Tasks;

/// <summary>Walks a task's program step by step, entering and leaving loops.</summary>
internal sealed class ProgramCursor : IStepSource
{
    private readonly Stack<Frame> _frames = new();

    public ProgramCursor(ImmutableArray<Step> program) => _frames.Push(new Frame(program, 1));

    /// <inheritdoc/>
    /// <remarks>The driver's <c>i</c>; 0 outside of loops.</remarks>
    public int LoopIndex => _frames.Count > 1 ? _frames.Peek().Iteration : 0;

    /// <inheritdoc/>
    /// <remarks>Never a loop: those are entered.</remarks>
    public Step? Next(TimeSpan now)
    {
        while (_frames.TryPeek(out Frame? frame))
        {
            if (frame.Index == frame.Body.Length)
            {
                frame.Index = 0;
                frame.Iteration++;
            }

            if (frame.Iteration >= frame.Count || frame.Body.IsEmpty)
            {
                _frames.Pop();
                continue;
            }

            Step step = frame.Body[frame.Index++];
            if (step is not LoopStep loop)
            {
                return step;
            }

            _frames.Push(new Frame(loop.Body, loop.Count));
        }

        return null;
    }

    private sealed class Frame(ImmutableArray<Step> body, int count)
    {
        public ImmutableArray<Step> Body { get; } = body;

        public int Count { get; } = count;

        public int Index { get; set; }

        public int Iteration { get; set; }
    }
}
