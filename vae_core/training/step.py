"""Step: forward, backward, update, on a device, with its threads and its arithmetic."""

import logging
import os
from contextlib import nullcontext

import torch

from vae_core.config import TrainConfig
from vae_core.model.vae import VAE, ElboTerms, elbo_terms
from vae_core.training.objectives import OBJECTIVES

logger = logging.getLogger(__name__)


def pick_device(wanted: str) -> torch.device:
    """The requested device, or for 'auto' the best one available.
    Raises ValueError: that device isn't available."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(),
             "cpu": True}
    if wanted == "auto":
        wanted = next(name for name, is_there in there.items() if is_there)
    if not there[wanted]:
        have = ", ".join(name for name, is_there in there.items() if is_there)
        raise ValueError(f"device = {wanted!r} isn't available here: this machine has {have}. "
                         "Choose one of these, or auto.")
    return torch.device(wanted)


def set_up_cpu(threads: int) -> None:
    """Threads, and denormals to zero: Adam's moments fill with them and slow every step."""
    torch.set_flush_denormal(True)
    torch.set_num_threads(threads or max(1, (os.cpu_count() or 2) - 1))


def autocast(config: TrainConfig, device: torch.device):
    """A context for the forward pass: bf16 if config asks for it and the device supports it."""
    if config.precision == "float32":
        return nullcontext()
    able = {"cuda": lambda: torch.cuda.is_bf16_supported(including_emulation=False),
            "cpu": torch.ops.mkldnn._is_mkldnn_bf16_supported}
    if device.type in able and able[device.type]():
        return torch.autocast(device.type, dtype=torch.bfloat16)
    logger.warning("precision = 'bf16' isn't available on this %s: training in float32.",
                   device.type)
    return nullcontext()


class Step:
    """Forward, backward, update. Its numbers stay on the device until someone asks for them."""

    NUMBERS = 4

    def __init__(self, config: TrainConfig, model: VAE, device: torch.device):
        self.config, self.model, self.device = config, model, device
        self.optimizer = torch.optim.Adam(model.parameters(), lr=config.learning_rate, fused=True)
        self.autocast = autocast(config, device)
        self.objective = OBJECTIVES[config.objective]
        self.eager_terms = self.terms = self.objective.terms or elbo_terms
        if config.compile:
            try:
                self.terms = torch.compile(self.eager_terms)
            except Exception as error:  # see `_differentiate`
                self._fall_back(error)

    def __call__(self, x: torch.Tensor, eps: torch.Tensor, beta: float | torch.Tensor,
                 learning_rate: float) -> torch.Tensor:
        """One update; returns (distortion, rate, gradient norm, loss at config.beta), means over
        the batch, a (4,) tensor on the device.

        beta: the weight of the rate; of a β-conditioned model (batch,), one for each example.
        """
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate
        terms, loss = self._differentiate(x, eps, beta)
        parameters = [p for p in self.model.parameters() if p.grad is not None]
        norm = torch.nn.utils.get_total_norm([p.grad for p in parameters])
        if self.config.max_grad_norm:
            torch.nn.utils.clip_grads_with_norm_(parameters, self.config.max_grad_norm, norm)
        self.optimizer.step()
        if not isinstance(beta, torch.Tensor) and beta != self.config.beta:  # during the warm-up
            with torch.no_grad():
                loss = self.objective.loss(terms, self.config.beta, self.config).mean()
        return torch.stack((terms.distortion.mean(), terms.rate.mean(), norm, loss)).detach()

    def _differentiate(self, x: torch.Tensor, eps: torch.Tensor, beta: float | torch.Tensor
                       ) -> tuple[ElboTerms, torch.Tensor]:
        self.optimizer.zero_grad(set_to_none=True)
        try:
            with self.autocast:
                # A β that is only a weight stays out of what is compiled.
                condition = beta if self.config.beta_conditioned else None
                terms = self.terms(self.model, x, eps, condition)
            loss = self.objective.loss(terms, beta, self.config).mean()
            loss.backward()
            return terms, loss
        except Exception as error:
            if self.terms is self.eager_terms:
                raise
            # Compilers fail in many ways; whichever it was, the eager step computes the same.
            self._fall_back(error)
            return self._differentiate(x, eps, beta)

    def _fall_back(self, error: Exception) -> None:
        why = (str(error).splitlines() or [type(error).__name__])[0]
        logger.warning("compile = true failed here (%s): training without it.", why)
        self.terms = self.eager_terms
