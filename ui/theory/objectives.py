"""Three objectives: reconstruction alone, rate alone, both; the latent planes of real runs."""

import streamlit as st

from ui import charts
from ui import runs as saved_runs
from ui.images import enlarge_row
from ui.model import ModelView
from ui.theory import parts
from vae_core.data.registry import DATASETS
from vae_core.runs.run import Summary

SECTION = {"place": 6, "title": "Three objectives"}
KINDS = {  # title: what the run minimises, what is seen
    "Reconstruction alone": ("D", "Nothing keeps the codes together or matches them to the prior: "
                             "they usually spread far beyond it and leave holes, and samples from "
                             "the prior cover only a patch in the middle."),
    "Rate alone": ("R", "Every q(z|x) equals the prior: the codes carry no information, and the "
                   "decoder has learned nothing."),
    "Both": ("D + β R", "Near β = 1 the codes fill the prior and still separate the digits, so "
             "most samples from the prior decode to a digit. With a smaller β they spread beyond "
             "the prior again; with a larger one the digits merge."),
}


def kind_of(summary: Summary) -> str | None:
    config = summary.config
    if config.latent_dim != 2 or summary.state != "finished" or config.beta_conditioned \
            or not summary.last:
        return None
    if config.reconstruction_weight == 0:
        return "Rate alone"
    return "Reconstruction alone" if config.beta == 0 else "Both"


def runs_by_kind() -> dict[str, list[Summary]]:
    """Finished 2-D runs on MNIST by what they minimise; those nearest to β = 1 first."""
    found: dict[str, list[Summary]] = {kind: [] for kind in KINDS}
    for summary in saved_runs.openable(saved_runs.all_runs()):
        if (kind := kind_of(summary)) and summary.config.dataset == "mnist":
            found[kind].append(summary)
    found["Both"].sort(key=lambda s: (abs(s.config.beta - 1), s.config.architecture != "mlp"))
    return found


def show() -> None:
    parts.statement(
        "The loss has two terms, and each fails on its own in its own way. Without the rate, the "
        "codes drift apart and leave holes on which the decoder was never trained. Without the "
        "distortion, every posterior equals the prior: posterior collapse. So the aim isn't a rate "
        "of 0: the rate is the price of the information in z, and only the sum gives a latent "
        "space worth sampling. Each dot is a test image in its digit's colour, the circles are the "
        "prior's standard deviations, and the strips are decoded samples from the prior.",
        r"\begin{aligned} D &= -\mathbb E_q \log p(x \mid z) \\ "
        r"\beta R &= \beta\, \mathrm{KL}(q(z \mid x) \,\|\, p(z)) \end{aligned}",
        "Higgins et al. 2017, eq. 4; Doersch 2016, §2; collapse: Bowman et al. 2016; He et al. "
        "2019; Razavi et al. 2019.")
    names = DATASETS["mnist"].class_names
    st.html(" &ensp; ".join(f'<span style="color:{colour}">●</span> {name}' for name, colour
                            in zip(names, charts.CLASSES[parts.dark()], strict=True)))
    found = runs_by_kind()
    both = {f"{s.config.beta:g} ({s.run_id})": s for s in
            sorted(found["Both"], key=lambda s: (s.config.beta, s.run_id))}
    if both:
        default = next(name for name, s in both.items() if s is found["Both"][0])
        name = st.selectbox("β of the third", list(both), index=list(both).index(default),
                            key="both", bind="query-params", width=400)
        found["Both"] = [both[name]]
    for column, (title, runs) in zip(st.columns(3, gap="medium"), found.items(), strict=True):
        with column:
            st.markdown(f"**{title}** · loss {KINDS[title][0]}")
            if runs:
                show_plane(runs[0])
            else:
                st.info("There is no such model here.")
                st.page_link("pages/train.py", label="Train one")
            st.caption(KINDS[title][1])


def show_plane(summary: Summary) -> None:
    """Posterior means, decoded samples from the prior, and the run's metrics."""
    config, latents = summary.config, ModelView(summary).latents
    mu, facts = latents["mu"], DATASETS[config.dataset]
    side = max(3.0, 1.03 * float(abs(mu).max()))
    plane = charts.embedding(
        mu[:, 0], mu[:, 1], latents["label"], facts.class_names, ((-side, side), (-side, side)),
        ("z₁", "z₂"), dark=parts.dark())
    plane.update_layout(showlegend=False)
    parts.chart(plane, f"objective-{summary.run_id}",
                f"Posterior means of test images under {summary.run_id}", height=300)
    st.image(enlarge_row(latents["samples"], facts.shape, 2, gap=4),
             width="stretch", alt="Samples from the prior, decoded")
    last = summary.last
    if config.deterministic:
        spread, inside = float(mu.std(axis=0).max()), float((abs(mu).max(axis=1) < 3).mean())
        st.caption(f"D = {parts.nats(last['test_distortion'])} nats. The codes' standard deviation "
                   f"is {spread:.1f}, the prior's is 1; {inside:.0%} of them lie within 3.")
    else:
        st.caption(f"D = {parts.nats(last['test_distortion'])}, R = "
                   f"{parts.nats(last['test_rate'])} nats, "
                   f"{last['active_units']:.0f} of 2 units active.")
    parts.open_in_explore(summary.run_id)
