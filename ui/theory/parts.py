"""What the sections of the theory page are put together from, models trained on the page too."""

import math
import time
from collections.abc import Callable, Hashable, Iterable
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from ui import runs, widgets
from ui.charts import BLANK, FAINT
from ui.model import ModelView, cached
from vae_core.config import TrainConfig
from vae_core.runs.run import Summary

MARGIN = dict(l=8, r=8, t=8, b=8)
ABOVE = dict(orientation="h", x=0, y=1.02, yanchor="bottom")  # where a legend goes
PLAIN = dict(zeroline=False, showgrid=False)  # axes
DOTTED = dict(zeroline=False, gridcolor=FAINT, griddash="dot")
KEPT = 24  # results of training runs in memory, the oldest dropped first
REDRAWN = 0.5  # seconds between two charts of a run: each replaces the whole chart


def statement(text: str, latex: str = "", source: str = "") -> None:
    """What a section shows, in a few sentences; its formula; where it was published."""
    st.markdown(text)
    if latex:
        st.latex(latex)
    if source:
        st.caption(source)


def dark() -> bool:
    return st.context.theme.type == "dark"


def finish(figure: go.Figure, **layout: Any) -> go.Figure:
    """The figure with the layout that all have here, and its own."""
    return figure.update_layout(**BLANK | dict(margin=MARGIN, dragmode=False) | layout)


def chart(figure: go.Figure, key: str | None, alt: str, height: int | str = "content") -> None:
    st.plotly_chart(figure, key=key, alt=alt, height=height, config={"displayModeBar": False})


def nats(value: float, digits: int = 2) -> str:
    """A number of nats with a true minus sign, and no −0."""
    if not math.isfinite(value):
        return "∞" if value > 0 else "−∞" if value < 0 else "not a number"
    return f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "−")


_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def scientific(value: float) -> str:
    """Two digits and a power of ten, as written by hand: 3.1·10⁻⁷."""
    if value == 0:
        return "0"
    digits, exponent = f"{value:.1e}".split("e")
    return f"{digits}·10{str(int(exponent)).translate(_RAISED)}".replace("-", "−")


def choose_model(key: str, latent_dim: int | None = 2, **rest: Any) -> Summary:
    """A finished run with β > 0 (of this latent size), bound to the URL under `key`; where there is
    none, a sentence and a link to the page that trains one, and no more."""
    fitting = {s.run_id: s for s in runs.openable(runs.all_runs())
               if not s.config.deterministic and s.state == "finished"
               and (latent_dim is None or s.config.latent_dim == latent_dim)}
    if not fitting:
        size = "" if latent_dim is None else f" with {latent_dim} latent dimensions and"
        st.info(f"There is no finished model{size or ' with'} β above 0 here.")
        st.page_link("pages/train.py", label="Train one")
        st.stop()
    names = list(fitting)
    first = names.index(runs.default_run(names))
    if st.session_state.get(key, names[0]) not in names:
        del st.session_state[key]
    return fitting[widgets.choose(st.selectbox, "Model", names, key, index=first, **rest)]


def measured(compute: Callable[[Any, Any], dict[str, Any]], chosen: Summary, num: int
             ) -> dict[str, Any]:
    """compute(model, x) of a run's VAE and the first num test images as it sees them, (num,
    pixels); cached until the run's files change."""
    return _measured(ModelView(chosen), f"{compute.__module__}.{compute.__qualname__}", num,
                     compute)


@cached(160, "Loading the model, computing …")
def _measured(model: ModelView, name: str, num: int, _compute: Callable[..., Any]
              ) -> dict[str, Any]:
    return _compute(model.frozen(), model.encoder_input[:num])


def open_in_explore(run_id: str, pin: tuple[float, float] | None = None) -> None:
    """A link to the model on the latent plane, with a point pinned."""
    query = {"pin": f"{pin[0]:.4f},{pin[1]:.4f}"} if pin else {}
    st.page_link("pages/explore.py", label="Open in Explore",
                 query_params=runs.explore(run_id) | query)


@st.cache_resource(show_spinner=False)
def _kept() -> dict[Hashable, Any]:
    return {}


def _keep(key: Hashable, result: Any) -> Any:
    kept = _kept()
    kept[key] = result
    while len(kept) > KEPT:
        kept.pop(next(iter(kept)), None)
    return result


def live_model(config: TrainConfig, x: Callable[[], Any], shape: tuple[int, int, int], what: str,
               draw: Callable[[Any], None] = lambda model: None) -> Any:
    """The VAE that `config` gives on x(), trained now unless it was before.

    The cache's key is the configuration, so x must depend on that alone. A visitor who leaves
    stops the training. draw: shows the model during training, in a container of its own.
    """
    if config in _kept():
        return _kept()[config]
    bar = st.progress(0.0, f"Training {what} …")
    from vae_core.theory.training import train_live

    due = time.monotonic()

    def progress(share: float, model: Any) -> None:
        nonlocal due
        bar.progress(share, f"Training {what}: {share:.0%}")
        if time.monotonic() >= due:
            draw(model)
            due = time.monotonic() + REDRAWN

    model = train_live(config, x(), shape, progress)
    bar.empty()
    return _keep(config, model)


def watched(key: Hashable, moments: Callable[[], Iterable[Any]], share: Callable[[Any], float],
            draw: Callable[[list[Any]], None], what: str) -> list[Any]:
    """All moments of a training run, drawn as they come and at the end; cached for the next time.

    share: of the run, from 0 to 1, done at a moment; 1 is the last. draw: into a container of its
    own, as it is called repeatedly.
    """
    if key in _kept():
        draw(_kept()[key])
        return _kept()[key]
    bar, seen, due = st.progress(0.0, f"Training {what} …"), [], time.monotonic() + REDRAWN
    for moment in moments():
        seen.append(moment)
        done = share(moment)
        bar.progress(done, f"Training {what}: {done:.0%}")
        if done < 1 and time.monotonic() >= due:
            draw(seen)
            due = time.monotonic() + REDRAWN
    bar.empty()
    draw(seen)
    return _keep(key, seen)
