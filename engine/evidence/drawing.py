"""What reports take of matplotlib, which reads where it may keep things when it is imported."""

import os

from engine.paths import cache_folder

os.environ.setdefault("MPLCONFIGDIR", str(cache_folder() / "matplotlib"))

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.textpath import text_to_path
from matplotlib.ticker import MaxNLocator

__all__ = [
    "Figure",
    "FigureCanvasAgg",
    "FontProperties",
    "Line2D",
    "MaxNLocator",
    "PdfPages",
    "Rectangle",
    "findfont",
    "get_font",
    "rc_context",
    "text_to_path",
]  # fmt: skip
