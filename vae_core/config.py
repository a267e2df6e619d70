"""TrainConfig: the one declaration of every knob.

The command line's flags, the widgets of the train page, `config.json` and the table in
docs/knobs.md are all made from the fields below. This module imports no torch, so that a page
can show the knobs before a model is loaded.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, get_type_hints

from vae_core.data.registry import DATASETS
from vae_core.model.architectures import ARCHITECTURES, network_spec
from vae_core.model.likelihoods import LIKELIHOODS
from vae_core.training.objectives import OBJECTIVES

_VALUES = {"binary": "values of 0 or 1", "unit_interval": "values within [0, 1]",
           "real": "real values"}  # of a domain, in words
# Of a β-conditioned run, beta_max to beta_min: a curve has 25 β and more between them.
NARROWEST = 1.01
CONDITIONED_ONLY = ("beta_min", "beta_max", "beta_focus")  # knobs of such runs


@dataclass(frozen=True)
class Knob:
    """What a front end must know of one field, beside its type and default."""

    help: str
    group: str
    choices: Collection[str] = ()  # of a text; a registry stays one, and so may still grow
    low: float | None = None
    high: float | None = None
    usual: tuple[float, float] | None = None  # what a slider offers; low and high are the limits
    log: bool = False  # a slider over this field is better read on a logarithmic scale
    unit: str = ""
    source: str = ""


def knob(default: Any, help: str, group: str, **rest: Any) -> Any:
    return dataclasses.field(default=default, metadata={"knob": Knob(help, group, **rest)})


@dataclass(frozen=True)
class TrainConfig:
    """Everything that decides what a training run computes; two equal configs give equal runs.

    Raises ValueError: a value outside its range or a combination that has no meaning; the message
    says what was given, what is allowed and what to do.
    """

    dataset: str = knob("mnist", "Data set to train on.", "data", choices=DATASETS)
    beta: float = knob(
        1.0, "Weight β of the rate in the loss D + β·R. 1 is the ELBO; 0 a plain autoencoder on "
        "means.", "main", low=0.0, high=1000.0, usual=(0.01, 100), log=True,
        source="Higgins et al. 2017, eq. 4")
    beta_conditioned: bool = knob(
        False, "Train one β-conditioned model, for every β from beta_min to beta_max; beta is then "
        "the one at which the run is shown and measured first.", "main",
        source="Bae et al. 2023")
    latent_dim: int = knob(
        2, "Number of latent dimensions of z.", "main", low=1, high=512, usual=(1, 64))
    hidden_dim: int = knob(
        256, "Width: units in each hidden layer (of a conv network: in its dense layer).", "main",
        low=1, high=8192, usual=(16, 1024), log=True, unit="units")
    architecture: str = knob(
        "mlp", "Encoder and decoder: dense layers (mlp), two convolutions with stride 2 (conv), or "
        "residual blocks of convolutions (conv-res).", "main", choices=ARCHITECTURES)
    epochs: int = knob(
        20, "Passes over the training set.", "main", low=1, high=100_000, usual=(1, 200),
        unit="epochs")
    learning_rate: float = knob(
        1e-3, "Adam's step size, at its highest if a schedule is chosen.", "main", low=1e-8,
        high=10.0, usual=(1e-5, 0.1), log=True, source="Kingma & Ba 2015")

    likelihood: str = knob(
        "bernoulli", "p(x|z): Bernoulli on logits, or a Gaussian whose σ is fixed, one learned "
        "number, or learned for each pixel.", "likelihood", choices=LIKELIHOODS,
        source="Kingma & Welling 2014, app. C")
    binarization: str = knob(
        "dynamic", "Bernoulli only. dynamic: each grey value is sampled as 0 or 1 at every visit; "
        "none: grey values enter the cross-entropy as probabilities.", "likelihood",
        choices=("dynamic", "none"), source="Salakhutdinov & Murray 2008")
    sigma: float = knob(
        0.1, "Gaussian only: σ of p(x|z), or its first value where it is learned.", "likelihood",
        low=0.01, high=10.0, usual=(0.01, 1), log=True, unit="grey level, 1 = white")

    objective: str = knob(
        "beta-vae", "What is minimised. " + "; ".join(
            f"{name}: {row.formula}" for name, row in OBJECTIVES.items()) + ".", "objective",
        choices=OBJECTIVES, source="; ".join(row.source for row in OBJECTIVES.values()))
    reconstruction_weight: float = knob(
        1.0, "Weight of the distortion in the loss; 0 leaves the rate alone.", "objective", low=0.0,
        high=1000.0)
    warmup_epochs: float = knob(
        0.0, "Epochs over which the weight of the rate rises linearly from 0 to β.", "objective",
        low=0.0, high=100_000.0, unit="epochs", source="Bowman et al. 2016; Sønderby et al. 2016")
    beta_min: float = knob(
        0.01, "β-conditioned only: the lowest β.", "objective", low=1e-6, high=1000.0,
        usual=(0.001, 1), log=True, source="Bae et al. 2023")
    beta_max: float = knob(
        10.0, "β-conditioned only: the highest β.", "objective", low=1e-6, high=1000.0,
        usual=(1, 100), log=True, source="Bae et al. 2023")
    beta_focus: float = knob(
        0.2, "β-conditioned only: share of the examples whose β is drawn from 4 to 16, where "
        "dimensions collapse and the model falls behind one that is trained for its β alone.",
        "objective", low=0.0, high=1.0)

    num_layers: int = knob(
        2, "Hidden layers in each of encoder and decoder (mlp), or residual blocks, each of which "
        "halves the image (conv-res).", "network", low=1, high=16)
    channels: int = knob(
        32, "Channels of the outermost convolution; further in there are twice as many (conv, "
        "conv-res).", "network", low=1, high=512)
    activation: str = knob(
        "relu", "Activation between layers (mlp, conv); conv-res has SiLU.", "network",
        choices=("relu", "silu", "tanh"))

    batch_size: int = knob(
        128, "Examples a step.", "optimisation", low=1, high=65_536, unit="examples")
    schedule: str = knob(
        "constant", "Learning-rate schedule over the whole training.", "optimisation",
        choices=("constant", "cosine", "one-cycle"),
        source="Loshchilov & Hutter 2017; Smith & Topin 2018")
    max_grad_norm: float = knob(
        0.0, "Clip the gradient norm to this value; 0 disables clipping.", "optimisation",
        low=0.0, high=1e9, source="Pascanu et al. 2013")
    train_limit: int = knob(
        0, "Use only the first N training examples; 0 uses all.", "data", low=0,
        high=10_000_000, unit="examples")
    seed: int = knob(
        0, "Seed of the weights, the order and all noise.", "optimisation", low=0, high=2**31 - 1)

    device: str = knob(
        "auto", "Where to train: auto takes cuda, then mps, then cpu.", "machine",
        choices=("auto", "cpu", "cuda", "mps"))
    precision: str = knob(
        "float32", "Arithmetic of the matrix products; bf16 falls back to float32 where the device "
        "has none.", "machine", choices=("float32", "bf16"))
    compile: bool = knob(
        False, "Compile the training step; falls back to eager where that fails.", "machine")
    threads: int = knob(
        0, "CPU threads; 0 leaves one core for the rest of the machine.", "machine", low=0,
        high=1024)

    def __post_init__(self) -> None:
        types = get_type_hints(type(self))
        for field in dataclasses.fields(self):
            object.__setattr__(self, field.name, _checked(field, types[field.name],
                                                          getattr(self, field.name)))
        self._check_combinations()

    def _check_combinations(self) -> None:
        if self.beta == 0 and self.reconstruction_weight == 0:
            raise ValueError("beta = 0 and reconstruction_weight = 0 leave nothing to minimise: "
                             "give at least one of them a value above 0.")
        if self.warmup_epochs > self.epochs:
            raise ValueError(
                f"warmup_epochs = {self.warmup_epochs:g} is longer than epochs = {self.epochs}, so "
                f"β would never reach {self.beta:g}: give warmup_epochs at most {self.epochs}.")
        if self.beta_conditioned:
            self._check_conditioning()
        self._check_objective()
        facts = DATASETS[self.dataset]
        network_spec(self, facts.shape)  # raises ValueError where there is none
        allowed_domains = LIKELIHOODS[self.likelihood].domains
        if facts.domain not in allowed_domains:
            others = [name for name, row in LIKELIHOODS.items() if facts.domain in row.domains]
            raise ValueError(
                f"likelihood = {self.likelihood!r} needs {_VALUES[allowed_domains[-1]]}, and "
                f"{self.dataset} has {_VALUES[facts.domain]}: choose one of {', '.join(others)}.")

    def _check_objective(self) -> None:
        """Knobs that only other objectives read must be at their defaults."""
        own = OBJECTIVES[self.objective].knobs
        for field in dataclasses.fields(self):
            readers = [name for name, row in OBJECTIVES.items() if field.name in row.knobs]
            value = getattr(self, field.name)
            if readers and field.name not in own and value != field.default:
                raise ValueError(
                    f"{field.name} = {value!r} has no effect with objective = {self.objective!r}: "
                    f"leave it at {field.default!r}, or choose {' or '.join(map(repr, readers))}.")

    def _check_conditioning(self) -> None:
        if self.beta_max < NARROWEST * self.beta_min:
            raise ValueError(f"beta_min = {self.beta_min:.10g} isn't below beta_max = "
                             f"{self.beta_max:.10g} by 1 % or more: give two different numbers, "
                             "the lower one as beta_min.")
        if not self.beta_min <= self.beta <= self.beta_max:
            raise ValueError(
                f"beta = {self.beta:g}, at which a β-conditioned run opens, is not from beta_min = "
                f"{self.beta_min:g} to beta_max = {self.beta_max:g}: give a beta from this range "
                "too, or widen it.")
        if self.warmup_epochs:
            raise ValueError(
                f"warmup_epochs = {self.warmup_epochs:g} and beta_conditioned = true contradict "
                "each other, as a rising β isn't the one that the model is conditioned on: leave "
                "one of the two out.")

    @property
    def deterministic(self) -> bool:
        """β = 0: the plain autoencoder, which decodes the mean and draws no noise."""
        return self.beta == 0

    @property
    def binarized(self) -> bool:
        """Whether a likelihood sees each grey value sampled as 0 or 1."""
        return self.binarization == "dynamic" \
            and "binarization" in LIKELIHOODS[self.likelihood].knobs

    @property
    def observation_model(self) -> str:
        """What densities p(x|z) are over; only runs that share it may share an axis."""
        return LIKELIHOODS[self.likelihood].observation_model(self)

    @property
    def network_size(self) -> str:
        """The widths and depths that the architecture has, in words."""
        has = ARCHITECTURES[self.architecture].knobs
        channels = f", {self.channels} channels" if "channels" in has else ""
        layers = f" × {self.num_layers}" if "num_layers" in has else ""
        return f"{self.hidden_dim} units{channels}{layers}"

    def to_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> TrainConfig:
        """Build from plain values; an unknown key is an error that names the nearest known one.

        Older runs say how a model is conditioned on β: `conditioning` is read and left out.
        """
        if "conditioning" in values:
            values = dict(values)
            if (conditioning := values.pop("conditioning")) != "film":
                raise ValueError(f"conditioning = {conditioning!r} is not supported any more: "
                                 "β-conditioned models have 'film'; train the run again.")
        known = [field.name for field in dataclasses.fields(cls)]
        for key in values:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}."
                raise ValueError(f"{key!r} is not a field of the training configuration: {hint}")
        return cls(**values)

    def default_run_id(self) -> str:
        """A descriptive name: data set, network, latent size, β, and other non-default settings."""
        parts = [self.dataset, self.architecture, f"z{self.latent_dim}",
                 "multirate" if self.beta_conditioned else f"beta{self.beta:g}"]
        if self.likelihood != "bernoulli":
            parts.append(self.likelihood.replace("gaussian-", "gauss-"))
        if not self.binarized and "binarization" in LIKELIHOODS[self.likelihood].knobs:
            parts.append("grey")
        if self.objective != "beta-vae":
            parts.append(self.objective)
        if self.reconstruction_weight == 0:
            parts.append("rate-only")
        if self.seed:
            parts.append(f"seed{self.seed}")
        return "-".join(parts)


def knobs() -> dict[str, tuple[dataclasses.Field, Any, Knob]]:
    """Every field by name, in order of declaration: the dataclass field, its type, its Knob."""
    types = get_type_hints(TrainConfig)
    return {f.name: (f, types[f.name], f.metadata["knob"]) for f in dataclasses.fields(TrainConfig)}


def knob_table() -> str:
    """Every field as a Markdown table, for docs/knobs.md."""
    lines = ["| flag | default | allowed | what it is | source |",
             "| --- | --- | --- | --- | --- |"]
    for name, (field, kind, knob) in knobs().items():
        unit = f" ({knob.unit})" if knob.unit else ""
        flag = f"--{name.replace('_', '-')}"
        lines.append(f"| `{flag}` | {field.default} | {allowed(kind, knob)}{unit} | {knob.help} | "
                     f"{knob.source} |")
    return "\n".join(lines)


def allowed(kind: Any, knob: Knob) -> str:
    """In words, which values a field takes."""
    if kind is str:
        return "one of " + ", ".join(knob.choices)
    if kind is bool:
        return "true or false"
    noun = "a whole number" if kind is int else "a number"
    return f"{noun} from {_plain(knob.low)} to {_plain(knob.high)}"


def _plain(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1 and value == int(value) else f"{value:g}"


def _checked(field: dataclasses.Field, kind: Any, value: Any) -> Any:
    """The value in its own type, or one sentence that says what is wrong with it."""
    knob: Knob = field.metadata["knob"]
    given = repr(value) if len(repr(value)) < 80 else f"{repr(value)[:80]}…"
    complaint = ValueError(f"{field.name} = {given} is not allowed: it must be "
                           f"{allowed(kind, knob)}. Choose a value from these.")
    if kind is str:
        if isinstance(value, str) and value in knob.choices:
            return value
        near = difflib.get_close_matches(str(value), knob.choices, n=1)
        raise ValueError(f"{complaint} Did you mean {near[0]!r}?") if near else complaint
    if kind is bool:
        if isinstance(value, bool):
            return value
        raise complaint
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise complaint
    if not knob.low <= value <= knob.high or (kind is int and value != int(value)):
        raise complaint  # NaN fails the comparison too
    return kind(value)
