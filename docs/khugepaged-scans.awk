#!/usr/bin/awk -f
# Full scans of khugepaged from a trace: the statuses each met, how far it got, how long it took.
#
#   awk -f docs/khugepaged-scans.awk /sys/kernel/tracing/trace        (or trace_pipe, or the text of trace-cmd report)
#   mmactors run SCENARIO --variant V --ftrace FILE && awk -f docs/khugepaged-scans.awk FILE
#
# Needs the event huge_memory:mm_khugepaged_scan_pmd, and mm_khugepaged_scan (since v7.1) to tell where a full scan ends;
# without the latter there is one histogram for the whole trace. MADV_COLLAPSE, which runs in its caller, is not counted.
# 'mmactors run --scan-report' prints the same lines. Any POSIX awk.

function value(name,    at, rest) {
    at = match($0, "[ ,]" name "=")
    if (!at) return ""
    rest = substr($0, RSTART + RLENGTH)
    sub(/[ ,].*/, "", rest)
    return rest
}

# The field in front of the event, in microseconds: traces print six decimals.
function now(    i, parts) {
    for (i = 2; i < NF; i++)
        if ($i ~ /^[0-9]+\.[0-9]+:$/) {
            split(substr($i, 1, length($i) - 1), parts, ".")
            return parts[1] * 1000000 + substr(parts[2] "000000", 1, 6)
        }
    return 0
}

function seen(    t) {
    t = now()
    if (!open) { open = 1; start = t }
    last = t
}

# The rarest first, then by name: an insertion sort, for POSIX awk has none.
function report(title,    n, i, j, s, names, hundredths) {
    print title
    n = 0
    for (s in ranges) {
        for (i = ++n; i > 1 && (ranges[names[i - 1]] > ranges[s] || (ranges[names[i - 1]] == ranges[s] && names[i - 1] > s)); i--)
            names[i] = names[i - 1]
        names[i] = s
    }
    for (j = 1; j <= n; j++)
        printf "@scan_pmd_status[%s]: %d\n", names[j], ranges[names[j]]
    if (visits)
        printf "total progress size: %d MB (%d pages)\n", int((progress + 128) / 256), progress
    hundredths = int((last - start + 5000) / 10000)
    printf "total time: %d.%02d seconds\n", int(hundredths / 100), hundredths % 100
    for (s in ranges) delete ranges[s]
    open = 0; progress = 0
}

$1 ~ /^khugepaged-[0-9]+$/ && / mm_khugepaged_scan_pmd: / {
    seen()
    ranges[value("status")]++
}

$1 ~ /^khugepaged-[0-9]+$/ && / mm_khugepaged_scan: / {
    seen()
    visits++
    progress += value("progress")
    if (value("full_scan_finished") == 1) report("full scan " ++scans)
}

END {
    if (open) report(visits ? "unfinished scan" : "whole trace")
}
