"""python -m vae_core train | sweep | evaluate | export | list | knobs."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import logging
import math
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from vae_core.config import CONDITIONED_ONLY, TrainConfig, allowed, knob_table, knobs
from vae_core.model.conditioning import freeze, freeze_run
from vae_core.runs import jobs
from vae_core.runs.run import (
    CONFIG,
    STATUS,
    TRAINING_STATE,
    WEIGHTS,
    Run,
    RunError,
    Status,
    Summary,
    check_run_id,
    find_runs,
    open_run,
    summarize,
)

if TYPE_CHECKING:
    from vae_core.measure.exact import Evidence

DEFAULT_CHECKPOINTS = Path("checkpoints")


class _Parser(argparse.ArgumentParser):
    """Errors are one sentence on stderr and exit code 2, without the usage above them."""

    def error(self, message: str):
        raise ValueError(f"{message[0].upper()}{message[1:]}. See {self.prog} --help.")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; the exit code: 0, or 2 after one sentence on stderr."""
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    try:
        arguments = parser().parse_args(argv)
        return arguments.command(arguments)
    except ValueError as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader went away, as `| head` does
        sys.stderr.close()
        return 0


def parser() -> argparse.ArgumentParser:
    top = _Parser(prog="python -m vae_core", description="Train and measure VAEs.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    train = commands.add_parser("train", help="train one model into a run folder")
    _add_checkpoints(train)
    train.add_argument("--run-id", default="", help="name of the run (default: from the knobs)")
    train.add_argument("--resume", action="store_true", help="go on with the run --run-id")
    train.add_argument("--queue", action="store_true", help="wait for the jobs queued before")
    # For the job that jobs.start launches: the folder has been made for it.
    train.add_argument("--claimed", action="store_true", help=argparse.SUPPRESS)
    train.add_argument("--from-config", type=Path, help="take the knobs from a config.json")
    _add_knobs(train)
    train.set_defaults(command=_train)

    sweep = commands.add_parser("sweep", help="train one model for each β")
    _add_checkpoints(sweep)
    sweep.add_argument("--betas", required=True, help="the values of β, with commas between them")
    sweep.add_argument("--prefix", default="", help="run ids become PREFIX-betaB")
    sweep.add_argument("--resume", action="store_true",
                       help="go on with a sweep that was stopped: finished runs are left alone")
    _add_knobs(sweep, without=("beta",))
    sweep.set_defaults(command=_sweep)

    evaluate = commands.add_parser("evaluate", help="measure a run on the test set")
    evaluate.add_argument("run", type=Path, metavar="DIR/NAME")
    evaluate.add_argument("--json", action="store_true", help="print one JSON object")
    evaluate.add_argument("--num-samples", type=int, default=100,
                          help="importance samples for log p(x) (default: 100)")
    at = evaluate.add_mutually_exclusive_group()
    _add_beta(at)
    at.add_argument("--curve", action="store_true", help="of a β-conditioned run, D, R, ELBO and "
                    "active units at 25 β and more, as a table (or a JSON array)")
    evaluate.add_argument("--exact", action="store_true",
                          help="log p(x) by quadrature as well: for one or two latent dimensions")
    evaluate.add_argument("--limit", type=int, default=0, help="only the first so many test images")
    evaluate.set_defaults(command=_evaluate)

    export = commands.add_parser("export", help="write a run's decoder for other programs, or a "
                                                "β-conditioned run at one β as an ordinary run")
    export.add_argument("run", type=Path, metavar="DIR/NAME")
    _add_beta(export)
    to = export.add_mutually_exclusive_group(required=True)
    to.add_argument("--onnx", type=Path, metavar="FILE",
                    help="ONNX file: z (n, latent_dim) → mean image (n, channels·height·width)")
    to.add_argument("--run-id", metavar="NAME", help="name of an ordinary run beside this one")
    to.add_argument("--to", type=Path, metavar="FOLDER", help="folder of an ordinary run")
    export.set_defaults(command=_export)

    listing = commands.add_parser("list", help="list the runs")
    _add_checkpoints(listing)
    listing.add_argument("--json", action="store_true", help="print a JSON array")
    listing.set_defaults(command=_list)

    table = commands.add_parser("knobs", help="print every knob as a Markdown table")
    table.set_defaults(command=lambda arguments: print(knob_table()) or 0)
    return top


def _add_checkpoints(command: argparse.ArgumentParser) -> None:
    command.add_argument("--checkpoints", type=Path, default=DEFAULT_CHECKPOINTS, metavar="DIR",
                         help="folder of the run folders (default: checkpoints)")


def _add_beta(command: argparse._ActionsContainer) -> None:
    command.add_argument("--beta", type=_reader(float), metavar="BETA",
                         help="of a β-conditioned run, the β at which it is taken (default: the "
                              "one in its config.json)")


def _add_knobs(command: argparse.ArgumentParser, without: tuple[str, ...] = ()) -> None:
    """A flag for every field of TrainConfig; ranges are checked by TrainConfig itself."""
    for name, (field, kind, knob) in knobs().items():
        if name in without:
            continue
        flag = "--" + name.replace("_", "-")
        text = f"{knob.help} ({allowed(kind, knob)}; default {field.default})".replace("%", "%%")
        if kind is bool:
            command.add_argument(flag, dest=name, action=argparse.BooleanOptionalAction,
                                 default=argparse.SUPPRESS, help=text)
        else:
            command.add_argument(flag, dest=name, type=_reader(kind), default=argparse.SUPPRESS,
                                 help=text, metavar=name.split("_")[-1].upper())


def _reader(kind: Any) -> Callable[[str], Any]:
    if kind is str:
        return str

    def number(text: str) -> Any:
        try:
            return float(text) if kind is float else int(text)
        except ValueError:
            noun = "a number" if kind is float else "a whole number"
            raise argparse.ArgumentTypeError(f"{text!r} isn't {noun}") from None

    return number


def _chosen(arguments: argparse.Namespace) -> dict[str, Any]:
    found = {name: value for name, value in vars(arguments).items() if name in knobs()}
    idle = [] if found.get("beta_conditioned") else [n for n in found if n in CONDITIONED_ONLY]
    if idle:
        raise ValueError(f"--{idle[0].replace('_', '-')} is for β-conditioned models: add "
                         "--beta-conditioned, or leave it out.")
    return found


def _train(arguments: argparse.Namespace) -> int:
    chosen = _chosen(arguments)
    if (arguments.resume or arguments.from_config) and chosen:
        flag = "--resume" if arguments.resume else "--from-config"
        raise ValueError(f"{flag} takes the knobs from config.json, so "
                         f"--{next(iter(chosen)).replace('_', '-')} can't be given as well: leave "
                         "one of the two out.")
    if arguments.resume:
        if not arguments.run_id:
            raise ValueError("--resume needs --run-id: name the run to go on with.")
        run = open_run(arguments.checkpoints / arguments.run_id)
        _check_resumable(run)
        _run(run.config(), run, resume=run.path(TRAINING_STATE).exists(), queue=arguments.queue)
        return 0
    config = _config_from(arguments.from_config) if arguments.from_config else \
        TrainConfig.from_dict(chosen)
    run = Run(arguments.checkpoints / check_run_id(arguments.run_id or config.default_run_id()))
    if not arguments.claimed:
        _check_free(run)
    _run(config, run, resume=False, queue=arguments.queue)
    return 0


def _check_free(run: Run) -> None:
    """Nothing that was trained is overwritten; a run that failed before it began may begin anew."""
    summary = summarize(run)
    if run.path(WEIGHTS).exists() or summary.state in ("queued", "running"):
        raise ValueError(f"{run.folder} exists already: add --resume to go on with it, or give "
                         "another name or --checkpoints folder.")


def _check_resumable(run: Run) -> None:
    """A run that was killed before it saved a state may begin anew; nothing is left to lose."""
    state = run.status().state if run.path(STATUS).exists() else "interrupted"
    if state in ("queued", "running"):
        raise ValueError(f"Run {run.run_id!r} is {state} in another process: stop that one first.")
    if state == "finished":
        raise ValueError(f"Run {run.run_id!r} is finished, so nothing is left to resume: train "
                         "under another --run-id.")


def _config_from(path: Path) -> TrainConfig:
    if path.name == CONFIG:
        return Run(path.parent).config()
    try:
        values = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise ValueError(f"{path} can't be read as JSON ({error}): give a config.json.") from error
    if not isinstance(values, dict):
        raise ValueError(f"{path} isn't a JSON object: give a config.json.")
    return TrainConfig.from_dict(values)


def _sweep(arguments: argparse.Namespace) -> int:
    try:
        betas = [float(text) for text in arguments.betas.split(",")]
    except ValueError:
        raise ValueError(f"--betas {arguments.betas!r} isn't a list of numbers: write them with "
                         "commas between, as in 0.1,1,4.") from None
    if getattr(arguments, "beta_conditioned", False):
        raise ValueError("--beta-conditioned trains every β in one training: use train instead of "
                         "sweep.")
    configs = [TrainConfig.from_dict({**_chosen(arguments), "beta": beta}) for beta in betas]
    prefix = arguments.prefix and f"{arguments.prefix}-"
    names = [f"{prefix}beta{config.beta:g}" if prefix else config.default_run_id()
             for config in configs]
    runs = [Run(arguments.checkpoints / check_run_id(name)) for name in names]
    for run in runs:
        if runs.count(run) > 1:
            raise ValueError(f"--betas {arguments.betas} names the run {run.run_id!r} twice: give "
                             "each β once.")
    if not arguments.resume:
        for run in runs:
            _check_free(run)
    for config, run in zip(configs, runs):
        if arguments.resume and run.path(STATUS).exists():
            if run.status().state == "finished":
                continue
            _check_resumable(run)
            config = run.config()
        resume = arguments.resume and run.path(TRAINING_STATE).exists()
        if _run(config, run, resume=resume, queue=False).state == "stopped":
            break
    return 0


def _run(config: TrainConfig, run: Run, resume: bool, queue: bool) -> Status:
    """Train in this process, with a progress bar, until the end or a signal; the last status."""
    stop_requested = _stop_on_signals()
    run.create()
    with (run.held(),
          jobs.turn(run, stop_requested) if queue else contextlib.nullcontext(True) as may_begin):
        if not may_begin:
            return run.status()
        # Before torch is imported, so that the run shows at once.
        if not resume:
            run.write_config(config)
        run.write_status(Status("running", message="Loading…").of_this_process())
        try:
            from vae_core.training.trainer import train

            with tqdm(desc=run.run_id, unit="step", disable=None) as bar:
                status = train(config, run, resume=resume, should_stop=stop_requested,
                               progress=lambda status, row: _show(bar, status, row))
        except ValueError as error:
            with contextlib.suppress(RunError):  # the folder itself may be what failed
                if run.status().state == "running":  # else the trainer has said it already
                    run.write_status(Status("failed", message=str(error)))
            raise
        except KeyboardInterrupt:
            run.write_status(dataclasses.replace(run.status(), state="stopped"))
            raise
    print(f"{run.folder}: {status.state} after epoch {status.epoch} of {config.epochs}, "
          f"{status.seconds:.0f} s. {status.message}".rstrip())
    return status


def _stop_on_signals() -> Callable[[], bool]:
    """A question, answered yes once SIGINT or SIGTERM has come; a second SIGINT ends."""
    received: list[int] = []

    def note(signum: int, frame: object) -> None:
        if signal.SIGINT in received and signum == signal.SIGINT:
            raise KeyboardInterrupt  # a person who insists
        received.append(signum)

    signal.signal(signal.SIGINT, note)
    signal.signal(signal.SIGTERM, note)
    return lambda: bool(received)


def _show(bar: tqdm, status: Status, row: dict[str, float] | None) -> None:
    bar.total = status.total_steps
    bar.update(status.step - bar.n)
    if row:
        line = (f"epoch {row['epoch']:>4}  test D {row['test_distortion']:.2f}  R "
                f"{row['test_rate']:.2f}  ELBO {row['test_elbo']:.2f} nats  "
                f"active {row['active_units']}")
        tqdm.write(line, file=sys.stdout)
        sys.stdout.flush()


def _evaluate(arguments: argparse.Namespace) -> int:
    if arguments.curve and arguments.exact:
        raise ValueError("--curve and --exact can't be given together: --exact measures one β, "
                         "which --beta chooses; leave one of the two out.")
    if arguments.limit < 0:
        raise ValueError(f"--limit {arguments.limit} is not allowed: give 0 (all) or more.")
    if arguments.curve:
        return _curve(arguments)
    if arguments.num_samples < 1:
        raise ValueError(f"--num-samples {arguments.num_samples} is not allowed: give at least 1.")
    run = open_run(arguments.run)
    config = run.config()
    from vae_core.data import load_split
    from vae_core.measure.exact import check_exact, log_px
    from vae_core.measure.test_set import evaluate, test_x
    from vae_core.runs.checkpoint import load_model

    model = load_model(run)
    if arguments.beta is not None and (config.beta_conditioned or arguments.beta != config.beta):
        model = freeze(model, arguments.beta)
    if arguments.exact:
        check_exact(model.config)
    data = load_split(config.dataset, "test").first(arguments.limit)
    _warn_of_one(len(data))
    result = {"run_id": run.run_id, "dataset": config.dataset, "beta": model.config.beta,
              **evaluate(model, data, arguments.num_samples)._asdict()}
    if not all(math.isfinite(result[name]) for name in ("distortion", "rate", "log_px")):
        raise ValueError(f"Run {run.run_id!r} measures NaN or infinity: its weights are spoilt; "
                         "train it again.")
    if arguments.exact:
        result |= _exact_figures(log_px(model, test_x(model, data)), result["elbo"])
    if arguments.json:
        print(json.dumps(result))
        return 0
    for name, value in result.items():
        if isinstance(value, list):
            value = " ".join(f"{each:.3f}" for each in value)
        print(f"{name:18} {f'{value:.3f}' if isinstance(value, float) else value}")
    return 0


def _curve(arguments: argparse.Namespace) -> int:
    run = open_run(arguments.run)
    config = run.config()
    if not config.beta_conditioned:
        raise ValueError(f"Run {run.run_id!r} has no curve: it was trained for β = {config.beta:g} "
                         "alone; leave --curve out, or train one with --beta-conditioned.")
    from vae_core.data import load_split
    from vae_core.measure.test_set import beta_curve
    from vae_core.runs.checkpoint import load_model

    model, data = load_model(run), load_split(config.dataset, "test").first(arguments.limit)
    _warn_of_one(len(data))
    curve = beta_curve(model, data)
    names = ("beta", "distortion", "rate", "elbo", "active_units")
    rows = [dict(zip(names, row, strict=True)) for row in
            zip(*(getattr(curve, name).tolist() for name in names), strict=True)]
    if arguments.json:
        print(json.dumps(rows))
        return 0
    print(f"{'β':>8} {'D':>8} {'R':>7} {'ELBO':>9} {'active':>7}")
    for row in rows:
        print(f"{row['beta']:8.4g} {row['distortion']:8.2f} {row['rate']:7.2f} "
              f"{row['elbo']:9.2f} {row['active_units']:7}")
    return 0


def _warn_of_one(num: int) -> None:
    if num == 1:
        logging.warning("Of one image no unit is active, as that is a variance over images: give "
                        "--limit 2 or more for it.")


def _exact_figures(evidence: Evidence, elbo: float) -> dict[str, float]:
    """What --exact adds, in nats: means over the examples, of the error estimate too."""
    lost = int((~evidence.error.isfinite()).sum())
    if lost:
        raise ValueError(f"Quadrature doesn't converge for {lost} of {len(evidence.error)} test "
                         "examples, whose codes lie too far from 0: leave --exact out, and take "
                         "log p(x) by importance sampling.")
    exact = evidence.log_px.mean().item()
    return {"log_px_exact": exact, "log_px_exact_error": evidence.error.mean().item(),
            "inference_gap": exact - elbo}


def _export(arguments: argparse.Namespace) -> int:
    run = open_run(arguments.run)
    config = run.config()
    beta = config.beta if arguments.beta is None else arguments.beta
    if not arguments.onnx:
        folder = arguments.to or run.folder.parent / check_run_id(arguments.run_id)
        check_run_id(folder.name)
        if folder.exists():
            raise ValueError(f"{folder} exists already: give another name or folder.")
        freeze_run(run, beta, Run(folder))
        print(f"{folder}: {run.run_id} at β = {beta:g}.")
        return 0
    from vae_core.model.onnx import write_onnx
    from vae_core.runs.checkpoint import load_model

    model = load_model(run)
    if config.beta_conditioned or arguments.beta is not None:
        model = freeze(model, beta)
    write_onnx(model, arguments.onnx)
    print(f"{arguments.onnx}: decoder of {run.run_id}, z → mean image.")
    return 0


def _list(arguments: argparse.Namespace) -> int:
    rows = [_row(summarize(run)) for run in find_runs(arguments.checkpoints)]
    if arguments.json:
        print(json.dumps(rows))
        return 0
    if not rows:
        print(f"{arguments.checkpoints} has no runs yet: python -m vae_core train makes one.")
    for row in rows:
        elbo = f"{row['elbo']:9.2f}" if row["elbo"] is not None else "        –"
        print(f"{row['run_id']:40} {row['dataset'] or '?':14} β {row['beta']!s:6} "
              f"z {row['latent_dim']!s:4} {row['state']:12} ELBO {elbo}"
              + (f"  {row['problem']}" if row["problem"] else ""))
    return 0


def _row(summary: Summary) -> dict[str, Any]:
    """One run for the list; a damaged one is listed too, with what is wrong."""
    config, last = summary.config, summary.last
    elbo = last["test_elbo"] if last else math.nan
    return {"run_id": summary.run_id, "dataset": config and config.dataset,
            "beta": config and config.beta, "latent_dim": config and config.latent_dim,
            "state": summary.state, "elbo": elbo if math.isfinite(elbo) else None,
            "problem": summary.problem or None}
