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
from vae_core.runs import jobs
from vae_core.runs.lifecycle import check_resume, check_run_id, check_start, held
from vae_core.runs.run import CONFIG, STATUS, Run, RunError, Summary, find_runs, open_run, summarize
from vae_core.runs.status import Status

if TYPE_CHECKING:
    from vae_core.data.dataset import Dataset
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
        arguments.command(arguments)
        return 0
    except ValueError as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader exited, as `| head` does
        sys.stderr.close()
        return 0


def parser() -> argparse.ArgumentParser:
    top = _Parser(prog="python -m vae_core", description="Train and measure VAEs.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Callable[[argparse.Namespace], None], help: str
            ) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=help)
        one.set_defaults(command=command)
        return one

    train = add("train", _train, "train one model into a run folder")
    _add_checkpoints(train)
    train.add_argument("--run-id", default="", help="name of the run (default: from the knobs)")
    train.add_argument("--resume", action="store_true", help="continue the run --run-id")
    train.add_argument("--queue", action="store_true", help="wait for the jobs queued before")
    # For the job that jobs.start launches, which has claimed the folder.
    train.add_argument("--claimed", action="store_true", help=argparse.SUPPRESS)
    train.add_argument("--from-config", type=Path, help="take the knobs from a config.json")
    _add_knobs(train)

    sweep = add("sweep", _sweep, "train one model for each β")
    _add_checkpoints(sweep)
    sweep.add_argument("--betas", required=True, help="the values of β, separated by commas")
    sweep.add_argument("--prefix", default="", help="run ids become PREFIX-betaB")
    sweep.add_argument("--resume", action="store_true",
                       help="continue a sweep that was stopped; finished runs are skipped")
    _add_knobs(sweep, without=("beta",))

    evaluate = add("evaluate", _evaluate, "measure a run on the test set")
    _add_run(evaluate)
    evaluate.add_argument("--json", action="store_true", help="print one JSON object")
    evaluate.add_argument("--num-samples", type=int, default=100,
                          help="importance samples for log p(x) (default: 100)")
    at = evaluate.add_mutually_exclusive_group()
    _add_beta(at)
    at.add_argument("--curve", action="store_true", help="of a β-conditioned run, D, R, ELBO and "
                    "active units at 25 β and more, as a table (or a JSON array)")
    evaluate.add_argument("--exact", action="store_true", help="log p(x) by quadrature as well: "
                          "for one or two latent dimensions")
    evaluate.add_argument("--limit", type=int, default=0, help="only the first N test images")

    export = add("export", _export, "write a run's decoder for other programs, or a β-conditioned "
                 "run at one β as an ordinary run")
    _add_run(export)
    _add_beta(export)
    to = export.add_mutually_exclusive_group(required=True)
    to.add_argument("--onnx", type=Path, metavar="FILE",
                    help="ONNX file: z (n, latent_dim) → mean image (n, channels·height·width)")
    to.add_argument("--run-id", metavar="NAME", help="name of an ordinary run beside this one")
    to.add_argument("--to", type=Path, metavar="FOLDER", help="folder of an ordinary run")

    listing = add("list", _list, "list the runs")
    _add_checkpoints(listing)
    listing.add_argument("--json", action="store_true", help="print a JSON array")

    add("knobs", lambda _: print(knob_table()), "print every knob as a Markdown table")
    return top


def _add_checkpoints(command: argparse.ArgumentParser) -> None:
    command.add_argument("--checkpoints", type=Path, default=DEFAULT_CHECKPOINTS, metavar="DIR",
                         help="folder of the run folders (default: checkpoints)")


def _add_run(command: argparse.ArgumentParser) -> None:
    command.add_argument("run", type=Path, metavar="DIR/NAME")


def _add_beta(command: argparse._ActionsContainer) -> None:
    command.add_argument("--beta", type=_reader(float), metavar="BETA",
                         help="of a β-conditioned run, the β at which it is evaluated (default: "
                              "the one in its config.json)")


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
            return kind(text)
        except ValueError:
            noun = "a number" if kind is float else "a whole number"
            raise argparse.ArgumentTypeError(f"{text!r} isn't {noun}") from None

    return number


def _chosen(arguments: argparse.Namespace) -> dict[str, Any]:
    """The knobs given as flags."""
    chosen = {name: value for name, value in vars(arguments).items() if name in knobs()}
    idle = [] if chosen.get("beta_conditioned") else [n for n in chosen if n in CONDITIONED_ONLY]
    if idle:
        raise ValueError(f"--{idle[0].replace('_', '-')} is for β-conditioned models: add "
                         "--beta-conditioned, or leave it out.")
    return chosen


# train and sweep


def _train(arguments: argparse.Namespace) -> None:
    chosen = _chosen(arguments)
    if (arguments.resume or arguments.from_config) and chosen:
        flag = "--resume" if arguments.resume else "--from-config"
        raise ValueError(f"{flag} takes the knobs from config.json, so "
                         f"--{next(iter(chosen)).replace('_', '-')} can't be given as well: leave "
                         "one of the two out.")
    if arguments.resume:
        if not arguments.run_id:
            raise ValueError("--resume needs --run-id: name the run to resume.")
        run = open_run(arguments.checkpoints / arguments.run_id)
        _run(run.config(), run, resume=check_resume(run), queue=arguments.queue)
        return
    config = _config_from(arguments.from_config) if arguments.from_config else \
        TrainConfig.from_dict(chosen)
    run = Run(arguments.checkpoints / check_run_id(arguments.run_id or config.default_run_id()))
    if not arguments.claimed:
        check_start(run)
    _run(config, run, queue=arguments.queue)


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


def _sweep(arguments: argparse.Namespace) -> None:
    runs = _sweep_runs(arguments)
    if not arguments.resume:
        for run in runs:
            check_start(run)
    for run, config in runs.items():
        resume = False
        if arguments.resume and run.path(STATUS).exists():
            if run.status().state == "finished":
                continue
            config, resume = run.config(), check_resume(run)
        if _run(config, run, resume).state == "stopped":
            return


def _sweep_runs(arguments: argparse.Namespace) -> dict[Run, TrainConfig]:
    try:
        betas = [float(text) for text in arguments.betas.split(",")]
    except ValueError:
        raise ValueError(f"--betas {arguments.betas!r} isn't a list of numbers: separate them by "
                         "commas, as in 0.1,1,4.") from None
    if getattr(arguments, "beta_conditioned", False):
        raise ValueError("--beta-conditioned trains one model for all β: use train instead of "
                         "sweep.")
    chosen, runs = _chosen(arguments), {}
    for config in [TrainConfig.from_dict({**chosen, "beta": beta}) for beta in betas]:
        name = f"{arguments.prefix}-beta{config.beta:g}" if arguments.prefix else \
            config.default_run_id()
        run = Run(arguments.checkpoints / check_run_id(name))
        if run in runs:
            raise ValueError(f"--betas {arguments.betas} names the run {run.run_id!r} twice: give "
                             "each β once.")
        runs[run] = config
    return runs


def _run(config: TrainConfig, run: Run, resume: bool = False, queue: bool = False) -> Status:
    """Train in this process, with a progress bar, until the end or a signal; the last status."""
    stop_requested = _stop_on_signals()
    run.create()
    with (held(run),
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
                if run.status().state == "running":  # else the trainer has written the failure
                    run.write_status(Status("failed", message=str(error)))
            raise
        except KeyboardInterrupt:
            run.write_status(dataclasses.replace(run.status(), state="stopped"))
            raise
    print(f"{run.folder}: {status.state} after epoch {status.epoch} of {config.epochs}, "
          f"{status.seconds:.0f} s. {status.message}".rstrip())
    return status


def _stop_on_signals() -> Callable[[], bool]:
    """A function that returns whether SIGINT or SIGTERM has come; a second SIGINT interrupts."""
    received: list[int] = []

    def note(signum: int, frame: object) -> None:
        if signal.SIGINT in received and signum == signal.SIGINT:
            raise KeyboardInterrupt
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


# evaluate


def _evaluate(arguments: argparse.Namespace) -> None:
    if arguments.curve and arguments.exact:
        raise ValueError("--curve and --exact can't be given together: --exact measures one β, "
                         "which --beta chooses; leave one of the two out.")
    for flag, value, least in (("--limit", arguments.limit, 0),
                               ("--num-samples", arguments.num_samples, 1)):
        if value < least:
            raise ValueError(f"{flag} {value} is not allowed: give at least {least}"
                             f"{' (0 is all)' if least == 0 else ''}.")
    run = open_run(arguments.run)
    rows = _curve(run, arguments.limit) if arguments.curve else _at_one_beta(run, arguments)
    if arguments.json:
        print(json.dumps(rows))
    elif arguments.curve:
        print(f"{'β':>8} {'D':>8} {'R':>7} {'ELBO':>9} {'active':>7}")
        for row in rows:
            print(f"{row['beta']:8.4g} {row['distortion']:8.2f} {row['rate']:7.2f} "
                  f"{row['elbo']:9.2f} {row['active_units']:7}")
    else:
        for name, value in rows.items():
            if isinstance(value, list):
                value = " ".join(f"{each:.3f}" for each in value)
            print(f"{name:18} {f'{value:.3f}' if isinstance(value, float) else value}")


def _at_one_beta(run: Run, arguments: argparse.Namespace) -> dict[str, Any]:
    from vae_core.measure.exact import check_exact, log_px
    from vae_core.measure.test_set import evaluate, test_x
    from vae_core.runs.at_beta import load_at

    model = load_at(run, arguments.beta)
    if arguments.exact:
        check_exact(model.config)
    data = _test_set(model.config, arguments.limit)
    result = {"run_id": run.run_id, "dataset": model.config.dataset, "beta": model.config.beta,
              **evaluate(model, data, arguments.num_samples)._asdict()}
    if not all(math.isfinite(result[name]) for name in ("distortion", "rate", "log_px")):
        raise ValueError(f"Run {run.run_id!r} evaluates to NaN or infinity; its weights are "
                         "corrupted: train it again.")
    if arguments.exact:
        result |= _exact_figures(log_px(model, test_x(model, data)), result["elbo"])
    return result


def _curve(run: Run, limit: int) -> list[dict[str, float]]:
    config = run.config()
    if not config.beta_conditioned:
        raise ValueError(f"Run {run.run_id!r} has no curve: it was trained for β = {config.beta:g} "
                         "alone; leave --curve out, or train one with --beta-conditioned.")
    from vae_core.measure.beta_curve import measure_beta_curve
    from vae_core.runs.checkpoint import load_model

    curve = measure_beta_curve(load_model(run), _test_set(config, limit))
    names = ("beta", "distortion", "rate", "elbo", "active_units")
    return [dict(zip(names, row, strict=True)) for row in
            zip(*(getattr(curve, name).tolist() for name in names), strict=True)]


def _test_set(config: TrainConfig, limit: int) -> Dataset:
    from vae_core.data import load_split

    data = load_split(config.dataset, "test").first(limit)
    if len(data) == 1:
        logging.warning("Active units need at least two images (they are a variance over images): "
                        "give --limit 2 or more.")
    return data


def _exact_figures(evidence: Evidence, elbo: float) -> dict[str, float]:
    """What --exact adds, in nats: means over the examples, of the error estimate too."""
    lost = int((~evidence.error.isfinite()).sum())
    if lost:
        raise ValueError(f"Quadrature doesn't converge for {lost} of {len(evidence.error)} test "
                         "examples, whose codes are too far from 0: leave --exact out, and "
                         "estimate log p(x) by importance sampling.")
    exact = evidence.log_px.mean().item()
    return {"log_px_exact": exact, "log_px_exact_error": evidence.error.mean().item(),
            "inference_gap": exact - elbo}


# export and list


def _export(arguments: argparse.Namespace) -> None:
    run = open_run(arguments.run)
    beta = run.config().beta if arguments.beta is None else arguments.beta
    if arguments.onnx:
        from vae_core.model.onnx import write_onnx
        from vae_core.runs.at_beta import load_at

        write_onnx(load_at(run, beta), arguments.onnx)
        print(f"{arguments.onnx}: decoder of {run.run_id}, z → mean image.")
        return
    folder = arguments.to or run.folder.parent / check_run_id(arguments.run_id)
    check_run_id(folder.name)
    from vae_core.runs.at_beta import freeze_run

    freeze_run(run, beta, Run(folder))
    print(f"{folder}: {run.run_id} at β = {beta:g}.")


def _list(arguments: argparse.Namespace) -> None:
    rows = [_row(summarize(run)) for run in find_runs(arguments.checkpoints)]
    if arguments.json:
        print(json.dumps(rows))
        return
    if not rows:
        print(f"{arguments.checkpoints} has no runs yet: python -m vae_core train makes one.")
    for row in rows:
        elbo = f"{row['elbo']:9.2f}" if row["elbo"] is not None else "        –"
        print(f"{row['run_id']:40} {row['dataset'] or '?':14} β {row['beta']!s:6} "
              f"z {row['latent_dim']!s:4} {row['state']:12} ELBO {elbo}"
              + (f"  {row['problem']}" if row["problem"] else ""))


def _row(summary: Summary) -> dict[str, Any]:
    """One run for the list; a damaged one is listed too, with what is wrong."""
    config, last = summary.config, summary.last
    elbo = last["test_elbo"] if last else math.nan
    return {"run_id": summary.run_id, "dataset": config and config.dataset,
            "beta": config and config.beta, "latent_dim": config and config.latent_dim,
            "state": summary.state, "elbo": elbo if math.isfinite(elbo) else None,
            "problem": summary.problem or None}
