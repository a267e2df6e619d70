"""The one training loop: a TrainConfig in, a run folder out."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import NoReturn

import torch

from vae_core.config import TrainConfig
from vae_core.data import load_dataset
from vae_core.data.dataset import Splits
from vae_core.measure.test_set import (
    FINAL_SAMPLES,
    TRAIN_POINTS,
    PerExample,
    active_units,
    beta_curve,
    elbo_figures,
    latents,
    per_example,
    test_x,
)
from vae_core.model.likelihoods import LIKELIHOODS
from vae_core.model.vae import VAE
from vae_core.runs.checkpoint import load_training_state, save_training_state, save_weights
from vae_core.runs.run import HEARTBEAT_SECONDS, TRAINING_STATE, Run, RunError, Status
from vae_core.training import objectives, schedules
from vae_core.training.batches import Batches

logger = logging.getLogger(__name__)

EXPLODED = 1e4  # a gradient so many times longer than the first one has exploded
CHECK_EVERY = 50  # steps between two looks at the device's numbers
STATE_SECONDS = 5.0  # the training state is written at most so often, and whenever training ends
LIVE_POINTS = 2000  # test points in latents.npz until the run is finished

Progress = Callable[[Status, dict[str, float] | None], None]


class TrainingFailed(RunError):
    """The loss or its gradient left the numbers; the last good weights are in the run folder."""


def pick_device(wanted: str) -> torch.device:
    """The device that was asked for, or for 'auto' the best one there is.

    Raises:
        ValueError: that device isn't there.
    """
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
    """A context for the forward pass: bf16 if it was asked for and the device multiplies in it."""
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

    def __init__(self, config: TrainConfig, model: VAE, device: torch.device):
        self.config, self.model, self.device = config, model, device
        self.optimizer = torch.optim.Adam(model.parameters(), lr=config.learning_rate, fused=True)
        self.autocast = autocast(config, device)
        self.terms = objectives.elbo_terms
        if config.compile:
            try:
                self.terms = torch.compile(objectives.elbo_terms)
            except Exception as error:  # see `_differentiate`
                self._fall_back(error)

    def __call__(self, x: torch.Tensor, eps: torch.Tensor, beta: float | torch.Tensor,
                 learning_rate: float) -> torch.Tensor:
        """One update; returns (distortion, rate, gradient norm), a (3,) tensor on the device.

        beta: the weight of the rate; of a conditioned model (batch,), one for each example.
        """
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate
        terms = self._differentiate(x, eps, beta)
        parameters = [p for p in self.model.parameters() if p.grad is not None]
        norm = torch.nn.utils.get_total_norm([p.grad for p in parameters])
        if self.config.max_grad_norm:
            torch.nn.utils.clip_grads_with_norm_(parameters, self.config.max_grad_norm, norm)
        self.optimizer.step()
        return torch.stack((terms.distortion.mean(), terms.rate.mean(), norm)).detach()

    def _differentiate(self, x: torch.Tensor, eps: torch.Tensor, beta: float | torch.Tensor
                       ) -> objectives.ElboTerms:
        self.optimizer.zero_grad(set_to_none=True)
        try:
            with self.autocast:
                # A β that is only a weight stays out of what is compiled.
                told = (beta,) if self.config.beta_conditioned else ()
                terms = self.terms(self.model, x, eps, *told)
            objectives.loss(terms, beta, self.config.reconstruction_weight).backward()
            return terms
        except Exception as error:
            if self.terms is objectives.elbo_terms:
                raise
            # Compilers fail in many ways; whichever it was, the eager step computes the same.
            self._fall_back(error)
            return self._differentiate(x, eps, beta)

    def _fall_back(self, error: Exception) -> None:
        why = (str(error).splitlines() or [type(error).__name__])[0]
        logger.warning("compile = true failed here (%s): training without it.", why)
        self.terms = objectives.elbo_terms


def train(config: TrainConfig, run: Run, *, resume: bool = False, data: Splits | None = None,
          progress: Progress | None = None, should_stop: Callable[[], bool] = lambda: False
          ) -> Status:
    """Train and keep everything in the run folder.

    Args:
        resume: go on from the folder's training state; the weights then end up as in a training
            that was never stopped, on the CPU bit for bit.
        data: training and test set, instead of the one that config.dataset names.
        progress: called about once a second and after every epoch, there with its metrics.
        should_stop: asked after every step; True ends the training and keeps its state.
    Returns:
        The last status: finished or stopped.
    Raises:
        TrainingFailed: the loss became NaN or infinite, or the gradient exploded.
        RunError: the folder can't be read or written.
        ValueError: the data set or the device isn't there.
    """
    return _Training(config, run, data or load_dataset(config.dataset), progress).run_to_end(
        resume, should_stop)


class _Training:
    """The state of one training: where it is, what it measured, what it must write."""

    def __init__(self, config: TrainConfig, run: Run, data: Splits, progress: Progress | None):
        self.config, self.run, self.progress = config, run, progress
        self.device = pick_device(config.device)
        if self.device.type == "cpu":
            set_up_cpu(config.threads)
        torch.manual_seed(config.seed)
        self.train_data, self.test_data = data.train.first(config.train_limit), data.test
        self.model = VAE(config, self.train_data.shape).to(self.device)
        self.test_x = test_x(self.model, self.test_data)
        self.train_x = test_x(self.model, self.train_data.first(TRAIN_POINTS)) \
            if config.beta_conditioned else None
        self.batches = Batches(self.train_data.x, config.batch_size, config.seed,
                               config.binarized, self.device)
        self.update = Step(config, self.model, self.device)
        self.step = 0
        self.total_steps = config.epochs * self.batches.steps_per_epoch
        self.terms = torch.zeros(self.batches.steps_per_epoch, 3, device=self.device)
        self.first_norm = 0.0
        self.rows: list[dict[str, float]] = []
        self.seconds_before = 0.0
        self.started = self.last_heartbeat = self.last_state = time.monotonic()
        self.first_step = 0

    def run_to_end(self, resume: bool, should_stop: Callable[[], bool]) -> Status:
        if resume:
            self._load()
        else:
            self.run.write_config(self.config)
            self.run.write_metrics([])
            self._save_state()
            self._save_model(self._measure_test(), LIVE_POINTS)
        self.started, self.first_step = time.monotonic(), self.step
        self._report("running")
        try:
            while self.step < self.total_steps:
                self._one_step()
                if self.step % self.batches.steps_per_epoch == 0:
                    self._end_epoch()
                elif time.monotonic() - self.last_heartbeat > HEARTBEAT_SECONDS:
                    self._report("running")
                if self.step < self.total_steps and should_stop():
                    self._check_numbers()
                    self._save_state()
                    return self._report("stopped", "Stopped on request; resume continues it.")
        except RunError as error:
            self._report_failure(str(error))
            raise
        status = self._report("finished")
        self.run.path(TRAINING_STATE).unlink(missing_ok=True)
        return status

    def _one_step(self) -> None:
        config, per_epoch = self.config, self.batches.steps_per_epoch
        x, eps = self.batches.at(self.step, config.latent_dim)
        beta = self.batches.betas_at(self.step, *schedules.beta_range(config), config.beta_focus) \
            if config.beta_conditioned else schedules.beta_at(config, self.step, per_epoch)
        numbers = self.update(x, eps, beta,
                              schedules.learning_rate_at(config, self.step, self.total_steps))
        self.terms[self.step % per_epoch] = numbers
        if self.step == 0:
            self.first_norm = numbers[2].item()
        self.step += 1
        if self.step % CHECK_EVERY == 0:
            self._check_numbers()

    def _check_numbers(self) -> None:
        """Look back over this epoch's steps; at the first bad one, stop with a sentence."""
        per_epoch = self.batches.steps_per_epoch
        done = (self.step - 1) % per_epoch + 1
        terms = self.terms[:done].cpu()
        finite = terms.isfinite().all(dim=1)
        # A gradient that is shortened may be of any length.
        limit = EXPLODED * self.first_norm if self.first_norm and not self.config.max_grad_norm \
            else float("inf")
        bad = ~finite | (terms[:, 2] > limit)
        if not bad.any():
            return
        index = int(bad.nonzero()[0])
        what = "the loss became NaN or infinite" if not finite[index] else \
            f"the gradient exploded (norm {terms[index, 2]:.1e}, {self.first_norm:.1e} at first)"
        self._fail(what, self.step - done + index + 1)

    def _fail(self, what: str, step: int) -> NoReturn:
        remedy = f"lower learning_rate (now {self.config.learning_rate:g})"
        if "sigma" in LIKELIHOODS[self.config.likelihood].knobs:
            remedy += f", raise sigma (now {self.config.sigma:g})"
        if not self.config.max_grad_norm:
            remedy += ", or set max_grad_norm to 100"
        raise TrainingFailed(
            f"Training stopped at step {step}: {what}. The weights of epoch {len(self.rows)} are "
            f"kept; {remedy} and train again.")

    def _end_epoch(self) -> None:
        self._check_numbers()
        config = self.config
        epoch = self.step // self.batches.steps_per_epoch
        last = self.step == self.total_steps
        distortion, rate = self._measure_training()
        test = self._measure_test(num_samples=FINAL_SAMPLES if last else 1)
        if not (test.distortion.isfinite().all() and test.rate.isfinite().all()):
            self._fail("the last update made the loss on the test set NaN or infinite", self.step)
        beta = schedules.beta_at(config, self.step - 1, self.batches.steps_per_epoch)
        row = {"epoch": epoch, "step": self.step, "seconds": round(self._seconds(), 3),
               "beta": beta,
               **elbo_figures("train", distortion, rate, config),
               **elbo_figures("test", test.distortion.mean().item(), test.rate.mean().item(),
                              config),
               "active_units": active_units(test.mu)}
        self.rows.append(row)
        self._save_model(test, 0 if last else LIVE_POINTS)
        if last and config.beta_conditioned:
            self.run.write_beta_curve(beta_curve(self.model, self.test_data))
        self.run.write_metrics(self.rows)
        if not last and time.monotonic() - self.last_state > STATE_SECONDS:
            self._save_state()
        self._report("running", row=row)

    def _measure_training(self) -> tuple[float, float]:
        """Mean distortion and rate: of the epoch's steps or, as those of a conditioned model were
        at every β, of the first training examples at config.beta."""
        if self.train_x is None:
            return tuple(self.terms[:, :2].double().mean(0).tolist())
        each = per_example(self.model, self.train_x)
        return each.distortion.double().mean().item(), each.rate.double().mean().item()

    def _measure_test(self, num_samples: int = 1) -> PerExample:
        return per_example(self.model, self.test_x, num_samples)

    def _save_model(self, test: PerExample, points: int) -> None:
        """Weights, then the first `points` (0: all) test posteriors and the pictures."""
        save_weights(self.model, self.run)
        self.run.write_latents(latents(self.model, self.test_data, test, points))

    def _save_state(self) -> None:
        save_training_state(self.model, self.update.optimizer, self.run, step=self.step,
                            terms=self.terms, first_norm=self.first_norm, seconds=self._seconds())
        self.last_state = time.monotonic()

    def _load(self) -> None:
        state = load_training_state(self.model, self.update.optimizer, self.run)
        if state.terms.shape != self.terms.shape:
            raise RunError(f"{self.run.path(TRAINING_STATE)} counts {len(state.terms)} steps an "
                           f"epoch and config.json gives {len(self.terms)}: put back the "
                           "config.json it was made with, or train under another run id.")
        self.step, self.first_norm = state.step, state.first_norm
        self.terms.copy_(state.terms)
        self.seconds_before = state.seconds
        # A kill can fall between the metrics and the state: epochs past the state are done again.
        self.rows = [row for row in self.run.metrics() if row["step"] <= self.step]

    def _seconds(self) -> float:
        return self.seconds_before + time.monotonic() - self.started

    def _report(self, state: str, message: str = "", row: dict[str, float] | None = None) -> Status:
        done = self.step - self.first_step
        elapsed = time.monotonic() - self.started
        left = elapsed / done * (self.total_steps - self.step) if done else None
        status = Status(state, epoch=len(self.rows), step=self.step, total_steps=self.total_steps,
                        seconds=round(self._seconds(), 3),
                        seconds_left=None if left is None or state != "running" else round(left, 1),
                        message=message)
        if state == "running":
            status = status.of_this_process()
        self.run.write_status(status)
        self.last_heartbeat = time.monotonic()
        if self.progress:
            self.progress(status, row)
        return status

    def _report_failure(self, message: str) -> None:
        try:
            self._report("failed", message)
        except RunError as error:  # the disk is full, say: then the message still goes to the log
            if str(error) != message:
                logger.warning("%s", error)
