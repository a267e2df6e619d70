"""Trade-off: every model in the rate–distortion plane, and a sweep over β, model by model."""

from ui import runs
from ui.tradeoff import page

runs.require_registry()
page.show()
