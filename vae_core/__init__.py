"""vae_core: train, keep and measure (β-)variational autoencoders. No user interface in here."""

import importlib
from typing import Any

__version__ = "0.1.0"

# Public names and where they are defined; imported when first asked for, since torch takes seconds.
_HOMES = {
    "TrainConfig": "vae_core.config",
    "VAE": "vae_core.model.vae",
    "train": "vae_core.training.trainer",
    "load_dataset": "vae_core.data",
    "open_run": "vae_core.runs.run",
    "load_model": "vae_core.runs.checkpoint",
    "evaluate": "vae_core.measure.test_set",
}
__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'vae_core' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
