"""The decoder as ONNX, for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vae_core.model.vae import VAE


def write_onnx(model: VAE, path: Path) -> None:
    """The decoder as ONNX: input `z` (n, latent_dim), output `mean` (n, pixels), both float32.
    Raises ValueError: the file can't be written."""
    import torch

    class MeanDecoder(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, z: torch.Tensor) -> torch.Tensor:
            return self.model.decode_mean(z)

    example = torch.zeros(2, model.config.latent_dim)
    program = torch.onnx.export(
        MeanDecoder().eval(), (example,), dynamo=True, input_names=["z"], output_names=["mean"],
        dynamic_shapes={"z": {0: torch.export.Dim("n")}}, verbose=False)
    try:
        program.save(path)
    except OSError as error:
        raise ValueError(f"{path} can't be written ({error.strerror}): choose another file."
                         ) from error
