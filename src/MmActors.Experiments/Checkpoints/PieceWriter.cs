using System.Diagnostics;
using System.IO.Hashing;
using Akka.Actor;
using Akka.Persistence;

namespace MmActors.Experiments.Checkpoints;

/// <summary>Compresses checkpoints piece by piece and stores the pieces as snapshots, one checkpoint at a time: its memory is used again.</summary>
internal sealed class PieceWriter(IActorRef snapshots)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly byte[] _piece = new byte[CheckpointChunk.Size];
    private readonly byte[] _packed = new byte[CheckpointChunk.MostPacked];

    /// <summary>Stores all pieces; what is left of an earlier attempt under the same number goes first.</summary>
    /// <returns>The complete manifest.</returns>
    public async Task<CheckpointManifest> Write(CheckpointPieces checkpoint)
    {
        long begin = Stopwatch.GetTimestamp();
        string name = StorageSystem.PiecesOf(checkpoint.Manifest.Number);
        Require(await snapshots.Ask<object>(new DeleteSnapshots(name, SnapshotSelectionCriteria.Latest), Patience));
        var hash = new XxHash128();
        (int used, int chunks, long length, long stored) = (0, 0, 0, 0);
        foreach (ReadOnlyMemory<byte> block in checkpoint.Blocks)
        {
            hash.Append(block.Span);
            length += block.Length;
            for (ReadOnlyMemory<byte> rest = block; rest.Length > 0;)
            {
                ReadOnlyMemory<byte> part = rest[..Math.Min(rest.Length, _piece.Length - used)];
                part.Span.CopyTo(_piece.AsSpan(used));
                used += part.Length;
                rest = rest[part.Length..];
                if (used == _piece.Length)
                {
                    stored += await Store(name, chunks++, _piece);
                    used = 0;
                }
            }
        }

        stored += await Store(name, chunks++, _piece.AsMemory(0, used));
        return checkpoint.Manifest with
        {
            Length = length,
            Hash = Convert.ToHexStringLower(hash.GetCurrentHash()),
            Chunks = chunks,
            StoredLength = stored,
            MeasuredWriteMs = Stopwatch.GetElapsedTime(begin).TotalMilliseconds,
        };
    }

    private async Task<long> Store(string name, int number, ReadOnlyMemory<byte> piece)
    {
        byte[] packed = CheckpointChunk.Pack(piece.Span, _packed);
        var metadata = new SnapshotMetadata(name, number, DateTime.UtcNow);
        Require(await snapshots.Ask<object>(new SaveSnapshot(metadata, packed), Patience));
        return packed.Length;
    }

    private static void Require(object reply)
    {
        switch (reply)
        {
            case SaveSnapshotFailure failure:
                throw new IOException(CheckpointLocation.ReasonOf(failure.Cause), failure.Cause);
            case DeleteSnapshotsFailure failure:
                throw new IOException(CheckpointLocation.ReasonOf(failure.Cause), failure.Cause);
        }
    }
}

/// <summary>A checkpoint to be stored.</summary>
/// <param name="Manifest">What it says about itself, without what is only known when it is stored.</param>
/// <param name="Blocks">Its bytes; they stay as they are until it is stored or has failed.</param>
internal sealed record CheckpointPieces(CheckpointManifest Manifest, IReadOnlyList<ReadOnlyMemory<byte>> Blocks);
