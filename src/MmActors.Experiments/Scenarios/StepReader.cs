using System.Globalization;
using MmActors.Experiments.Config;
using MmActors.Model.Programs;
using MmActors.Model.Units;

namespace MmActors.Experiments.Scenarios;

/// <summary>Reads the steps that contain no other steps, checking what the kernel would refuse outright.</summary>
internal static class StepReader
{
    /// <summary>Each fixed map has a slot of this size (RN-2).</summary>
    private static readonly ByteSize FixedSlot = new(1L << Geometry.PudShift);

    /// <summary>2×N VMAs must stay below the kernel's vm.max_map_count of 65530.</summary>
    private const int MaxStripes = 32_000;

    private static readonly (string Word, Advice Value)[] AdviceWords =
    [
        ("free", Advice.Free), ("dontneed", Advice.DontNeed), ("hugepage", Advice.HugePage),
        ("nohugepage", Advice.NoHugePage), ("collapse", Advice.Collapse), ("populate_write", Advice.PopulateWrite),
        ("cold", Advice.Cold), ("pageout", Advice.PageOut),
    ];

    /// <summary>Reads a step whose argument is a map.</summary>
    public static Step ReadMapped(string name, ConfigMap args, RegionTable regions, bool inLoop) => name switch
    {
        "map" => Map(args, regions),
        "madvise" => new MadviseStep(
            Region(args, regions), PageSpan(args, regions, "madvise"),
            args.RequireScalar("advice").AsWord(AdviceWords)),
        "write" => new AccessStep(Region(args, regions), Span(args, regions), Stride(args), Fill(args, inLoop)),
        "read" => new AccessStep(Region(args, regions), Span(args, regions), Stride(args), null),
        "count" => new CountStep(Region(args, regions), Span(args, regions)),
        "random_reads" => new RandomReadsStep(
            Region(args, regions), args.RequireScalar("batches").AsInt(1, 10_000_000),
            args.RequireScalar("per_batch").AsInt(1, 1 << 24)),
        "munmap" => Munmap(args, regions),
        "mprotect" => new MprotectStep(
            Region(args, regions), PageSpan(args, regions, "mprotect"), args.RequireScalar("writable").AsBool()),
        "stripe" => Stripe(args, regions),
        _ => throw args.Fault($"unknown step '{name}'"),
    };

    /// <summary>Reads a step whose argument is one value.</summary>
    public static Step ReadValue(string name, ConfigScalar value) => name switch
    {
        "sleep" => new SleepStep(value.AsTime()),
        "until" => new UntilStep(value.AsTime()),
        "thp_disable" => new ThpDisableStep(value.AsBool()),
        "snap" => new SnapStep(value.AsName()),
        _ => throw value.Fault($"unknown step '{name}'"),
    };

    private static MapStep Map(ConfigMap args, RegionTable regions)
    {
        var name = args.RequireScalar("region");
        var region = name.AsName();
        var sizeText = args.RequireScalar("size");
        var size = ToPages(sizeText.AsSize());
        if (size.Bytes == 0)
        {
            throw sizeText.Fault("EINVAL: mmap takes a size above 0");
        }

        var fixedOffset = args.FindScalar("fixed") is { } text ? FixedOffset(text, size) : (ByteSize?)null;
        regions.Map(name, size);
        return new MapStep(region, size, Flag(args, "populate"), Flag(args, "droppable"), fixedOffset);
    }

    private static ByteSize FixedOffset(ConfigScalar text, ByteSize size)
    {
        var offset = text.AsSize();
        if (offset.Bytes % Geometry.PageSize != 0)
        {
            throw text.Fault($"EINVAL: mmap takes a fixed offset that is a multiple of 4K, not {text.Kind}");
        }

        return offset.Bytes + size.Bytes <= FixedSlot.Bytes
            ? offset
            : throw text.Fault(
                $"a fixed region must end within its slot of {FixedSlot}, offset {offset} + size {size} does not; "
                + "leave 'fixed' out for larger ones");
    }

    private static MunmapStep Munmap(ConfigMap args, RegionTable regions)
    {
        var span = PageSpan(args, regions, "munmap");
        if (span.Length is { Bytes: 0 })
        {
            throw args.RequireScalar("length").Fault("EINVAL: munmap takes a length above 0");
        }

        regions.Unmap(args.RequireScalar("region"), span);
        return new MunmapStep(args.RequireScalar("region").Text, span);
    }

    private static StripeStep Stripe(ConfigMap args, RegionTable regions)
    {
        var text = args.RequireScalar("stripes");
        var stripes = text.AsInt(1, MaxStripes);
        var size = regions.Size(args.RequireScalar("region"));
        return 2L * stripes <= size.Pages
            ? new StripeStep(args.RequireScalar("region").Text, stripes)
            : throw text.Fault($"{stripes} stripes need {2L * stripes} pages, the region has {size.Pages}");
    }

    private static string Region(ConfigMap args, RegionTable regions)
    {
        var name = args.RequireScalar("region");
        regions.Size(name);
        return name.Text;
    }

    private static bool Flag(ConfigMap args, string key) => args.FindScalar(key)?.AsBool() ?? false;

    private static ByteSize Stride(ConfigMap args) => args.FindScalar("stride")?.AsSize() ?? default;

    private static FillByte Fill(ConfigMap args, bool inLoop)
    {
        var text = args.RequireScalar("byte");
        if (text.Text != "i")
        {
            return byte.TryParse(text.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var constant)
                ? new FillByte(constant, false)
                : throw text.Fault($"'byte' takes 0…255, or i for the index of the surrounding loop, not {text.Kind}");
        }

        return inLoop
            ? FillByte.LoopIndex
            : throw text.Fault("'byte: i' is the index of a loop, but no loop surrounds this step");
    }

    private static RegionSpan Span(ConfigMap args, RegionTable regions)
    {
        var name = args.RequireScalar("region");
        var size = regions.Size(name);
        var offset = default(ByteSize);
        if (args.FindScalar("offset") is { } offsetText)
        {
            offset = offsetText.AsSize();
            if (offset.Bytes >= size.Bytes)
            {
                throw offsetText.Fault($"offset {offset} lies outside region '{name.Text}' of {size}");
            }
        }

        if (args.FindScalar("length") is not { } lengthText)
        {
            return new RegionSpan(offset, null);
        }

        var length = lengthText.AsSize();
        return offset.Bytes + length.Bytes <= size.Bytes
            ? new RegionSpan(offset, length)
            : throw lengthText.Fault($"offset {offset} + length {length} ends outside region '{name.Text}' of {size}");
    }

    /// <summary>A span of a call that works on whole pages: the start must be aligned, the length is rounded up, as
    /// in the kernel (user-tasks.md 5.4).</summary>
    private static RegionSpan PageSpan(ConfigMap args, RegionTable regions, string call)
    {
        var span = Span(args, regions);
        if (span.Offset.Bytes % Geometry.PageSize != 0)
        {
            throw args.RequireScalar("offset").Fault(
                $"EINVAL: {call} takes an offset that is a multiple of 4K, not {span.Offset}");
        }

        return span.Length is { } length ? new RegionSpan(span.Offset, ToPages(length)) : span;
    }

    private static ByteSize ToPages(ByteSize size) =>
        new((size.Bytes + Geometry.PageSize - 1) & ~(Geometry.PageSize - 1L));
}
