using System.Diagnostics;
using System.Net;
using System.Text;
using Engine.Testing;
using Xunit;

namespace Engine.Cli.Tests;

/// <summary><c>engine serve</c> as a process.</summary>
public sealed class ServeCommandTests
{
    [Fact]
    public async Task A_signal_lets_it_answer_what_it_has_begun()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there is no SIGTERM to send");
        using Process process = Cli.Start("serve", "--model", Fixture.WeightsFolder("stories260K"), "--device", "cpu", "--threads", "1", "--port", "0");
        try
        {
            string line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) ?? string.Empty;
            Assert.Matches("^stories260K at http://127.0.0.1:[0-9]+/v1 ", line);
            using HttpClient client = new() { BaseAddress = new Uri(line.Split(' ')[2] + "/") };
            using HttpRequestMessage request = new(HttpMethod.Post, "completions")
            {
                Content = new StringContent("""{"prompt": "Once upon a time", "max_tokens": 300, "n": 16, "stream": true}""", Encoding.UTF8, "application/json"),
            };
            using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            using Process kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
            Assert.EndsWith("data: [DONE]\n\n", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, process.ExitCode);
        }
        finally
        {
            process.Kill();
        }
    }
}
