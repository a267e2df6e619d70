"""The sections of the theory page, one module each."""

# Name of the module, and in the URL: title in the list.
SECTIONS = {
    "exact": "Exact inference in two dimensions",
    "elbo": "The ELBO three ways",
    "variational": "Variational inference, model fixed",
    "divergence": "KL and supports",
    "sampling": "Estimating p(x) by sampling",
    "objectives": "Three objectives",
    "gradients": "Two gradient estimators",
    "forces": "Bubbles: the forces of the loss",
    "pushforward": "From normal to anything",
    "manifold": "The manifold",
    "likelihood": "What the likelihood assumes",
    "amortization": "Amortization",
    "generation": "Generation, step by step",
    "glossary": "One thing, many names",
}

# What a section was called in links of before.
FORMER_NAMES = {"supports": "divergence", "bubbles": "forces", "anything": "pushforward",
                "naming": "glossary"}
