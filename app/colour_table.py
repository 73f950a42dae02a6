"""The colours of the window, dark and light; which of them meet, and how far apart they have to be, is tested."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Colours:
    """One look, as #rrggbb; what stands on which ground is said here and held by a test."""

    dark: bool
    ground: str
    """Behind pictures."""
    window: str
    """Behind plates, tool bar buttons and dialogs."""
    panel: str
    """Of plates, fields, lists, menus."""
    line: str
    """Parts groups; decoration that nobody has to see, and the ground under the mouse."""
    edge: str
    """Borders of controls and handles: seen on window and panel."""
    text: str
    quiet: str
    """Secondary text."""
    faint: str
    """Text of what cannot be used now."""
    accent: str
    """The main curve, links, what is on."""
    accent_ground: str
    """Of buttons and of what is checked, under `text`."""
    focus: str
    """The ring around what has the keyboard."""
    good: str
    """Words and signs, like the next two, on ground, window or panel; never without a word or another shape."""
    warning: str
    problem: str
    warning_ground: str
    """Under `text`."""
    problem_ground: str
    """Under `problem_text`."""
    problem_text: str
    selection: str
    """Under `selection_text`."""
    selection_text: str
    series: tuple[str, str, str, str, str, str, str, str]
    """Of curves on a panel, told apart by colour-blind people too: chosen by search, from those of Okabe and Ito on."""
    plate: str = "#0a0c0f"
    """Under words on a picture, nearly opaque (`PLATE_ALPHA`); the same in both looks, since pictures are."""
    plate_text: str = "#eef2f6"
    plate_quiet: str = "#b4bec9"
    plate_problem: str = "#ff9a90"
    plate_warning: str = "#ffc857"
    plate_good: str = "#56d4a0"


PLATE_ALPHA = 215  # of 255

DARK = Colours(
    dark=True,
    ground="#0f1216",
    window="#171b21",
    panel="#1f252d",
    line="#343d49",
    edge="#7b8794",
    text="#eef2f6",
    quiet="#a9b4c0",
    faint="#8792a0",
    accent="#4cc2ff",
    accent_ground="#17425c",
    focus="#9adcff",
    good="#56d4a0",
    warning="#ffc857",
    problem="#ff8f85",
    warning_ground="#54400a",
    problem_ground="#6b1d24",
    problem_text="#ffecec",
    selection="#2577a9",
    selection_text="#ffffff",
    series=("#0fbbff", "#ffaf03", "#1d8156", "#f3e78b", "#ca5c0a", "#9ba6b5", "#704fff", "#d3fff0"),
)
"""So that the video is the brightest thing in the room."""

LIGHT = Colours(
    dark=False,
    ground="#e1e5ea",
    window="#f3f5f7",
    panel="#ffffff",
    line="#d3d9e0",
    edge="#727d89",
    text="#14181d",
    quiet="#47515b",
    faint="#68737e",
    accent="#00639b",
    accent_ground="#cde6f6",
    focus="#0b57d0",
    good="#0a6240",
    warning="#7c4f00",
    problem="#ab1f18",
    warning_ground="#ffe3a3",
    problem_ground="#fbd9d6",
    problem_text="#5c0f0a",
    selection="#0a66a0",
    selection_text="#ffffff",
    series=("#0082eb", "#ca5c53", "#173648", "#819d08", "#622793", "#b767ac", "#6c3000", "#2514e6"),
)
