using System.CommandLine;
using System.Net;
using Engine.Cli.Serving;
using Engine.Pretraining.Chat;
using Engine.Pretraining.Generation;

namespace Engine.Cli.Commands;

/// <summary><c>engine serve</c>: a trained model behind HTTP.</summary>
internal static class ServeCommand
{
    public static Command Create(Host host)
    {
        Command command = new("serve", "Serve a trained model over HTTP, with the endpoints of OpenAI's completions and chat.");
        TextModelOptions models = new(command);
        Option<string> address = new("--host") { HelpName = "ADDRESS", Description = "IP address to listen on; 0.0.0.0 for all", DefaultValueFactory = _ => "127.0.0.1" };
        Option<int> port = NumberOption.Create("--port", 8080, 0, 65535, "TCP port; 0 = a free one");
        Option<int> sequences = NumberOption.Create("--sequences", 16, 1, 256, "texts written at once; more wait");
        Option<int> pool = NumberOption.Create("--pool", 0, 0, int.MaxValue, "tokens of all texts together whose keys and values are kept; 0 = as long as the model reads for each text");
        Option<string> template = new("--template")
        {
            HelpName = "NAME|PATH",
            Description = $"how a conversation becomes a prompt: {string.Join(", ", ChatTemplate.Names)}, or a Jinja template's file or folder [the model's own, else plain]",
        };
        Option<int> drain = NumberOption.Create("--drain", 30, 0, 86400, "seconds that requests have to be answered when the server is stopped; no new ones are taken then");
        foreach (Option option in new Option[] { address, port, sequences, pool, template, drain })
        {
            command.Options.Add(option);
        }

        DeviceOptions device = new(command);

        // Not an asynchronous action: those have a handling of signals of their own.
        command.SetAction(result =>
        {
            string listen = result.GetRequiredValue(address);
            IPAddress ip = IPAddress.TryParse(listen, out IPAddress? parsed) ? parsed : listen == "localhost" ? IPAddress.Loopback
                : throw new EngineException($"engine serve: --host {listen} is no IP address; take 127.0.0.1, or 0.0.0.0 to listen on all.");
            ChatTemplate? asked = result.GetValue(template) is { } name ? ChatTemplate.Open(name) : null;
            using StopSignal signal = new(host);
            using Device chosen = device.Open(result);
            using TrainedModel model = models.Load(host, "engine serve", chosen, result, out string path);
            ServedModel served = new(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path))), model.Tokenizer, model.BeginTokens, model.EndTokens);
            int tokens = result.GetValue(pool);
            using ContinuousBatcher batcher = new(model.Model, result.GetValue(sequences), tokens > 0 ? tokens : null);
            IPEndPoint at = new(ip, result.GetValue(port));
            ChatTemplate form = asked ?? (Directory.Exists(path) ? ChatTemplate.Find(path) : null) ?? ChatTemplate.Open("plain");
            Serve(host, served, batcher, at, form, TimeSpan.FromSeconds(result.GetValue(drain)), signal.Token).GetAwaiter().GetResult();
            return 0;
        });
        return command;
    }

    private static async Task Serve(Host host, ServedModel model, ContinuousBatcher batcher, IPEndPoint address, ChatTemplate template, TimeSpan drain, CancellationToken stop)
    {
        await using TextServer server = new(model, batcher, address, template);
        await server.Start();
        host.Out.WriteLine($"{model.Name} at {server.Address}v1 (completions, chat/completions, models). Ctrl-C ends it.");
        TaskCompletionSource stopped = new();
        await using CancellationTokenRegistration registration = stop.Register(stopped.SetResult);
        await await Task.WhenAny(stopped.Task, server.Writing);
        await server.Drain(drain);
    }
}
