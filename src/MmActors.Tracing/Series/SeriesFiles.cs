using System.Globalization;
using System.Text;
using MmActors.Tracing.Output;
using Parquet;
using Parquet.Schema;

namespace MmActors.Tracing.Series;

/// <summary>Writes a run's series: the same columns as CSV, for a look and for scripts, and as Parquet, for analysis.</summary>
public static class SeriesFiles
{
    /// <summary>Writes NAME.csv and NAME.parquet; what stood there is replaced whole or not at all.</summary>
    /// <param name="directory">An existing directory.</param>
    /// <param name="name">File name without extension.</param>
    /// <param name="table">What to write.</param>
    public static void Write(string directory, string name, SeriesTable table)
    {
        AtomicFile.Write(Path.Combine(directory, name + ".csv"), stream => WriteCsv(stream, table));
        AtomicFile.Write(Path.Combine(directory, name + ".parquet"), stream => WriteParquet(stream, table));
    }

    /// <summary>RFC 4180, a header line, seconds with as many digits as they need.</summary>
    public static void WriteCsv(Stream stream, SeriesTable table)
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        writer.Write(SeriesTable.TimeName);
        foreach (SeriesColumn column in table.Columns)
        {
            writer.Write(',');
            writer.Write(Quoted(column.Name));
        }

        writer.WriteLine();
        for (int row = 0; row < table.Times.Length; row++)
        {
            writer.Write(table.Times[row].TotalSeconds.ToString(CultureInfo.InvariantCulture));
            foreach (SeriesColumn column in table.Columns)
            {
                writer.Write(',');
                writer.Write(column.Values[row]);
            }

            writer.WriteLine();
        }
    }

    /// <summary>One row group; the bytes hang on nothing but the table and the version of the library.</summary>
    public static void WriteParquet(Stream stream, SeriesTable table) =>
        WriteParquetAsync(stream, table).GetAwaiter().GetResult();

    private static async Task WriteParquetAsync(Stream stream, SeriesTable table)
    {
        var time = new DataField<double>(SeriesTable.TimeName);
        DataField[] fields = [.. table.Columns.Select(static column => new DataField<long>(column.Name))];
        var schema = new ParquetSchema([time, .. fields]);
        await using ParquetWriter writer = await ParquetWriter.CreateAsync(schema, stream);
        using ParquetRowGroupWriter group = writer.CreateRowGroup();
        double[] seconds = [.. table.Times.Select(static at => at.TotalSeconds)];
        await group.WriteAsync<double>(time, seconds);
        for (int index = 0; index < fields.Length; index++)
        {
            await group.WriteAsync<long>(fields[index], table.Columns[index].Values);
        }
    }

    private static string Quoted(string name) =>
        name.AsSpan().IndexOfAny(",\"\r\n") < 0 ? name : $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
