"""One step: its gradient, its clipping, its device, and the compiler that may fail."""

from __future__ import annotations

import pytest
import torch

from vae_core.training import step as step_module
from vae_core.training.step import Step, pick_device


def test_an_error_of_the_eager_step_is_not_taken_for_the_compilers(make_model, unit_x,
                                                                    monkeypatch):
    def broken(*_):
        raise RuntimeError("broken")

    monkeypatch.setattr(step_module, "elbo_terms", broken)
    model = make_model()
    step = Step(model.config, model, torch.device("cpu"))
    with pytest.raises(RuntimeError, match="broken"):
        step(unit_x, torch.zeros(len(unit_x), 2), 1.0, 1e-3)


def test_a_gradient_is_clipped_to_its_limit(make_model, unit_x):
    """With plain gradients the update of Adam's first step hides the norm: look at the gradient."""
    eps = torch.zeros(len(unit_x), 2)
    norms = []
    for limit in (0.0, 0.5):
        model = make_model(max_grad_norm=limit)
        reported = Step(model.config, model, torch.device("cpu"))(unit_x, eps, 1.0, 1e-3)[2]
        kept = torch.stack([p.grad.norm() for p in model.parameters()]).norm()
        norms.append((reported.item(), kept.item()))
    (first, unlimited), (reported, limited) = norms
    assert first == pytest.approx(unlimited) and reported == pytest.approx(first)
    assert first > 0.5 and limited == pytest.approx(0.5, rel=1e-3)


@pytest.mark.parametrize("wanted", ["cuda", "mps"])
def test_a_device_that_is_not_there_is_one_sentence(monkeypatch, wanted):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(ValueError, match=f"device = '{wanted}' isn't available here: this machine "
                                         "has cpu. Choose one of these, or auto."):
        pick_device(wanted)
    assert pick_device("auto").type == "cpu"


def test_the_best_device_comes_first(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert pick_device("auto").type == "cuda"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert pick_device("auto").type == "mps"
