using System.Diagnostics;
using System.IO.Hashing;
using Akka.Actor;
using Akka.Persistence;

namespace MmActors.Experiments.Checkpoints;

/// <summary>Compresses a checkpoint piece by piece and stores the pieces as snapshots.</summary>
internal static class PieceWriter
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>Stores all pieces; what is left of an earlier attempt under the same number goes first.</summary>
    /// <returns>The complete manifest.</returns>
    public static async Task<CheckpointManifest> Write(IActorRef snapshots, CheckpointPieces checkpoint)
    {
        long begin = Stopwatch.GetTimestamp();
        string name = StorageSystem.PiecesOf(checkpoint.Manifest.Number);
        Require(await snapshots.Ask<object>(new DeleteSnapshots(name, SnapshotSelectionCriteria.Latest), Patience));
        var hash = new XxHash128();
        byte[] piece = new byte[CheckpointChunk.Size];
        (int used, int chunks, long length, long stored) = (0, 0, 0, 0);
        foreach (ReadOnlyMemory<byte> block in checkpoint.Blocks)
        {
            hash.Append(block.Span);
            length += block.Length;
            for (ReadOnlyMemory<byte> rest = block; rest.Length > 0;)
            {
                ReadOnlyMemory<byte> part = rest[..Math.Min(rest.Length, piece.Length - used)];
                part.Span.CopyTo(piece.AsSpan(used));
                used += part.Length;
                rest = rest[part.Length..];
                if (used == piece.Length)
                {
                    stored += await Store(snapshots, name, chunks++, piece);
                    used = 0;
                }
            }
        }

        stored += await Store(snapshots, name, chunks++, piece.AsMemory(0, used));
        return checkpoint.Manifest with
        {
            Length = length,
            Hash = Convert.ToHexStringLower(hash.GetCurrentHash()),
            Chunks = chunks,
            StoredLength = stored,
            MeasuredWriteMs = Stopwatch.GetElapsedTime(begin).TotalMilliseconds,
        };
    }

    private static async Task<long> Store(IActorRef snapshots, string name, int number, ReadOnlyMemory<byte> piece)
    {
        byte[] packed = CheckpointChunk.Pack(piece.Span);
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
