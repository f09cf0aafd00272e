using System.CommandLine;
using System.Net;
using Engine.Cli.Serving;
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
        Option<string> template = ChoiceOption.Create(
            "--template", "NAME", $"how a conversation becomes a prompt: {string.Join(", ", ChatTemplate.Names)} [plain]", ChatTemplate.Names);
        foreach (Option option in new Option[] { address, port, sequences, pool, template })
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
            using StopSignal signal = new(host);
            using Device chosen = device.Open(result);
            using TrainedModel model = models.Load("engine serve", chosen, result, out string path);
            ServedModel served = new(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path))), model.Tokenizer, model.BeginTokens, model.EndTokens);
            int tokens = result.GetValue(pool);
            using ContinuousBatcher batcher = new(model.Model, result.GetValue(sequences), tokens > 0 ? tokens : null);
            IPEndPoint at = new(ip, result.GetValue(port));
            Serve(host, served, batcher, at, result.GetValue(template) ?? "plain", signal.Token).GetAwaiter().GetResult();
            return 0;
        });
        return command;
    }

    private static async Task Serve(Host host, ServedModel model, ContinuousBatcher batcher, IPEndPoint address, string template, CancellationToken stop)
    {
        await using TextServer server = new(model, batcher, address, template);
        await server.Start();
        host.Out.WriteLine($"{model.Name} at {server.Address}v1 (completions, chat/completions, models). Ctrl-C ends it.");
        TaskCompletionSource stopped = new();
        await using CancellationTokenRegistration registration = stop.Register(stopped.SetResult);
        await await Task.WhenAny(stopped.Task, server.Writing);
    }
}
