"""The decoder for other programs equals torch's, for every network there is."""

from __future__ import annotations

import itertools
import json

import numpy as np
import onnxruntime
import pytest
import torch

from vae_core.model.browser import browser_decoder, browser_encoder, write_onnx
from vae_core.model.likelihoods import soft_clamp
from vae_core.runs.checkpoint import load_model

ARCHITECTURES = ["mlp", "conv"]
ACTIVATIONS = ["relu", "silu", "tanh"]
LIKELIHOODS = ["bernoulli", "gaussian-fixed", "gaussian-shared", "gaussian-per-pixel"]
BEND = {"identity": lambda v: v, "relu": lambda v: np.maximum(v, 0), "tanh": np.tanh,
        "silu": lambda v: v / (1 + np.exp(-v)), "sigmoid": lambda v: 1 / (1 + np.exp(-v))}


def conv_transpose(x: np.ndarray, weight: np.ndarray, bias: np.ndarray, stride: int, padding: int
                   ) -> np.ndarray:
    """Each input value adds its weighted kernel to the output: (n, in, h, w) → (n, out, h', w')."""
    n, _, height, width = x.shape
    _, out, kernel, _ = weight.shape
    full = np.zeros((n, out, (height - 1) * stride + kernel, (width - 1) * stride + kernel))
    for i, j in itertools.product(range(kernel), repeat=2):
        full[:, :, i:i + height * stride:stride, j:j + width * stride:stride] += \
            np.einsum("ncyx,co->noyx", x, weight[:, :, i, j])
    if padding:
        full = full[:, :, padding:-padding, padding:-padding]
    return full + bias[:, None, None]


def conv(x: np.ndarray, weight: np.ndarray, bias: np.ndarray, stride: int, padding: int
         ) -> np.ndarray:
    """Each output value sums its window: (n, in, h, w) → (n, out, h', w')."""
    kernel = weight.shape[-1]
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (kernel, kernel), axis=(2, 3))
    return np.einsum("ncyxij,ocij->noyx", windows[:, :, ::stride, ::stride], weight) \
        + bias[:, None, None]


def run_network(description: dict, flat: np.ndarray, values: np.ndarray) -> np.ndarray:
    """What the browser does with the layers, in numpy: (n, inputs) → (n, outputs)."""
    for layer in description["layers"]:
        images, out = layer["op"] != "linear", layer.get("out") or layer["out_channels"]
        if not images:
            shape = (out, layer["in"])
        else:
            shape = (layer["in_channels"], out, layer["kernel"], layer["kernel"])
            if layer["op"] == "conv":
                shape = (shape[1], shape[0], *shape[2:])
        weight = flat[layer["weight"]:layer["weight"] + np.prod(shape)].reshape(shape)
        bias = flat[layer["bias"]:layer["bias"] + out]
        if not images:
            values = values.reshape(len(values), -1) @ weight.T + bias
        else:
            run = conv if layer["op"] == "conv" else conv_transpose
            given = values.reshape(len(values), layer["in_channels"], layer["height"],
                                   layer["width"])
            values = run(given, weight, bias, layer["stride"], layer["padding"])
        values = BEND[layer["activation"]](values)
    return values.reshape(len(values), -1)


def run_decoder(description: dict, flat: np.ndarray, z: np.ndarray) -> np.ndarray:
    """(n, latent_dim) → the mean images, (n, pixels)."""
    pixels = description["channels"] * description["height"] * description["width"]
    bend = "sigmoid" if description["likelihood"]["name"] == "bernoulli" else "identity"
    return BEND[bend](run_network(description, flat, z)[:, :pixels])


@pytest.fixture
def z() -> torch.Tensor:
    return 2 * torch.randn(7, 3, generator=torch.Generator().manual_seed(0))


def arrays(model) -> dict[str, np.ndarray]:
    return {name: value.numpy() for name, value in model.state_dict().items()}


@pytest.mark.parametrize(("architecture", "activation", "likelihood"),
                         list(itertools.product(ARCHITECTURES, ACTIVATIONS, LIKELIHOODS)))
def test_the_browsers_decoder_equals_torchs(make_model, z, architecture, activation, likelihood):
    model = make_model(architecture=architecture, activation=activation, likelihood=likelihood,
                       latent_dim=3, num_layers=2)
    with torch.no_grad():
        for parameter in model.decoder.parameters():
            parameter.mul_(3)  # away from the near-constant images of an untrained decoder
        expected = model.decode_mean(z).numpy()
    assert expected.std(axis=0).max() > 0.05
    description, flat = browser_decoder(model.config, arrays(model))
    found = run_decoder(description, flat, z.numpy().astype(np.float64))
    np.testing.assert_allclose(found, expected, atol=1e-4)


@pytest.mark.parametrize(("architecture", "activation"),
                         list(itertools.product(ARCHITECTURES, ACTIVATIONS)))
def test_the_browsers_encoder_equals_torchs(make_model, architecture, activation):
    model = make_model(architecture=architecture, activation=activation, latent_dim=3, num_layers=2)
    x = torch.rand(5, 784, generator=torch.Generator().manual_seed(3))
    description, flat = browser_encoder(model.config, arrays(model))
    assert json.loads(json.dumps(description)) == description
    mu, raw = np.split(run_network(description, flat, x.numpy().astype(np.float64)), 2, axis=1)
    with torch.no_grad():
        expected = model.encode(x)
    np.testing.assert_allclose(mu, expected.mu, atol=1e-4)
    log_var = soft_clamp(torch.from_numpy(raw), *description["log_var"])
    np.testing.assert_allclose(log_var, expected.log_var, atol=1e-4)


@pytest.mark.parametrize("likelihood", ["gaussian-fixed", "gaussian-shared", "gaussian-per-pixel"])
def test_the_likelihood_in_the_description_has_torchs_variance(make_model, z, likelihood):
    model = make_model(likelihood=likelihood, sigma=0.3, latent_dim=3)
    with torch.no_grad():
        if likelihood == "gaussian-shared":
            model.likelihood.log_var_x.fill_(-7.5)
        out = model.decode(z)
        expected = model.likelihood.variance(out)
    told = browser_decoder(model.config, arrays(model))[0]["likelihood"]
    if likelihood == "gaussian-per-pixel":
        log_var = soft_clamp(out[:, 784:] + told["offset"], *told["bounds"])
    else:
        log_var = torch.full((), told["log_var"])
    torch.testing.assert_close(log_var.exp().expand_as(expected), expected, rtol=1e-4, atol=0)


def test_the_description_is_json_and_the_weights_are_one_flat_array(make_model):
    model = make_model(architecture="conv")
    description, flat = browser_decoder(model.config, arrays(model))
    assert json.loads(json.dumps(description)) == description
    assert flat.ndim == 1 and flat.dtype == np.float32
    assert flat.size == sum(parameter.numel() for parameter in model.decoder.parameters())
    assert [description[key] for key in ("latent_dim", "channels", "height", "width")] == \
        [2, 1, 28, 28]


def test_a_run_on_the_disk_gives_the_same_decoder(finished):
    z = torch.randn(4, 2, generator=torch.Generator().manual_seed(1))
    description, flat = browser_decoder(finished.config(), finished.weights())
    found = run_decoder(description, flat, z.numpy())
    np.testing.assert_allclose(found, load_model(finished).decode_mean(z).detach(), atol=1e-4)


@pytest.mark.parametrize("change", ["a missing bias", "another latent_dim"])
def test_weights_that_do_not_fit_are_one_sentence(make_model, tiny, change):
    model = make_model()
    weights, config = arrays(model), model.config
    if change == "a missing bias":
        del weights["decoder.2.bias"]
    else:
        config = tiny(latent_dim=5)
    with pytest.raises(ValueError, match="fit"):
        browser_decoder(config, weights)
    if change == "another latent_dim":
        with pytest.raises(ValueError, match="fit"):
            browser_encoder(config, weights)


@pytest.mark.slow
@pytest.mark.parametrize(("architecture", "likelihood"), [
    ("mlp", "bernoulli"), ("conv", "gaussian-per-pixel")])
def test_onnx_equals_torch_whatever_the_batch_size(make_model, tmp_path, z, capfd, architecture,
                                                   likelihood):
    model = make_model(architecture=architecture, likelihood=likelihood, latent_dim=3)
    path = tmp_path / "decoder.onnx"
    write_onnx(model, path)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    assert [(port.name, port.type) for port in (*session.get_inputs(), *session.get_outputs())] == \
        [("z", "tensor(float)"), ("mean", "tensor(float)")]
    for batch in (z, z[:1], z.repeat(5, 1)):
        [found] = session.run(None, {"z": batch.numpy()})
        np.testing.assert_allclose(found, model.decode_mean(batch).detach(), atol=1e-4)
    assert [file.name for file in tmp_path.iterdir()] == ["decoder.onnx"]
