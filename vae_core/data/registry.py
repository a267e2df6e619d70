"""DATASETS: every data set by name. A new one of a known kind is a row in the file of its kind."""

from vae_core.data import mnist, synthetic, torchvision_sets
from vae_core.data.dataset import DatasetSpec

DATASETS: dict[str, DatasetSpec] = {
    **mnist.DATASETS, **torchvision_sets.DATASETS, **synthetic.DATASETS}
