"""The sections of the theory page, one module each."""

# Name of the module, and in the URL: title in the list.
SECTIONS = {
    "exact": "Exact inference in two dimensions",
    "elbo": "The ELBO three ways",
    "variational": "Variational inference, model fixed",
    "supports": "KL and supports",
    "sampling": "Estimating p(x) by sampling",
    "objectives": "Three objectives",
    "gradients": "Two gradient estimators",
    "bubbles": "Bubbles: the forces of the loss",
    "anything": "From normal to anything",
    "manifold": "The manifold",
    "likelihood": "What the likelihood assumes",
    "amortization": "Amortization",
    "generation": "Generation, step by step",
    "naming": "One thing, many names",
}
