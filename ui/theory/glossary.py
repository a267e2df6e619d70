"""Glossary: what papers and code call the parts of a VAE."""

import re
import unicodedata

import pandas as pd
import streamlit as st

from ui.format import plain
from ui.theory.parts import statement

SECTION = {"place": 14, "title": "Glossary", "former_names": ("naming",)}
COLUMNS = ("here", "formula", "also called", "also written", "in vae_core")
NAMES = [
    ("data, observation", "x", "input, evidence variable, visible units", r"X,\ x_i,\ x^{(i)},\ v",
     "x"),
    ("code, latent variable", "z", "hidden variable, latent state, representation, embedding; "
     "its space: latent space",
     r"Z,\ h,\ c", "z"),
    ("prior", r"p(z) = \mathcal N(0, I)", "latent distribution, noise distribution",
     r"P(Z),\ p_\theta(z),\ \epsilon", "log_pz"),
    ("encoder, approximate posterior", r"q(z \mid x)", "inference network, recognition model, "
     "guide, amortised posterior", r"q_\phi(z \mid x),\ Q(z \mid X),\ N(h(X), k(X)),\ "
     r"\mathbb R^n \to \mathbb R^{2d}",
     "VAE.encode → Posterior"),
    ("posterior mean", r"\mu(x)", "code, latent representation",
     r"\mu_\phi(x),\ \mu_{z \mid X},\ \mathbb E(z),\ h(X)", "Posterior.mu"),
    ("posterior log variance", r"\log \sigma^2(x)", "logvar",
     r"\log \Sigma_{z \mid X},\ \log \mathbb V(z),\ k(X)", "Posterior.log_var"),
    ("true posterior", r"p(z \mid x)", "exact posterior",
     r"p_\theta(z \mid x),\ P(Z \mid X),\ p_w(z \mid x)", "exact.posterior_on_grid"),
    ("decoder, likelihood", r"p(x \mid z)", "generator, generative network, observation model, "
     "emission model", r"p_\theta(x \mid z),\ P(X \mid z; \theta),\ N(f(Z), g(Z)),\ "
     r"\mathbb R^d \to \mathbb R^n",
     "VAE.decode, likelihoods"),
    ("decoded image", r"\mathbb E[x \mid z]", "reconstruction, mean of the likelihood",
     r"\hat x,\ \tilde x,\ f(z; \theta)", "VAE.decode_mean"),
    ("evidence", r"p(x) = \int p(x \mid z)\, p(z)\, dz", "marginal likelihood, model evidence",
     r"P(X),\ p_\theta(x),\ p_w(x)", "exact.log_px, estimate_log_px"),
    ("ELBO", r"\mathbb E_q \log p(x \mid z) - \mathrm{KL}(q(z \mid x) \,\|\, p(z))",
     "evidence lower bound, variational lower bound, negative variational free energy",
     r"L,\ \mathcal L(\theta, \phi; x),\ -F", "ElboTerms.elbo"),
    ("distortion", r"D = -\mathbb E_q \log p(x \mid z)", "reconstruction loss, reconstruction "
     "error (a squared one only under a Gaussian)", r"\ell_\mathrm{reconstruction},\ L",
     "ElboTerms.distortion"),
    ("rate", r"R = \mathrm{KL}(q(z \mid x) \,\|\, p(z))", "KL divergence to the prior, KL loss, KL "
     "term, regulariser, relative entropy, latent loss, complexity",
     r"\ell_\mathrm{KL},\ \mathcal D[Q \| P],\ D_\mathrm{KL},\ "
     r"\mathrm{KL}(q \| p)", "ElboTerms.rate"),
    ("loss", r"D + \beta R", "objective, cost, negative β-ELBO",
     r"\ell(x, \hat x),\ J", "objectives.loss"),
    ("β", r"\beta", "KL weight, regularisation coefficient, inverse temperature",
     r"\beta,\ \lambda", "TrainConfig.beta"),
    ("reparameterisation", r"z = \mu + \sigma \epsilon,\ \epsilon \sim \mathcal N(0, I)",
     "pathwise gradient, sampling layer, the trick",
     r"z = \mathbb E(z) + \epsilon \sqrt{\mathbb V(z)}", "VAE.reparameterize"),
    ("amortisation", r"\phi \text{ for every } x", "shared variational parameters; the opposite: "
     "a mean and a variance for each example", r"\phi \text{ instead of } \lambda_i", "VAE.encode"),
    ("posterior collapse", r"q(z_d \mid x) = p(z_d)", "component collapse, vanishing KL, inactive "
     "units, over-pruning", r"\mathrm{KL}_d \to 0", "test_set.active_units"),
    ("aggregate posterior", r"q(z) = \mathbb E_x\, q(z \mid x)", "marginal posterior, encoding "
     "distribution", r"q_\phi(z),\ q_\mathrm{agg}(z)", "the points of the latent plane"),
    ("decoder's parameters", r"\theta", "generative parameters, model parameters",
     r"\theta,\ w", "VAE.decoder"),
    ("encoder's parameters", r"\phi", "variational parameters", r"\phi,\ \lambda,\ w",
     "VAE.encoder"),
]


_DRESS = re.compile(r"\\(?:mathrm|mathbb|mathcal|sqrt|text|[^a-z])")  # how it looks, not what it is
_GREEK = {"β": "beta", "ε": "epsilon", "ϵ": "epsilon", "θ": "theta", "λ": "lambda", "μ": "mu",
          "σ": "sigma", "ς": "sigma", "φ": "phi", "ϕ": "phi", "ℓ": "ell", "‖": "", "||": "",
          "|": "mid"}
_HATS = {"\u0302": "hat", "\u0303": "tilde"}  # combining accents on a letter: x̂
_PACKED = str.maketrans("", "", "\\ {}_")


def plain_form(text: str) -> str:
    """Letters by their LaTeX names, -isation in one spelling, and no formatting of formulas."""
    text = _DRESS.sub(" ", re.sub(r"is(ation|er|ed)\b", r"iz\1", text.casefold()))
    text = re.sub(r"\\(hat|tilde) ", r"\1", unicodedata.normalize("NFD", text))
    for hat, name in _HATS.items():
        text = re.sub(f"(\\w){hat}", rf"{name}\1", text)
    for letter, name in _GREEK.items():
        text = text.replace(letter, name)
    return text


def matching(wanted: str) -> list[tuple[str, ...]]:
    """The rows that contain every word searched for, a single letter as a word of its own; spaces,
    braces and subscripts don't count."""
    words = [plain_form(word) for word in wanted.split()]
    rows = []
    for row in NAMES:
        text = plain_form(" ".join(row))
        letters, packed = set(re.findall("[a-z]+", text)), text.translate(_PACKED)
        if all(word in letters if len(word) == 1 else word.translate(_PACKED) in packed
               for word in words):
            rows.append(row)
    return rows


def shown(row: tuple[str, ...]) -> dict[str, str]:
    here, formula, called, written, code = row
    return dict(zip(COLUMNS, (here, f"${formula}$", called, f"${written}$",
                              f"`{code}`"), strict=True))


def show() -> None:
    statement("The same quantities have different names and symbols in statistics, information "
              "theory, physics and code. Look up a word or a symbol to find what it is called here "
              "and where it is in `vae_core`.")
    wanted = st.text_input("Look up", placeholder="recognition model, free energy, h(X) …",
                           key="name", bind="query-params", max_chars=80)
    rows = matching(wanted)
    if not rows:
        st.info(plain(f"{wanted!r} isn't in any of the {len(NAMES)} entries: try a single word or "
                      "letter."))
        return
    st.caption(f"{len(rows)} of {len(NAMES)} entries. Sources of the names: Kingma & Welling 2014; "
               "Rezende, Mohamed & Wierstra 2014; Doersch 2016; Alemi et al. 2018.")
    st.table(pd.DataFrame([shown(row) for row in rows]), border="horizontal", hide_index=True)
