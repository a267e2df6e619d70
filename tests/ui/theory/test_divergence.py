"""The page on KL and disjoint supports: infinite, undefined and flat values."""

from __future__ import annotations

from tests.ui.theory.reading import metrics

PAGE = "theory"


def test_the_shift_makes_the_kl_of_uniforms_infinite_and_not_of_gaussians(open_page):
    page = open_page(section="divergence", apart="0.5")
    shown = metrics(page)
    assert shown["KL of uniforms"] == "0.6931" and shown["mass of uniform q outside p"] == "0.0%"
    page.slider(key="apart").set_value(2.0).run()
    shown = metrics(page)
    assert shown["KL of uniforms"] == "∞" and shown["KL of Gaussians"] == shown["by quadrature"]
    uniforms = page.dataframe[0].value.iloc[0]
    assert uniforms["its slope"] == "none" and uniforms["bound on log p(x)"] == "−∞"


def test_disjoint_uniforms_have_a_flat_js_of_log_two(open_page):
    uniforms = open_page(section="divergence", apart="3").dataframe[0].value.iloc[0]
    assert uniforms["Jensen–Shannon"] == "0.6931" and uniforms["slope of JS"] == "0.0000"
