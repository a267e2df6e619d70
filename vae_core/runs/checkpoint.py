"""A model and its optimiser in the run folder, as safetensors."""

from typing import NamedTuple

import numpy as np
import torch

from vae_core.config import TrainConfig
from vae_core.data.registry import DATASETS
from vae_core.model.vae import VAE
from vae_core.runs.run import TRAINING_STATE, WEIGHTS, Run, RunError


class TrainingState(NamedTuple):
    """What is saved with weights and moments: the step, `Step`'s numbers at each step of this
    epoch so far, the first gradient norm and the time spent."""

    step: int
    numbers: torch.Tensor
    first_norm: float
    seconds: float


def save_weights(model: VAE, run: Run) -> None:
    run.write_tensors(WEIGHTS, _arrays(model.state_dict()))


def load_model(run: Run, device: str | torch.device = "cpu",
               config: TrainConfig | None = None) -> VAE:
    """The run's model with its weights, ready to evaluate.
    Raises RunError: a file is missing or damaged, or the weights don't fit the configuration."""
    config = config or run.config()
    shape, weights = DATASETS[config.dataset].shape, run.weights()
    # Check the weights first, so that a wrong config.json can't allocate a huge network.
    with torch.device("meta"):
        _fill(VAE(config, shape), weights, run, WEIGHTS, assign=True)
    model = VAE(config, shape)
    _fill(model, weights, run, WEIGHTS)
    return model.to(device).eval()


def save_training_state(model: VAE, optimizer: torch.optim.Optimizer, run: Run, *, step: int,
                        numbers: torch.Tensor, first_norm: float, seconds: float) -> None:
    tensors = {f"model.{name}": value for name, value in _arrays(model.state_dict()).items()}
    for name, parameter in model.named_parameters():
        for key, value in optimizer.state.get(parameter, {}).items():
            tensors[f"adam/{name}/{key}"] = value.detach().cpu().numpy()
    tensors["terms"] = numbers.cpu().numpy()
    tensors["progress"] = np.array([step, first_norm, seconds], dtype=np.float64)
    run.write_tensors(TRAINING_STATE, tensors)


def load_training_state(model: VAE, optimizer: torch.optim.Optimizer, run: Run
                        ) -> TrainingState:
    """Restore weights and Adam's moments; the rest is returned.
    Raises RunError: there is none, it is damaged, or it is of another configuration."""
    if not run.path(TRAINING_STATE).exists():
        raise RunError(f"Run {run.run_id!r} has no {TRAINING_STATE} to resume from: it is finished "
                       "or was never begun; train under another run id.")
    state = run.training_state()
    try:
        _fill(model, {name.removeprefix("model."): value for name, value in state.items()
                      if name.startswith("model.")}, run, TRAINING_STATE)
        for name, parameter in model.named_parameters():
            prefix = f"adam/{name}/"
            moments = {key.removeprefix(prefix): torch.from_numpy(value).to(parameter.device)
                       for key, value in state.items() if key.startswith(prefix)}
            if any(value.ndim and value.shape != parameter.shape for value in moments.values()):
                raise ValueError(f"Adam's moments of {name} have another shape")
            if moments:
                optimizer.state[parameter] = moments
        step, first_norm, seconds = state["progress"].tolist()
        return TrainingState(int(step), torch.from_numpy(state["terms"]), first_norm, seconds)
    except (KeyError, ValueError) as error:
        if isinstance(error, RunError):
            raise
        raise RunError(f"{run.path(TRAINING_STATE)} is damaged ({error}): train run "
                       f"{run.run_id!r} again.") from error


def _arrays(tensors: dict[str, torch.Tensor]) -> dict[str, np.ndarray]:
    return {name: value.detach().cpu().numpy() for name, value in tensors.items()}


def _fill(model: VAE, arrays: dict[str, np.ndarray], run: Run, name: str, assign: bool = False
          ) -> None:
    """Load arrays into the model; assign: use them as its tensors, which then take no memory."""
    try:
        model.load_state_dict({key: torch.from_numpy(value) for key, value in arrays.items()},
                              assign=assign)
    except RuntimeError as error:
        raise RunError(f"{run.path(name)} doesn't fit config.json ("
                       f"{' '.join(str(error).split())[:200]}): restore both files from the same "
                       "run, or train it again.") from error
