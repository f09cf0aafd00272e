using Engine.Nn;
using Engine.Pretraining.Configuration;

namespace Engine.Pretraining.Models;

/// <summary>One architecture: how a configuration becomes a model.</summary>
/// <param name="Name">The value of the key <c>model</c>.</param>
/// <param name="Paper">Authors, title, year.</param>
/// <param name="Create">Builds a freshly initialised model for a vocabulary of the given size.</param>
public sealed record ModelEntry(string Name, string Paper, Func<Device, PretrainConfig, int, Module> Create);
