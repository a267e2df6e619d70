"""vae_core: train, keep and measure (β-)variational autoencoders. No user interface in here."""

__version__ = "0.1.0"
