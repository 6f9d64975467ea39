namespace MmActors.Experiments.Validation;

/// <content>Snapshots: page states, smaps, counters.</content>
internal sealed partial class RunComparison
{
    /// <summary>Pages of a process besides its script's: 190–195 of its image, 20–27 of its own (RN-4).</summary>
    private const long RssToleranceKb = 128;
    private const long SwapToleranceKb = 84;

    /// <summary>Small pages on a list, of the letters that the recordings show.</summary>
    private const string SmallOnAList = "arARlmL";

    /// <summary>memory.stat of a group runs behind by up to a batch for each CPU, and holds the recorder's own pages (RN-5, RN-21).</summary>
    private const long MemcgTolerance = 64 * 4096;
    private const long KernelMemory = ((123 + 28) * 4096) + (180 * 1024);

    private void CompareSnapshots()
    {
        foreach (RecordedSmaps row in _run.Smaps)
        {
            CompareRow(row);
        }

        RecordedSnap? before = null;
        foreach (RecordedSnap snap in _run.Snaps)
        {
            if (_quiet.IsChanging(snap))
            {
                _overlapping++;
                continue;
            }

            CompareCounters(snap, before);
            before = snap;
        }

        CompareWholeRun(_run.Snaps[^1]);
    }

    private void CompareRow(RecordedSmaps row)
    {
        if (_quiet.IsChanging(row))
        {
            _overlapping += 4 + row.Pages.Count;
            return;
        }

        if (!_seen.Smaps.TryGetValue(row, out var found) || found is not { } seen)
        {
            return; // a role without memory in the model: the recorder's own
        }

        string place = $"{row.Role} at {row.Snap}";
        CompareFigure(row, place, "Rss", row.Rss, seen.Figures.RssPages * 4, RssToleranceKb);
        CompareFigure(row, place, "AnonHugePages", row.AnonHuge, seen.Figures.HugeRanges * 2048L, 0);
        CompareFigure(row, place, "LazyFree", row.Lazyfree, seen.Figures.LazyfreePages * 4, row.Lazyfree / 100);
        CompareFigure(row, place, "Swap", row.Swap, seen.Figures.SwapPages * 4, Math.Max(SwapToleranceKb, row.Swap / 100));
        for (int index = 0; index < row.Pages.Count; index++)
        {
            ComparePages(row, row.Pages[index], seen.Pages[index]);
        }
    }

    private void CompareFigure(RecordedSmaps row, string place, string name, long recorded, long simulated, long tolerance)
    {
        Tally tally = _tallies["smaps"];
        if (Math.Abs(recorded - simulated) <= tolerance)
        {
            tally.Match(row.Time);
        }
        else
        {
            tally.Miss(row.Time, place, $"{name} {recorded} kB", $"{name} {simulated} kB", "RN-4, RN-16");
        }
    }

    private void ComparePages(RecordedSmaps row, (string Region, int Window, string States) recorded, string simulated)
    {
        Tally tally = _tallies["pages"];
        int first = -1;
        int wrong = 0;
        for (int index = 0; index < recorded.States.Length; index++)
        {
            if (recorded.States[index] != simulated[index] && !IsOnABatch(recorded.States[index], simulated[index]))
            {
                first = first < 0 ? index : first;
                wrong++;
            }
        }

        tally.Match(row.Time, recorded.States.Length - wrong);
        if (wrong > 0)
        {
            tally.Miss(
                row.Time, $"{row.Role}/{recorded.Region}/{recorded.Window} page {first} at {row.Snap}", Runs(recorded.States), Runs(simulated),
                RuleOf(recorded.States[first], simulated[first]), wrong);
        }
    }

    /// <summary>A small page still on its CPU's batch shows nothing of its list; how many are depends on what else that CPU
    /// touched (RC-80, RN-20).</summary>
    private static bool IsOnABatch(char recorded, char simulated) =>
        (recorded == 'q' && SmallOnAList.Contains(simulated)) || (simulated == 'q' && SmallOnAList.Contains(recorded));

    /// <summary>The states as runs, as the recordings write them.</summary>
    private static string Runs(string states)
    {
        var text = new System.Text.StringBuilder();
        for (int from = 0, to; from < states.Length; from = to)
        {
            to = from + 1;
            while (to < states.Length && states[to] == states[from])
            {
                to++;
            }

            text.Append(text.Length > 0 ? " " : "").Append(states[from]).Append(to - from);
            if (text.Length > 60 && to < states.Length)
            {
                return text.Append(" ...").ToString();
            }
        }

        return text.ToString();
    }

    private static string RuleOf(char recorded, char simulated) => (recorded, simulated) switch
    {
        ('q', _) or (_, 'q') => "SM-16, RN-20",
        ('s', _) or (_, 's') => "RC-35, UT-7",
        ('h' or 'H' or 'f', _) or (_, 'h' or 'H' or 'f') => "KH-36, UT-2",
        ('p' or 'P' or 'g', _) or (_, 'p' or 'P' or 'g') => "RC-28, DS-1",
        ('l' or 'm' or 'L', _) or (_, 'l' or 'm' or 'L') => "T8…T11, RC-31",
        ('z' or 'Z', _) or (_, 'z' or 'Z') => "T4, DS-14",
        ('.', _) or (_, '.') => "RC-31, T12",
        _ => "RC-26, SM-16",
    };

    private void CompareCounters(RecordedSnap snap, RecordedSnap? before)
    {
        foreach (string name in CounterTolerance.Compared)
        {
            long recorded = snap.Vmstat.GetValueOrDefault(name) - (before?.Vmstat.GetValueOrDefault(name) ?? 0);
            (long least, long most) = Figures(snap, name);
            (long earliest, long latest) = before is null ? (0, 0) : Figures(before, name);
            CompareCounter(snap, $"{name} up to {snap.Name}", name, recorded, least - latest, most - earliest);
        }

        if (_quiet.Around(snap) is var (from, to) && from < to)
        {
            _overlapping += snap.Memcg.Count;
            return;
        }

        foreach ((string path, SortedDictionary<string, long> figures) in snap.Memcg)
        {
            if (_seen.Memcg[snap].TryGetValue(path, out SortedDictionary<string, long>? group))
            {
                CompareGroup(snap, path, figures, group);
            }
        }
    }

    private void CompareWholeRun(RecordedSnap end)
    {
        foreach (string name in CounterTolerance.Compared)
        {
            (long least, long most) = Figures(end, name);
            CompareCounter(end, $"{name} over the run", name, end.Vmstat.GetValueOrDefault(name), least, most);
        }
    }

    private (long Least, long Most) Figures(RecordedSnap snap, string name) =>
        (_seen.Vmstat[snap].Before[name], _seen.Vmstat[snap].After[name]);

    private void CompareCounter(RecordedSnap snap, string place, string name, long recorded, long least, long most)
    {
        long simulated = Math.Clamp(recorded, Math.Min(least, most), most); // the nearest
        if (recorded == 0 && simulated == 0)
        {
            return;
        }

        var pressure = new Pressure(
            _run.Roles.Count(role => role.Start <= snap.Time), _run.Machine.Swap is not null, _run.Snaps[^1].Vmstat.GetValueOrDefault("pgscan_kswapd") > 0);
        if (!CounterTolerance.IsComparable(name, pressure))
        {
            return;
        }

        if (CounterTolerance.Holds(name, recorded, simulated, pressure))
        {
            _tallies["counters"].Match(snap.Time);
        }
        else
        {
            _tallies["counters"].Miss(snap.Time, place, $"{recorded}", $"{simulated}", CounterTolerance.Rule(name));
        }
    }

    /// <summary>What a run comes to that went on after a race.</summary>
    private void CompareOutcomes()
    {
        if (_run.Race is null)
        {
            return;
        }

        RecordedSnap end = _run.Snaps[^1];
        foreach ((string name, double share, long least, string rule) in CounterTolerance.Outcomes)
        {
            long recorded = end.Vmstat.GetValueOrDefault(name);
            long simulated = _seen.Vmstat[end].After[name];
            if (recorded == 0 && simulated == 0)
            {
                continue;
            }

            if (Math.Abs(recorded - simulated) <= Math.Max(least, recorded * share))
            {
                _tallies[Categories.Outcomes].Match(end.Time);
            }
            else
            {
                _tallies[Categories.Outcomes].Miss(end.Time, $"{name} over the run", $"{recorded}", $"{simulated}", rule);
            }
        }
    }

    private void CompareGroup(
        RecordedSnap snap, string path, SortedDictionary<string, long> recorded, SortedDictionary<string, long> simulated)
    {
        foreach ((string name, long value) in simulated)
        {
            long was = recorded.GetValueOrDefault(name);
            long tolerance = Math.Max(name == "memory.current" ? KernelMemory : MemcgTolerance, was / 100);
            if (Math.Abs(was - value) <= tolerance)
            {
                _tallies["counters"].Match(snap.Time);
            }
            else
            {
                _tallies["counters"].Miss(
                    snap.Time, $"{path} {name} at {snap.Name}", $"{was / 4096} pages", $"{value / 4096} pages", "RC-16g, RN-5");
            }
        }
    }
}
