using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Engine.Testing;

namespace Engine.Pretraining.Tests.Logs;

/// <summary>Chromium without a window. Whatever it asks the network for comes to a proxy of the test, which has nothing.</summary>
internal sealed partial class Browser : IDisposable
{
    private const string Name = "chromium";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(100);
    private readonly TemporaryFolder _profile = new();
    private readonly TcpListener _proxy = new(IPAddress.Loopback, 0);
    private readonly string _program;
    private readonly Task _answers;

    public Browser()
    {
        string? found = new[] { "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists);
        if (found is null)
        {
            Requirement.Missing(Name, "Chromium is not installed.");
        }

        _program = found;
        _proxy.Start();
        _answers = Task.Run(Answer);
    }

    /// <summary>First lines of all requests so far, without those that Chromium makes for itself, to its maker.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    /// <summary>The page's elements once it is loaded.</summary>
    public string Dom(string page) => Run("--dump-dom", page);

    /// <summary>The page as PNG.</summary>
    public byte[] Screenshot(string page)
    {
        string file = _profile.File("page.png");
        Run($"--screenshot={file} --window-size=900,1200", page);
        return File.ReadAllBytes(file);
    }

    public void Dispose()
    {
        _proxy.Dispose();
        _answers.Wait();
        _profile.Dispose();
    }

    [GeneratedRegex(@"^\w+ (http://)?[\w.-]+\.(google|googleapis|gvt1|gstatic)\.com[:/]")]
    private static partial Regex OwnHost();

    private string Run(string action, string page)
    {
        int port = ((IPEndPoint)_proxy.LocalEndpoint).Port;
        using Process process = Process.Start(new ProcessStartInfo(
            _program,
            $"--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update --disable-sync " +
            $"--disable-domain-reliability --proxy-server=127.0.0.1:{port} --user-data-dir={_profile.File("profile")} {action} {new Uri(page).AbsoluteUri}")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(s_patience))
        {
            process.Kill(entireProcessTree: true);
        }

        Task.WaitAll(output, error);
        return process.ExitCode == 0 ? output.Result : throw new InvalidOperationException(error.Result);
    }

    private void Answer()
    {
        try
        {
            while (true)
            {
                using TcpClient client = _proxy.AcceptTcpClient();
                Answer(client);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    private void Answer(TcpClient client)
    {
        try
        {
            client.ReceiveTimeout = 1000;
            byte[] start = new byte[200];
            int count = client.GetStream().Read(start);
            string request = Encoding.Latin1.GetString(start, 0, count).Split("\r\n")[0];
            if (!OwnHost().IsMatch(request) && count > 0)
            {
                Requests.Enqueue(request);
            }

            client.GetStream().Write("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8);
        }
        catch (IOException)
        {
            // Chromium opened a connection that it did not need.
        }
    }
}
