using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Xml.Linq;
using Engine.Pretraining.Logs;
using Engine.Pretraining.Tests.Training;
using Engine.Pretraining.Training;
using Xunit;

namespace Engine.Pretraining.Tests.Logs;

public sealed class RunReportTests : IDisposable
{
    private const string Evil = "<script>alert('x')</script> &amp; ]]> \u0001 \ud83d\ude00 <img src=http://example.invalid/a.png>";
    private static readonly XNamespace s_html = "http://www.w3.org/1999/xhtml";
    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";
    private readonly TemporaryFolder _folder = new();

    private string Run => _folder.File("run");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_leaves_a_page_with_its_curves_samples_and_configuration()
    {
        PretrainRun.Start(TinyRun.Config, Run, new RecordingObserver());
        XElement page = Page(Path.Combine(Run, "report.html"));
        string[] titles = [.. page.Descendants(s_svg + "svg").Select(s => s.Element(s_svg + "title")!.Value)];
        Assert.Equal(["Loss (nats)", "Learning rate", "Gradient norm, before clipping", "Throughput (tokens per second)", "Device memory (bytes, most of each step)"], titles);
        Assert.All(page.Descendants(s_svg + "svg"), s => Assert.NotEmpty(s.Element(s_svg + "desc")!.Value));
        Assert.Equal(2, page.Descendants(s_svg + "svg").First().Elements(s_svg + "polyline").Count());
        Assert.Equal(["step 24", "step 12"], page.Descendants(s_html + "summary").Select(s => s.Value));
        Assert.Contains(page.Descendants(s_html + "tr"), r => r.Attribute("class")?.Value == "changed" && r.Value == "n_embd16");
        Assert.StartsWith("Finished after step 24 of 24; begun ", page.Descendants(s_html + "p").First().Value, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Run, "report.html.tmp")));
    }

    [Fact]
    public void Samples_are_text_whatever_they_hold()
    {
        Write(steps: 3);
        XElement page = Page(RunReport.Write(Run));
        Assert.Contains(page.Descendants(s_html + "pre"), p => p.Value == Evil.Replace('\u0001', '?'));
        Assert.DoesNotContain(page.Descendants(), e => e.Name.LocalName is "script" or "img" or "link" or "iframe");
        Assert.Equal("default-src 'none'; style-src 'unsafe-inline'", page.Descendants(s_html + "meta").Single(m => m.Attribute("http-equiv") is not null).Attribute("content")!.Value);
    }

    [Fact]
    public void The_page_of_a_long_run_is_no_longer_than_that_of_a_short_one()
    {
        Write(steps: 2_000);
        long first = new FileInfo(RunReport.Write(Run)).Length;
        Write(steps: 60_000);
        File.WriteAllText(Path.Combine(Run, "samples", "step-0000002.txt"), new string('x', 1_000_000));
        long second = new FileInfo(RunReport.Write(Run)).Length;
        Assert.InRange(second, 20_000, first * 3 / 2);
    }

    [Fact]
    public void Runs_stand_side_by_side()
    {
        Write(steps: 30);
        RunSummary run = RunSummary.Read(Run);
        string file = _folder.File("compare.html");
        RunReport.WriteComparison(file, [run, run]);
        XElement page = Page(file);
        Assert.Equal("Loss (nats), training", page.Descendants(s_svg + "title").First().Value);
        Assert.Equal(2, page.Descendants(s_svg + "svg").First().Elements(s_svg + "polyline").Count());
    }

    [Fact]
    public void A_browser_shows_the_page_and_asks_the_network_for_nothing()
    {
        using Browser browser = new();
        Write(steps: 3_000);
        string report = RunReport.Write(Run);
        string dom = browser.Dom(report);
        Assert.Equal(5, dom.Split("<svg ").Length - 1);
        Assert.Contains("<polyline class=\"curve s1\" points=\"", dom, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;alert('x')&lt;/script&gt;", dom, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", dom, StringComparison.Ordinal);
        byte[] picture = browser.Screenshot(report);
        Assert.Equal((900, 1200), (BinaryPrimitives.ReadInt32BigEndian(picture.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(picture.AsSpan(20))));
        Assert.DoesNotContain("google", dom, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(browser.Requests);

        // The proxy would have seen it, and an empty page is a smaller picture.
        string control = _folder.Write("control.html", "<!DOCTYPE html><img src='http://example.invalid/a.png'>"u8);
        Assert.True(picture.Length > 3 * browser.Screenshot(control).Length);
        Assert.Contains(browser.Requests, r => r.Contains("example.invalid", StringComparison.Ordinal));
    }

    private static XElement Page(string file)
    {
        string text = File.ReadAllText(file);
        Assert.StartsWith("<!DOCTYPE html>\n", text, StringComparison.Ordinal);
        return XElement.Parse(text["<!DOCTYPE html>\n".Length..], LoadOptions.PreserveWhitespace);
    }

    private void Write(int steps)
    {
        Directory.CreateDirectory(Path.Combine(Run, "samples"));
        File.WriteAllText(Path.Combine(Run, "config.json"), TinyRun.Config.ToJson());
        File.WriteAllText(Path.Combine(Run, "samples", "step-0000001.txt"), Evil);
        StringBuilder metrics = new();
        for (int i = 0; i <= steps; i++)
        {
            metrics.Append(CultureInfo.InvariantCulture, $"{{\"step\":{i},\"loss\":{4 / Math.Sqrt(i + 1)},\"grad_norm\":{1 + Math.Sin(i)},\"learning_rate\":1e-3,\"tokens_per_second\":{1000 + i},\"memory_bytes\":{1 << 20}}}\n");
            if (i % 10 == 0)
            {
                metrics.Append(CultureInfo.InvariantCulture, $"{{\"step\":{i},\"val_loss\":{4.1 / Math.Sqrt(i + 1)},\"batches\":5}}\n");
            }
        }

        File.WriteAllText(Path.Combine(Run, "metrics.jsonl"), metrics.ToString());
    }
}
