"""What runs behind a window: the document of its configuration, and its engine; nothing of it is drawn."""

from app.order import Order, setup_of
from app.running.document import Document
from app.running.engine import Engine
from app.running.watched import in_force


class Backstage:
    """Is there before the window, so that the model is loaded while the pages are imported and built."""

    def __init__(self, order: Order) -> None:
        """Reads the configuration; what is wrong in it is told by the window."""
        self.document = Document(order.config)
        self.setup = setup_of(in_force(self.document.config, order.given, ()), order.aspect)
        self.engine = Engine(self.setup)

    def close(self) -> None:
        """Ends the engine and waits for it; may be called twice."""
        self.engine.close()
