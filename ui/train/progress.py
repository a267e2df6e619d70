"""A training run live: progress, loss curves, the embedding as it forms, reconstructions.

A fragment polls the run folders; the page is redrawn only after an epoch or a change of state.
"""

from collections.abc import Callable

import streamlit as st

from ui import runs
from ui.charts import loss_curves
from ui.explore import messages
from ui.format import plain
from ui.images import enlarge_row
from ui.latent_plane import latent_plane
from ui.model import ModelView
from ui.widgets import errors_shown
from vae_core.config import TrainConfig
from vae_core.runs import jobs
from vae_core.runs.run import LATENTS, TRAINING_STATE, WEIGHTS, Run, RunError, Summary, find_runs
from vae_core.runs.status import Status

POLL_SECONDS, IDLE_POLL_SECONDS = 0.7, 2.0
LIVE_POINTS = 2000
SILENT_SECONDS = 20.0  # measuring a model may take so long; longer means a suspended process


@errors_shown()
def watch(run: Run | None) -> None:
    """One run and the queue, updated without a reload."""
    status = run and run.status()
    busy = status is not None and status.state in ("queued", "running")
    poll = st.fragment(_poll, run_every=POLL_SECONDS if busy else IDLE_POLL_SECONDS)
    # Containers of their own: a fragment whose number of elements changes displaces what follows.
    progress, results = st.container(), st.container()
    with progress:
        poll(run, _signature(run))
    with results:
        if run is None:
            st.caption("No training is running. A run that you start continues when you close this "
                       "page.")
            return
        with errors_shown():
            _results(run, run.config(), status)


def _signature(run: Run | None) -> tuple:
    """What must change for the page to be redrawn."""
    busy = jobs.active(runs.checkpoints())
    waiting = tuple((each.run_id, status.state) for each, status in busy)
    try:
        status = run and run.status()
    except RunError as error:
        return waiting, str(error)
    return waiting, status and (status.state, status.epoch, status.message)


def _poll(run: Run | None, drawn: tuple) -> None:
    if _signature(run) != drawn:
        st.rerun()
    if run is not None:
        with errors_shown():
            _progress(run, run.status())
    for other, status in jobs.active(runs.checkpoints()):
        if run is None or other.folder != run.folder:
            _other(other, status)


def _progress(run: Run, status: Status) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(run.run_id)}**")
        if status.state in ("queued", "running"):
            st.button("Stop", key="stop", on_click=_act, args=(jobs.stop, run),
                      help="Stops after the current step; the run is kept and can be resumed.")
        elif status.state != "finished":
            kept = run.has(TRAINING_STATE)
            st.button("Resume" if kept else "Train again", key="resume", on_click=_act,
                      type="primary" if kept else "secondary", args=(jobs.resume, run))
        if run.has(WEIGHTS, LATENTS):
            st.page_link("pages/explore.py", label="Open in Explore",
                         query_params=runs.explore(run.run_id))
    if status.state == "queued":
        waiting = [each.run_id for each, _ in jobs.active(runs.checkpoints())]
        ahead = waiting.index(run.run_id) if run.run_id in waiting else 0
        st.info(f"Queued behind {ahead} other run{'s' * (ahead != 1)}; one trains at a time.")
        return
    elif status.state == "failed":
        st.error(plain(status.message))
    elif status.state == "interrupted":
        line = jobs.last_log_line(run)
        st.warning(plain(f"Interrupted in epoch {status.epoch + 1}: the process has exited. What "
                         "was saved is kept; Resume continues from there."
                         + (f" Last log line: {line}" if line else "")))
    done = status.step / status.total_steps if status.total_steps else 0.0
    st.progress(min(done, 1.0), text=_progress_text(status))


def _progress_text(status: Status) -> str:
    silent = _silent(status)
    if status.state == "running" and not status.total_steps:
        return "Starting: loading PyTorch and the data takes a few seconds." + silent
    text = f"{status.state} · epoch {status.epoch} · step {status.step:,} of " \
           f"{status.total_steps:,} · {duration(status.seconds)}{silent}"
    if status.seconds_left is not None and not silent:
        text += f" · {duration(status.seconds_left)} left"
    return text


def _silent(status: Status) -> str:
    """How long ago the process updated its status, if that is long."""
    if status.state != "running" or status.silence < SILENT_SECONDS:
        return ""
    return f" · no update for {duration(status.silence)}"


def duration(seconds: float) -> str:
    """42 s, 3 min 20 s, 2 h 5 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def _other(run: Run, status: Status) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{plain(run.run_id)} · {status.state}{_silent(status)}")
        st.button("Watch", key=f"watch-{run.run_id}", on_click=_watch, args=(run,))
        st.button("Stop", key=f"stop-{run.run_id}", on_click=_act, args=(jobs.stop, run))


def _act(action: Callable[[Run], None], run: Run) -> None:
    with errors_shown():
        action(run)


def _watch(run: Run) -> None:
    st.query_params["run"] = run.run_id


def _results(run: Run, config: TrainConfig, status: Status) -> None:
    rows = run.metrics()
    if run.has(WEIGHTS, LATENTS):
        _embedding(ModelView(Summary(run, config, status), every_beta=False))
    if rows:
        st.plotly_chart(loss_curves(rows, st.context.theme.type == "dark"), key="curves",
                        config={"displayModeBar": False})


def _embedding(model: ModelView) -> None:
    latents, shape = model.latents, model.facts.shape
    latent_plane(model.payload(model.default_axes(), box="live_plane", num_points=LIVE_POINTS),
                 key="live_plane")
    messages.acknowledge("live_plane")
    st.image(enlarge_row(latents["originals"], shape, 3), alt="Test images")
    st.image(enlarge_row(latents["reconstructions"], shape, 3), alt="Their reconstructions")
    st.caption(f"After epoch {model.summary.status.epoch}: {LIVE_POINTS:,} test images on the "
               "plane; below it ten of them above their reconstructions.")


def shown_run() -> Run | None:
    """The run in the URL, else the one that trains now, which goes into the URL so that it stays
    on the page when it has finished."""
    name = st.query_params.get("run")
    if name:
        # Not built from the name, which may lead to any folder.
        for run in find_runs(runs.checkpoints()):
            if run.run_id == name:
                return run
        st.warning(plain(f"There is no run {name[:100]!r} to watch: it may have been removed or "
                         "renamed."))
    training = jobs.active(runs.checkpoints())
    if not training:
        return None
    run, _ = training[0]
    st.query_params["run"] = run.run_id
    return run
