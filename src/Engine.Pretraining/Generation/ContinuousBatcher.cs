using System.Collections.Concurrent;
using Engine.Nn;
using Engine.Pretraining.Models;

namespace Engine.Pretraining.Generation;

/// <summary>
/// Writes many texts at once. Each pass through the model reads one token of every text that is being written and, as far as the pass has
/// room, the prompts of new ones, which need not wait until others are done (Yu et al., "Orca: a distributed serving system for
/// transformer-based generative models", 2022). Texts are those that would be written alone, but for rounding, which a product of more rows may do
/// in another order. Requests come from any thread; one
/// thread calls <see cref="Run"/>.
/// </summary>
public sealed class ContinuousBatcher : IDisposable
{
    private readonly CausalLanguageModel _model;
    private readonly KeyValuePool _pool;
    private readonly ConcurrentQueue<TextRequest> _submitted = [];
    private readonly SemaphoreSlim _news = new(0);
    private readonly List<TextRequest> _waiting = [];
    private readonly List<TextRequest> _running = [];
    private readonly List<(KeyValueSpan Span, int Tokens)> _pass = [];
    private readonly List<TextRequest> _drawing = [];
    private readonly int _sequences;
    private readonly int _capacity;
    private int[] _ids;
    private int[] _rows;
    private float[] _scores = [];
    private int _pending;

    // Of the thread that writes.
    private StepScope? _step;

    /// <summary>A batcher.</summary>
    /// <param name="model">The model; nobody else uses it or its device meanwhile.</param>
    /// <param name="sequences">The most texts written at once.</param>
    /// <param name="poolTokens">Tokens whose keys and values fit, of all texts together; by default <paramref name="sequences"/> texts as long as the model reads.</param>
    /// <param name="passTokens">The most tokens of a pass; long prompts are read in several, so that they do not hold up others.</param>
    /// <exception cref="EngineException">A number is not positive.</exception>
    public ContinuousBatcher(CausalLanguageModel model, int sequences = 16, int? poolTokens = null, int passTokens = 512)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (sequences < 1 || passTokens < sequences || poolTokens < 1)
        {
            throw new EngineException($"serve: {sequences} texts at once, {passTokens} tokens a pass, {poolTokens} in all; expected at least 1, and a pass with a token for each text.");
        }

        (_model, _sequences) = (model, sequences);
        _pool = model.NewPool(poolTokens ?? checked(sequences * model.ContextLength));
        _capacity = _pool.FreeTokens;
        (_ids, _rows) = (new int[passTokens], new int[sequences]);
    }

    /// <summary>Texts that are being written or wait; for any thread.</summary>
    public int Pending => Volatile.Read(ref _pending);

    /// <summary>Tokens that the free pages hold; while nothing is <see cref="Pending"/>.</summary>
    internal int FreeTokens => _pool.FreeTokens;

    /// <summary>Asks for a text.</summary>
    /// <param name="prompt">At least one token, fewer than the model reads.</param>
    /// <param name="options">How to draw; stop strings are the caller's matter.</param>
    /// <param name="end">Tokens that end a text and are not part of it.</param>
    /// <param name="stop">Ends it early.</param>
    /// <exception cref="EngineException">The prompt does not fit, or an option is out of range.</exception>
    public TextRequest Submit(IReadOnlyList<int> prompt, SamplingOptions options, IReadOnlySet<int> end, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        int longest = Math.Min(_model.ContextLength, _capacity);
        if (prompt.Count == 0 || prompt.Count >= longest)
        {
            throw new EngineException(prompt.Count == 0
                ? "generate: the prompt is empty; give at least one token."
                : $"generate: the prompt has {prompt.Count} tokens and the model reads {longest} with what it writes; shorten it.");
        }

        if (prompt.FirstOrDefault(t => t < 0 || t >= _model.VocabSize, -1) is var wrong and >= 0)
        {
            throw new EngineException($"generate: the prompt has token {wrong}, which is outside of the model's {_model.VocabSize}.");
        }

        TextRequest request = new(prompt, Math.Min(options.Tokens, longest - prompt.Count), options, end, stop);
        if (request.Count == request.Capacity)
        {
            request.Finish(FinishReason.Length);
            return request;
        }

        Interlocked.Increment(ref _pending);
        _submitted.Enqueue(request);
        _news.Release();
        return request;
    }

    /// <summary>Writes texts until <paramref name="stop"/>; then those that are left end as cancelled.</summary>
    public void Run(CancellationToken stop)
    {
        Exception? error = null;
        try
        {
            while (!stop.IsCancellationRequested)
            {
                if (!Step())
                {
                    _news.Wait(stop);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Nothing to write, and asked to stop.
        }
        catch (Exception e)
        {
            error = e;
            throw;
        }
        finally
        {
            Take();
            EndAll(_waiting, error);
            EndAll(_running, error);
            _step?.Dispose();
            _step = null;
        }
    }

    /// <summary>One pass, of the thread that writes. False if there is nothing to write.</summary>
    public bool Step()
    {
        Take();
        Admit();
        if (_running.Count == 0)
        {
            return false;
        }

        _step ??= new StepScope(_model.Device, recording: false);
        try
        {
            Draw(Read(_step));
            _step.Clear();
        }
        catch (EngineException e)
        {
            // What spoils a pass, for example a full device, spoils it for all texts of it.
            _step.Clear();
            EndAll(_running, e);
        }

        DropEnded(_running);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _step?.Dispose();
        _pool.Dispose();
        _news.Dispose();
    }

    private void Take()
    {
        while (_submitted.TryDequeue(out TextRequest? request))
        {
            _waiting.Add(request);
        }
    }

    private void Admit()
    {
        EndUnwanted(_running);
        EndUnwanted(_waiting);
        while (_waiting.Count > 0 && _running.Count < _sequences && _pool.Reserve(_waiting[0].Capacity) is { } span)
        {
            _waiting[0].Span = span;
            _running.Add(_waiting[0]);
            _waiting.RemoveAt(0);
        }
    }

    // Reads what there is room for, single tokens first, and gives the scores of those texts that are read to their end.
    private Tensor Read(StepScope step)
    {
        _pass.Clear();
        _drawing.Clear();
        int tokens = 0;
        for (int turn = 0; turn < 2; turn++)
        {
            foreach (TextRequest request in _running)
            {
                bool prompts = turn > 0;
                ReadOnlySpan<int> unread = request.Unread;
                int n = Math.Min(unread.Length, _ids.Length - tokens);
                if (unread.Length > 1 != prompts || n == 0)
                {
                    continue;
                }

                unread[..n].CopyTo(_ids.AsSpan(tokens));
                tokens += n;
                _pass.Add((request.Span!, n));
                if (n == unread.Length)
                {
                    _rows[_drawing.Count] = tokens - 1;
                    _drawing.Add(request);
                }
            }
        }

        _pool.Schedule(step, _pass);
        Tensor hidden = _model.Hidden(step.From<int>(_ids.AsSpan(0, tokens), [1, tokens]), _pool);
        if (_drawing.Count == 0)
        {
            return default;
        }

        Tensor last = EncoderModel.Rows(hidden, step.From<int>(_rows.AsSpan(0, _drawing.Count), [_drawing.Count]));
        return _model.TokenLogits(last).To(DType.Float32);
    }

    private void Draw(Tensor logits)
    {
        if (logits.IsDefined)
        {
            int V = logits.Shape[1];
            _scores = _scores.Length < _drawing.Count * V ? new float[_sequences * V] : _scores;
            logits.CopyTo<float>(_scores.AsSpan(0, _drawing.Count * V));
        }

        for (int i = 0; i < _drawing.Count; i++)
        {
            TextRequest request = _drawing[i];
            try
            {
                if (!request.Write(_scores.AsSpan(i * _model.VocabSize, _model.VocabSize)))
                {
                    _pool.Release(request.Span!);
                }
            }
            catch (EngineException e)
            {
                End(request, FinishReason.Cancelled, e);
            }
        }
    }

    private void EndUnwanted(List<TextRequest> requests)
    {
        foreach (TextRequest request in requests)
        {
            if (request.IsUnwanted)
            {
                End(request, FinishReason.Cancelled);
            }
        }

        DropEnded(requests);
    }

    private void EndAll(List<TextRequest> requests, Exception? error)
    {
        foreach (TextRequest request in requests)
        {
            End(request, FinishReason.Cancelled, error);
        }

        DropEnded(requests);
    }

    private void DropEnded(List<TextRequest> requests) =>
        Interlocked.Add(ref _pending, -requests.RemoveAll(r => r.Reason != FinishReason.None));

    private void End(TextRequest request, FinishReason reason, Exception? error = null)
    {
        request.Finish(reason, error);
        if (request.Span is { } span)
        {
            _pool.Release(span);
        }
    }
}
