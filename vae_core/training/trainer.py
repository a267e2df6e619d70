"""The one training loop: a TrainConfig in, a run folder out."""

import logging
import time
from collections.abc import Callable
from typing import NoReturn

import torch

from vae_core.config import TrainConfig
from vae_core.data import load_dataset
from vae_core.data.dataset import Splits
from vae_core.measure import test_set
from vae_core.measure.beta_curve import measure_beta_curve
from vae_core.model.likelihoods import LIKELIHOODS
from vae_core.model.vae import VAE, ElboTerms
from vae_core.runs.checkpoint import load_training_state, save_training_state, save_weights
from vae_core.runs.run import TRAINING_STATE, Run, RunError
from vae_core.runs.schema import Figures, metrics_row
from vae_core.runs.status import HEARTBEAT_SECONDS, Status
from vae_core.training import objectives, schedules
from vae_core.training.batches import Batches
from vae_core.training.step import Step, pick_device, set_up_cpu

logger = logging.getLogger(__name__)

EXPLODED = 1e4  # a gradient norm this many times the first one counts as exploded
CHECK_EVERY = 50  # steps between two readings of the device's numbers
STATE_SECONDS = 5.0  # the least time between two training states, except at the end
LIVE_POINTS = 2000  # test points in latents.npz until the run is finished

Progress = Callable[[Status, dict[str, float] | None], None]


class TrainingFailed(RunError):
    """The loss or a gradient became NaN or infinite, or a gradient exploded; the last good weights
    are in the run folder."""


def train(config: TrainConfig, run: Run, *, resume: bool = False, data: Splits | None = None,
          progress: Progress | None = None, should_stop: Callable[[], bool] = lambda: False
          ) -> Status:
    """Train a model and write everything to the run folder.

    Args:
        resume: continue from the folder's training state; the final weights are those of a run that
            was never stopped, on the CPU bit for bit.
        data: training and test set, in place of those of config.dataset.
        progress: called about once a second, and after every epoch with the epoch's metrics.
        should_stop: called after every step; True stops the training and saves its state.
    Returns:
        The last status: finished or stopped.
    Raises:
        TrainingFailed: the loss became NaN or infinite, or the gradient exploded.
        RunError: the folder can't be read or written.
        ValueError: the data set or the device isn't available.
    """
    return _Training(config, run, data or load_dataset(config.dataset), progress).run_to_end(
        resume, should_stop)


class _Training:
    """The state of one training: its step, its measurements, and what is to be written."""

    def __init__(self, config: TrainConfig, run: Run, data: Splits, progress: Progress | None):
        self.config, self.run, self.progress = config, run, progress
        self.device = pick_device(config.device)
        if self.device.type == "cpu":
            set_up_cpu(config.threads)
        torch.manual_seed(config.seed)
        self.train_data, self.test_data = data.train.first(config.train_limit), data.test
        self.model = VAE(config, self.train_data.shape).to(self.device)
        self.test_x = test_set.test_x(self.model, self.test_data)
        self.train_x = test_set.test_x(self.model, self.train_data.first(test_set.TRAIN_POINTS)) \
            if config.beta_conditioned else None
        self.batches = Batches(self.train_data.x, config.batch_size, config.seed,
                               config.binarized, self.device)
        self.update = Step(config, self.model, self.device)
        several = self.update.objective.num_samples
        self.num_samples = several(config) if several else None
        self.step = 0
        self.total_steps = config.epochs * self.batches.steps_per_epoch
        # What each step of the epoch returned.
        self.numbers = torch.zeros(self.batches.steps_per_epoch, Step.NUMBERS, device=self.device)
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
        x, eps = self.batches.at(self.step, config.latent_dim, self.num_samples)
        beta = self.batches.betas_at(self.step, *schedules.beta_range(config), config.beta_focus) \
            if config.beta_conditioned else schedules.beta_at(config, self.step, per_epoch)
        numbers = self.update(x, eps, beta,
                              schedules.learning_rate_at(config, self.step, self.total_steps))
        self.numbers[self.step % per_epoch] = numbers
        if self.step == 0:
            self.first_norm = numbers[2].item()
        self.step += 1
        if self.step % CHECK_EVERY == 0:
            self._check_numbers()

    def _check_numbers(self) -> None:
        """Check this epoch's steps; raise TrainingFailed at the first bad one."""
        per_epoch = self.batches.steps_per_epoch
        done = (self.step - 1) % per_epoch + 1
        numbers = self.numbers[:done].cpu()
        finite = numbers.isfinite().all(dim=1)
        # A gradient that is clipped may have any norm.
        limit = EXPLODED * self.first_norm if self.first_norm and not self.config.max_grad_norm \
            else float("inf")
        bad = ~finite | (numbers[:, 2] > limit)
        if not bad.any():
            return
        index = int(bad.nonzero()[0])
        what = "the loss became NaN or infinite" if not finite[index] else \
            f"the gradient exploded (norm {numbers[index, 2]:.1e}, {self.first_norm:.1e} at first)"
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
        test = self._measure_test(num_samples=test_set.FINAL_SAMPLES if last else 1)
        if not (test.distortion.isfinite().all() and test.rate.isfinite().all()):
            self._fail("the last update made the loss on the test set NaN or infinite", self.step)
        row = metrics_row(
            epoch=epoch, step=self.step, seconds=round(self._seconds(), 3),
            beta=schedules.beta_at(config, self.step - 1, self.batches.steps_per_epoch),
            train=self._training_figures(), test=Figures.of(self.model, self.test_x, test),
            active_units=test_set.active_units(test.mu))
        self.rows.append(row)
        self._save_model(test, 0 if last else LIVE_POINTS)
        if last and config.beta_conditioned:
            self.run.write_beta_curve(measure_beta_curve(self.model, self.test_data))
        self.run.write_metrics(self.rows)
        if not last and time.monotonic() - self.last_state > STATE_SECONDS:
            self._save_state()
        self._report("running", row=row)

    def _training_figures(self) -> Figures:
        """Means over the epoch's examples as its steps saw them. The steps of a β-conditioned model
        are at random β: it is measured on the first training examples at config.beta."""
        if self.train_x is not None:
            each = test_set.per_example(self.model, self.train_x)
            return Figures.of(self.model, self.train_x, each)
        # A mean of the batches' means would give the last, smaller batch too much weight.
        share = self.batches.sizes() / len(self.train_data)
        distortion, rate, _, loss = (share @ self.numbers.cpu().double()).tolist()
        return Figures(distortion, rate, loss)

    def _measure_test(self, num_samples: int = 1) -> test_set.PerExample:
        return test_set.per_example(self.model, self.test_x, num_samples)

    def _save_model(self, test: test_set.PerExample, points: int) -> None:
        """Weights, then the first `points` (0: all) test posteriors and the images."""
        save_weights(self.model, self.run)
        self.run.write_latents(test_set.latents(self.model, self.test_data, test, points))

    def _save_state(self) -> None:
        save_training_state(self.model, self.update.optimizer, self.run, step=self.step,
                            numbers=self.numbers, first_norm=self.first_norm,
                            seconds=self._seconds())
        self.last_state = time.monotonic()

    def _load(self) -> None:
        state = load_training_state(self.model, self.update.optimizer, self.run)
        numbers = state.numbers
        if numbers.ndim == 2 and numbers.shape[1] == 3:  # from before the loss was among them
            loss = objectives.loss(ElboTerms(numbers[:, 0], numbers[:, 1:2]), self.config.beta,
                                   self.config.reconstruction_weight)
            numbers = torch.cat((numbers, loss[:, None]), 1)
        if numbers.shape != self.numbers.shape:
            raise RunError(f"{self.run.path(TRAINING_STATE)} counts {len(numbers)} steps an "
                           f"epoch and config.json gives {len(self.numbers)}: restore the "
                           "config.json it was made with, or train under another run id.")
        self.step, self.first_norm = state.step, state.first_norm
        self.numbers.copy_(numbers)
        self.seconds_before = state.seconds
        # A kill can fall between metrics and state: epochs after the state are repeated.
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
