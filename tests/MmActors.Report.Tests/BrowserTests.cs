using PuppeteerSharp;
using PuppeteerSharp.Media;

namespace MmActors.Report.Tests;

/// <summary>The page in headless Chromium, at the width of a desk and of a phone, light and dark.</summary>
public sealed class BrowserTests(SeedReport report) : IClassFixture<SeedReport>, IAsyncLifetime
{
    private const int Desk = 1280;
    private const int Phone = 390;

    private readonly string _profile = Directory.CreateTempSubdirectory("mmactors-browser").FullName;
    private readonly List<string> _complaints = [];
    private readonly List<string> _requests = [];
    private IBrowser? _browser;

    public async Task InitializeAsync()
    {
        if (ChromiumFactAttribute.Executable is not { } executable)
        {
            return;
        }

        _browser = await Puppeteer.LaunchAsync(new LaunchOptions
        {
            ExecutablePath = executable,
            Headless = true,
            UserDataDir = _profile,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
            ],
        });
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.CloseAsync();
        }

        Directory.Delete(_profile, recursive: true);
    }

    [ChromiumFact]
    public async Task The_console_is_silent_and_nothing_but_the_file_is_asked_for()
    {
        await using var page = await Open(Desk, "light");
        Assert.Equal([], _complaints);
        Assert.Equal([new Uri(report.File).AbsoluteUri], _requests);
    }

    [ChromiumFact]
    public async Task Every_chart_is_drawn_and_none_is_empty()
    {
        await using var page = await Open(Desk, "light");
        var sizes = await page.EvaluateExpressionAsync<double[][]>(
            "[...document.querySelectorAll('svg')].map(s => { const r = s.getBoundingClientRect(); return [r.width, r.height, s.querySelectorAll('rect,polygon,polyline').length]; })");
        Assert.Equal(report.Drawings.Count, sizes.Length);
        Assert.All(sizes, static size => Assert.True(size[0] > 300 && size[1] > 100 && size[2] > 5, string.Join(' ', size)));
    }

    [ChromiumFact]
    public async Task Nothing_sticks_out_sideways_on_a_phone()
    {
        await using var page = await Open(Phone, "light");
        Assert.Equal(Phone, await page.EvaluateExpressionAsync<int>("document.documentElement.scrollWidth"));
        Assert.True(await page.EvaluateExpressionAsync<double>(
            "Math.min(...[...document.querySelectorAll('svg text')].map(t => t.getBoundingClientRect().height))") >= 9, "text of a chart is too small to read");
    }

    [ChromiumFact] // the first screen of a desk shows the answer and the map of the two variants it is about
    public async Task The_answer_and_the_maps_it_is_about_come_first()
    {
        await using var page = await Open(Desk, "light");
        var tops = await page.EvaluateExpressionAsync<double[]>("[document.querySelector('h1'), ...document.querySelectorAll('#map figure')].slice(0, 3).map(e => e.getBoundingClientRect().top)");
        Assert.True(tops[0] < 100 && tops[1] < 800, string.Join(' ', tops));
        Assert.Equal(tops[1], tops[2]);
        var names = await page.EvaluateExpressionAsync<string[]>("[...document.querySelectorAll('#map figcaption')].map(e => e.firstChild.textContent.trim())");
        Assert.Equal(["baseline", "both", "skip", "refine"], names);
    }

    [ChromiumFact]
    public async Task A_picture_is_not_blank_at_any_width_in_light_dark_and_print()
    {
        foreach (var (width, scheme) in new[] { (Desk, "light"), (Desk, "dark"), (Phone, "light"), (Phone, "dark") })
        {
            await using var page = await Open(width, scheme);
            var colours = await Colours(page, await page.ScreenshotDataAsync(new ScreenshotOptions { FullPage = false }));
            Assert.True(colours >= 12, $"{width} wide, {scheme}: only {colours} colours");
        }

        await using var printed = await Open(Desk, "dark");
        await printed.EmulateMediaTypeAsync(MediaType.Print);
        Assert.Equal("rgb(255, 255, 255)", await printed.EvaluateExpressionAsync<string>("getComputedStyle(document.body).backgroundColor"));
        Assert.True((await printed.PdfDataAsync()).Length > 20_000);
    }

    [ChromiumFact] // WCAG: 4.5 for text
    public async Task Text_has_enough_contrast_in_light_and_dark()
    {
        foreach (var scheme in new[] { "light", "dark" })
        {
            await using var page = await Open(Desk, scheme);
            var least = await page.EvaluateExpressionAsync<double>(
                """
                (() => {
                  const light = c => { const [r, g, b] = c.match(/[\d.]+/g).slice(0, 3).map(v => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
                  const page = light(getComputedStyle(document.body).backgroundColor);
                  const of = (e, p) => { const l = light(getComputedStyle(e)[p]); return (Math.max(l, page) + 0.05) / (Math.min(l, page) + 0.05); };
                  return Math.min(...[...document.querySelectorAll('h1,h2,p,td,th,li,dt,dd,summary,figcaption small')].map(e => of(e, 'color')),
                    ...[...document.querySelectorAll('svg text')].map(e => of(e, 'fill')));
                })()
                """);
            Assert.True(least >= 4.5, $"{scheme}: {least}");
        }
    }

    private async Task<IPage> Open(int width, string scheme)
    {
        var page = await _browser!.NewPageAsync();
        page.Console += (_, message) => _complaints.Add(message.Message.Text);
        page.PageError += (_, fault) => _complaints.Add(fault.Message);
        page.RequestFailed += (_, failed) => _complaints.Add(failed.Request.Url);
        page.Request += (_, request) => _requests.Add(request.Request.Url);
        await page.SetViewportAsync(new ViewPortOptions { Width = width, Height = 1400, IsMobile = width == Phone });
        await page.EmulateMediaFeaturesAsync([new MediaFeatureValue { MediaFeature = MediaFeature.PrefersColorScheme, Value = scheme }]);
        await page.GoToAsync(new Uri(report.File).AbsoluteUri);
        return page;
    }

    /// <summary>Colours of a picture that cover more than a ten-thousandth of it each, counted by the browser itself.</summary>
    private static async Task<int> Colours(IPage page, byte[] png) => await page.EvaluateFunctionAsync<int>(
        """
        async data => {
          const image = new Image();
          image.src = 'data:image/png;base64,' + data;
          await image.decode();
          const canvas = new OffscreenCanvas(image.width, image.height);
          const context = canvas.getContext('2d');
          context.drawImage(image, 0, 0);
          const pixels = context.getImageData(0, 0, image.width, image.height).data;
          const counts = new Map();
          for (let i = 0; i < pixels.length; i += 4) {
            const key = (pixels[i] << 16) | (pixels[i + 1] << 8) | pixels[i + 2];
            counts.set(key, (counts.get(key) ?? 0) + 1);
          }
          return [...counts.values()].filter(count => count > image.width * image.height / 10000).length;
        }
        """, Convert.ToBase64String(png));
}
