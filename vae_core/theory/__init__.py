"""Small models in which what a VAE does has a closed form or an exact value."""
