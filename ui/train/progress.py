"""A training as it goes: progress, curves, the embedding forming, reconstructions.

A small fragment polls the run folders; the page is drawn anew only when an epoch or a state is new.
"""

from __future__ import annotations

import streamlit as st

from ui import models, runs
from ui.charts import loss_curves
from ui.format import plain
from ui.images import enlarge_row
from ui.latent_plane import View, latent_plane
from vae_core.config import TrainConfig
from vae_core.data.registry import DATASETS
from vae_core.measure.embeddings import most_used_dims
from vae_core.runs import jobs
from vae_core.runs.run import LATENTS, TRAINING_STATE, WEIGHTS, Run, RunError, Status

POLL_SECONDS, IDLE_POLL_SECONDS = 0.7, 2.0
LIVE_POINTS = 2000
SILENT_SECONDS = 20.0  # measuring a model may take so long; a suspended process takes for ever


def watch(run: Run | None) -> None:
    """Everything about one run, and the queue; follows along without being asked."""
    try:
        status = run and run.status()
    except RunError as error:
        st.error(plain(error))
        return
    busy = status is not None and status.state in ("queued", "running")
    poll = st.fragment(_poll, run_every=POLL_SECONDS if busy else IDLE_POLL_SECONDS)
    # Each in a place of its own: what the fragment draws may be more or less from poll to poll, and
    # would else take the places of the elements behind it.
    progress, results = st.container(), st.container()
    with progress:
        poll(run, _signature(run))
    with results:
        if run is None:
            st.caption("Nothing trains at the moment. A training that you start goes on when you "
                       "close this page.")
            return
        try:
            _results(run, run.config(), status)
        except ValueError as error:
            st.error(plain(error))


def _signature(run: Run | None) -> tuple:
    """What must change for the page to be drawn anew."""
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
        try:
            _progress(run, run.status())
        except RunError as error:
            st.error(plain(error))
    for other, status in jobs.active(runs.checkpoints()):
        if run is None or other.folder != run.folder:
            _other(other, status)


def _progress(run: Run, status: Status) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(run.run_id)}**")
        if status.state in ("queued", "running"):
            st.button("Stop", key="stop", on_click=_stop, args=(run,),
                      help="Ends after the step; the run is kept and can be resumed.")
        elif status.state != "finished" and run.path(TRAINING_STATE).exists():
            st.button("Resume", key="resume", type="primary", on_click=_resume, args=(run,))
        elif status.state != "finished":
            st.button("Train again", key="resume", on_click=_resume, args=(run,))
        if run.path(LATENTS).exists() and run.path(WEIGHTS).exists():
            st.page_link("pages/explore.py", label="Open in Explore",
                         query_params=runs.explore(run.run_id))
    if status.state == "queued":
        waiting = [each.run_id for each, _ in jobs.active(runs.checkpoints())]
        ahead = waiting.index(run.run_id) if run.run_id in waiting else 0
        st.info(f"Waits for {ahead} other training{'s' * (ahead != 1)}; one runs at a time.")
        return
    elif status.state == "failed":
        st.error(plain(status.message))
    elif status.state == "interrupted":
        said = jobs.last_log_line(run)
        st.warning(plain(f"Interrupted in epoch {status.epoch + 1}: its process is gone. What was "
                         "saved is kept; Resume goes on from there."
                         + (f" The last it said: {said}" if said else "")))
    done = status.step / status.total_steps if status.total_steps else 0.0
    st.progress(min(done, 1.0), text=_progress_text(status))


def _progress_text(status: Status) -> str:
    silent = _silent(status)
    if status.state == "running" and not status.total_steps:
        return "Starting: PyTorch and the data are loaded, which takes a few seconds." + silent
    text = f"{status.state} · epoch {status.epoch} · step {status.step:,} of " \
           f"{status.total_steps:,} · {duration(status.seconds)}{silent}"
    if status.seconds_left is not None and not silent:
        text += f" · {duration(status.seconds_left)} left"
    return text


def _silent(status: Status) -> str:
    """For how long nothing was heard of a training, if that is long."""
    if status.state != "running" or status.silence < SILENT_SECONDS:
        return ""
    return f" · no sign of life for {duration(status.silence)}"


def duration(seconds: float) -> str:
    """Seconds as a person says them: 42 s, 3 min 20 s, 2 h 5 min."""
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
        st.button("Stop", key=f"stop-{run.run_id}", on_click=_stop, args=(run,))


def _stop(run: Run) -> None:
    try:
        jobs.stop(run)
    except RunError as error:
        st.error(plain(error))


def _watch(run: Run) -> None:
    st.query_params["run"] = run.run_id


def _resume(run: Run) -> None:
    try:
        jobs.resume(run)
    except RunError as error:
        st.error(plain(error))


def _results(run: Run, config: TrainConfig, status: Status) -> None:
    rows = run.metrics()
    if run.path(LATENTS).exists() and run.path(WEIGHTS).exists():
        _embedding(run, config, status)
    if rows:
        st.plotly_chart(loss_curves(rows, st.context.theme.type == "dark"), key="curves",
                        config={"displayModeBar": False})


def _embedding(run: Run, config: TrainConfig, status: Status) -> None:
    latents = run.latents()
    dims = tuple(most_used_dims(latents["mu"], latents["log_var"])[:2]) \
        if config.latent_dim > 2 else tuple(range(config.latent_dim))
    shown = {name: latents[name][:LIVE_POINTS]
             for name in ("mu", "log_var", "label", "rate", "distortion")}
    decoder = models.decoder(run, str(run.folder), models.version(run))
    facts = DATASETS[config.dataset]
    latent_plane(models.points(shown, dims), decoder, View(
        title=run.run_id, model=run.run_id, held=(0.0,) * config.latent_dim, dims=dims,
        class_names=facts.class_names), key="live_plane")
    st.image(enlarge_row(latents["originals"], facts.shape, 3), alt="Test images")
    st.image(enlarge_row(latents["reconstructions"], facts.shape, 3), alt="Their reconstructions")
    st.caption(f"After epoch {status.epoch}: {LIVE_POINTS:,} test images on the plane, ten of them "
               "above their reconstructions.")
