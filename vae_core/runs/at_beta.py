"""A β-conditioned run at one β: its model, and the ordinary run that it can be exported as."""

import shutil

from vae_core.data import load_dataset
from vae_core.measure import test_set
from vae_core.model.conditioning import freeze, frozen_config
from vae_core.model.vae import VAE
from vae_core.runs.checkpoint import load_model, save_weights
from vae_core.runs.lifecycle import claim
from vae_core.runs.run import Run
from vae_core.runs.schema import Figures, metrics_row
from vae_core.runs.status import Status


def load_at(run: Run, beta: float | None = None) -> VAE:
    """The run's model as an ordinary one at β; None is its own β, the only one of a run that isn't
    β-conditioned.

    Raises ValueError: the run has no such β. RunError: a file of it is missing or damaged.
    """
    config = run.config()
    beta = config.beta if beta is None else beta
    if config.beta_conditioned or beta != config.beta:
        frozen_config(config, beta)  # raises before the weights are read
        return freeze(load_model(run), beta)
    return load_model(run)


def freeze_run(source: Run, beta: float, target: Run) -> None:
    """Write the β-conditioned run at β as an ordinary finished run, measured on its data set.

    Epochs, steps and seconds are those of the source's training, in a single line of metrics.jsonl:
    a run trained at one β has a line for each epoch.

    Raises ValueError: the run isn't β-conditioned, or β is outside its range. RunError: a file of
    the source is missing or damaged, or the target can't be written.
    """
    config = frozen_config(source.config(), beta)
    if target.folder.exists():
        claim(target)  # raises before anything is measured
    status, model, data = source.status(), load_at(source, beta), load_dataset(config.dataset)
    seen = data.train.first(config.train_limit).first(test_set.TRAIN_POINTS)
    figures = []
    for split, num_samples in ((seen, 1), (data.test, test_set.FINAL_SAMPLES)):
        x = test_set.test_x(model, split)
        each = test_set.per_example(model, x, num_samples)
        figures.append(Figures.of(model, x, each))
    claim(target)
    try:
        save_weights(model, target)
        target.write_latents(test_set.latents(model, data.test, each))
        target.write_metrics([metrics_row(
            epoch=status.epoch, step=status.step, seconds=status.seconds, beta=beta,
            train=figures[0], test=figures[1], active_units=test_set.active_units(each.mu))])
        target.write_status(Status("finished", epoch=status.epoch, step=status.step,
                                   total_steps=status.step, seconds=status.seconds))
        target.write_config(config)
    except BaseException:  # a full disk or Ctrl-C: a partial run would only block the next attempt
        shutil.rmtree(target.folder, ignore_errors=True)
        raise
