using MmActors.Experiments.Checkpoints;

namespace MmActors.Checkpoint.Tests;

/// <summary>What the simulation's thread believes of the storage.</summary>
public class StoreBoardTests
{
    /// <summary>Otherwise the next checkpoint would be written over one that is still read.</summary>
    [Fact]
    public void A_checkpoint_on_its_way_is_being_saved_whatever_is_said_of_earlier_ones()
    {
        var board = new StoreBoard();
        Assert.False(board.IsSaving);
        board.BeginSaving();
        board.Settle(1);
        Assert.False(board.IsSaving);
        board.BeginSaving();
        board.Settle(1); // said once more, by who has not yet heard of the second
        Assert.True(board.IsSaving);
        board.Settle(2);
        Assert.False(board.IsSaving);
    }
}
