using System.Text;
using MmActors.Model.Events;

namespace MmActors.Actors.Protocol;

/// <summary>A request made on behalf of an operation.</summary>
/// <param name="Origin">Which one; told on in the steps of whoever serves the request.</param>
public abstract record CausedRequest(Origin Origin)
{
    /// <summary>The text of a request says what is asked: for whom is left out.</summary>
    protected virtual bool PrintMembers(StringBuilder builder) => false;
}
