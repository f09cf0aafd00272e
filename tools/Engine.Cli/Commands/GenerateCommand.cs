using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Engine.Cli.Output;
using Engine.Pretraining.Generation;

namespace Engine.Cli.Commands;

/// <summary><c>engine generate</c>: text from a run's newest checkpoint or from somebody else's model.</summary>
internal static class GenerateCommand
{
    public static Command Create(Host host)
    {
        Command command = new("generate", "Write text with a trained model.");
        TextModelOptions models = new(command);
        Option<string> prompt = new("--prompt") { HelpName = "TEXT", Description = "what the text begins with [a line break]", DefaultValueFactory = _ => string.Empty };
        command.Options.Add(prompt);
        SamplingArguments sampling = new(command);
        BeamArguments beams = new(command);
        DraftArguments drafts = new(command);
        Option<bool> json = new("--json") { Description = "one JSON object" };
        command.Options.Add(json);
        DeviceOptions device = new(command);
        command.SetAction(result =>
        {
            SamplingOptions options = sampling.Read(result);
            BeamOptions? search = beams.Read(result);
            if (search is not null && (sampling.Drawn(result) ?? drafts.Given(result)) is { } other)
            {
                throw new EngineException($"engine generate: --beams searches for the most likely text and goes without {other}.");
            }

            string start = result.GetRequiredValue(prompt);
            using StopSignal signal = new(host);
            using Device chosen = device.Open(result);
            using TextToTextModel? pair = models.LoadTextToText(host, "engine generate", chosen, result);
            if (pair is not null)
            {
                string? given = (search is null ? sampling.Drawn(result) : null) ?? drafts.Given(result) ?? (options.Stop.Count > 0 ? "--stop" : null) ?? (search is { Returns: > 1 } ? "--texts" : null);
                Write(host, result.GetValue(json), start, given is null
                    ? pair.Write(start, options.Tokens, search)
                    : throw new EngineException($"engine generate: an encoder-decoder writes the most likely text for the prompt, or searches for it with --beams; leave out {given}."));
                return 0;
            }

            using TrainedModel model = models.Load(host, "engine generate", chosen, result, out _);
            using TrainedModel? draft = drafts.Load(chosen, result);
            Speculation? speculation = draft is null ? null : model.Draft(draft, drafts.Tokens(result));
            if (search is not null)
            {
                Write(host, result.GetValue(json), model, start, model.Search(start, options.Tokens, search, options.Stop, signal.Token));
                return 0;
            }

            IEnumerable<string> pieces = model.Continue(start, options, speculation, signal.Token);
            Write(host, result.GetValue(json), model, start, pieces, speculation);
            return 0;
        });
        return command;
    }

    private static void Write(Host host, bool json, TrainedModel model, string start, IEnumerable<string> pieces, Speculation? speculation)
    {
        Stopwatch watch = Stopwatch.StartNew();
        if (json)
        {
            string text = string.Concat(pieces);
            WriteJson(host, model, start, w =>
            {
                w.WriteString("text", text);
                w.WriteNumber("seconds", Math.Round(watch.Elapsed.TotalSeconds, 3));
                if (speculation is not null)
                {
                    w.WriteNumber("drafted", speculation.Drafted);
                    w.WriteNumber("accepted", speculation.Accepted);
                    w.WriteNumber("passes", speculation.Passes);
                }
            });
            return;
        }

        host.Out.Write(start);
        foreach (string piece in pieces)
        {
            host.Out.Write(piece);
            host.Out.Flush();
        }

        host.Out.Write("\n");
        if (speculation is { Drafted: > 0 })
        {
            host.Error.Write(FormattableString.Invariant(
                $"draft: {speculation.Accepted} of {speculation.Drafted} tokens accepted ({100.0 * speculation.Accepted / speculation.Drafted:0} %), {(double)(speculation.Accepted + speculation.Passes) / speculation.Passes:0.0} tokens a pass of the model\n"));
        }
    }

    private static void Write(Host host, bool json, TrainedModel model, string start, IReadOnlyList<(string Text, BeamText Beam)> found)
    {
        if (json)
        {
            WriteJson(host, model, start, w =>
            {
                w.WriteString("text", found[0].Text);
                w.WriteStartArray("texts");
                foreach ((string text, BeamText beam) in found)
                {
                    w.WriteStartObject();
                    w.WriteString("text", text);
                    w.WriteNumber("log_p", beam.LogP);
                    w.WriteNumber("score", beam.Score);
                    w.WriteEndObject();
                }

                w.WriteEndArray();
            });
            return;
        }

        for (int i = 0; i < found.Count; i++)
        {
            host.Out.Write(found.Count > 1 ? FormattableString.Invariant($"[{i + 1}] score {found[i].Beam.Score:0.0000}\n") : string.Empty);
            host.Out.Write($"{start}{found[i].Text}\n");
        }
    }

    // What an encoder-decoder writes does not go on from the prompt.
    private static void Write(Host host, bool json, string start, string target)
    {
        if (!json)
        {
            host.Out.Write(target + "\n");
            return;
        }

        JsonLines.Write(host.Out, w =>
        {
            w.WriteString("prompt", start);
            w.WriteString("text", target);
        });
    }

    private static void WriteJson(Host host, TrainedModel model, string start, Action<Utf8JsonWriter> properties) => JsonLines.Write(host.Out, w =>
    {
        w.WriteString("checkpoint", model.CheckpointPath);
        w.WriteString("prompt", start);
        properties(w);
    });
}
