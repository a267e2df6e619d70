"""The decoder as ONNX equals torch's."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
import torch

from vae_core.model.onnx import write_onnx


@pytest.mark.slow
@pytest.mark.parametrize(("architecture", "likelihood"), [
    ("mlp", "bernoulli"), ("conv", "gaussian-per-pixel"), ("conv-res", "gaussian-shared")])
def test_onnx_equals_torch_whatever_the_batch_size(make_model, tmp_path, capfd, architecture,
                                                   likelihood):
    model = make_model(architecture=architecture, likelihood=likelihood, latent_dim=3)
    path, z = tmp_path / "decoder.onnx", 2 * torch.randn(7, 3)
    write_onnx(model, path)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    assert [(port.name, port.type) for port in (*session.get_inputs(), *session.get_outputs())] == \
        [("z", "tensor(float)"), ("mean", "tensor(float)")]
    for batch in (z, z[:1], z.repeat(5, 1)):
        [found] = session.run(None, {"z": batch.numpy()})
        np.testing.assert_allclose(found, model.decode_mean(batch).detach(), atol=1e-4)
    assert [file.name for file in tmp_path.iterdir()] == ["decoder.onnx"]
