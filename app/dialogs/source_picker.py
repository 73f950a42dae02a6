"""Where a camera's pictures come from: an address, filled in by a maker's template, a webcam by name, or a file."""

from pathlib import Path

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QSpinBox, QWidget

from app.dialogs.rows import Rows
from app.running.task import Task
from engine.settings.address import Address
from engine.settings.makers import MAKERS, Stream, address_of, small_beside
from engine.sources.webcam import webcams

NETWORK, WEBCAM, PATH = "network", "webcam", "path"
BY_ADDRESS = ""
BOTH = "both"
MOST_CHANNELS = 512
PASTED = 4  # characters that come at once are not typed
SUFFIXES = "*.mp4 *.mkv *.mov *.avi *.webm *.m4v *.mpg *.mpeg *.ts *.mts *.wmv *.flv *.ogv"


class SourcePicker(Rows):
    """Asks for the kind first, then for what that kind needs."""

    changed = pyqtSignal()
    login_found = pyqtSignal(str, str)
    """Who was in an address that was pasted: user and password."""

    def __init__(self, folder: Path) -> None:
        """Takes the folder of the configuration, from which relative paths start."""
        super().__init__()
        self._folder, self._length = folder, 0
        self.kind, self.maker, self.stream = QComboBox(), QComboBox(), QComboBox()
        self.host, self.address, self.path = QLineEdit(), QLineEdit(), QLineEdit()
        self.small, self.suggest = QLineEdit(), QPushButton(self.tr("Su&ggest"))
        self.channel, self.webcam = QSpinBox(), QComboBox()
        self._given: Address | None = None
        self._given_small: Address | None = None
        self._build()
        self._connect()
        self._arrange()

    @property
    def value(self) -> Address | str:
        """The address as a setting takes it; one that nobody touched with all that it holds."""
        text = self._text()
        return self._given if self._given is not None and text == self._given.shown else text

    @property
    def small_value(self) -> Address | str | None:
        """The address of the small stream in the same way; None where there is none."""
        if not self.is_network:
            return None
        if self.maker.currentData() != BY_ADDRESS:
            return self._filled("sub") if self.stream.currentData() == BOTH and not self.problem else None
        text, given = self.small.text().strip(), self._given_small
        return given if given is not None and text == given.shown else text or None

    @property
    def is_network(self) -> bool:
        """Whether a user and a password may be needed."""
        return bool(self.kind.currentData() == NETWORK)

    @property
    def problem(self) -> str:
        """Why no address can be made of what was filled in; empty where it can."""
        if self.is_network and self.maker.currentData() != BY_ADDRESS:
            try:
                self._filled("main")
            except ValueError as error:
                return str(error)
        return ""

    @property
    def name(self) -> str:
        """What the camera could be called; empty where nothing tells."""
        match self.kind.currentData():
            case "webcam":
                return str(self.webcam.currentText())
            case "path":
                return Path(self.path.text().strip()).stem
        host = Address.of(self._text()).host or ""
        return host if host.replace(".", "").isdigit() or ":" in host else host.partition(".")[0]

    def set_value(self, address: Address, small: Address | None = None) -> None:
        """Takes addresses that are configured; their users and passwords are not shown."""
        self._given, self._given_small = address, small
        self.small.setText(small.shown if small else "")
        kind = {"webcam": WEBCAM, "path": PATH}.get(address.kind, NETWORK)
        self.kind.setCurrentIndex(self.kind.findData(kind))
        if kind == WEBCAM:
            self._offer_webcam(address.shown, address.shown)
            self.webcam.setCurrentIndex(self.webcam.findData(address.shown))
        else:
            line = self.path if kind == PATH else self.address
            line.setText(address.shown)
            line.setCursorPosition(0)
        self.changed.emit()

    def focus(self) -> None:
        """Moves to where something is to be filled in."""
        self._asked().setFocus()

    def say_problem(self, words: str) -> None:
        """Says what is wrong with the address, beside what is asked for; nothing for no words."""
        self.clear_faults()
        if words:
            self.say(self._asked(), words)

    def say_small_problem(self, words: str) -> None:
        """Says what is wrong with the address of the small stream, beside it."""
        self.say(self.small if self.maker.currentData() == BY_ADDRESS else self.stream, words)

    def _asked(self) -> QWidget:
        if self.is_network:
            return self.address if self.maker.currentData() == BY_ADDRESS else self.host
        return self.webcam if self.kind.currentData() == WEBCAM else self.path

    def _text(self) -> str:
        match self.kind.currentData():
            case "webcam":
                return str(self.webcam.currentData() or "")
            case "path":
                return self.path.text().strip()
        if self.maker.currentData() == BY_ADDRESS:
            return self.address.text().strip()
        return "" if self.problem else self._filled("sub" if self.stream.currentData() == "sub" else "main")

    def _filled(self, stream: Stream) -> str:
        return address_of(self.maker.currentData(), self.host.text(), channel=self.channel.value(), stream=stream)

    def _build(self) -> None:
        for kind, title in (
            (NETWORK, self.tr("Network camera")),
            (WEBCAM, self.tr("Webcam of this computer")),
            (PATH, self.tr("Recording or folder of pictures")),
        ):
            self.kind.addItem(title, kind)
        self.maker.addItem(self.tr("Any, by its whole address"), BY_ADDRESS)
        for key, maker in MAKERS.items():
            self.maker.addItem(maker.title, key)
        self.stream.addItem(self.tr("Main: large and sharp"), "main")
        self.stream.addItem(self.tr("Both: counts small, records large"), BOTH)
        self.stream.addItem(self.tr("Sub: small, easy on this computer"), "sub")
        self.channel.setRange(1, MOST_CHANNELS)
        self.address.setPlaceholderText("rtsp://camera.local/stream1")
        self.host.setPlaceholderText("192.168.1.20")
        self.add(self.tr("&Source"), self.kind)
        self.add(self.tr("Ma&ker"), self.maker)
        self.add(self.tr("A&ddress"), self.address, self.tr(
            "As its manual or its web page says: rtsp://, http://, rtmp://, udp://, rtp:// or srt://. "
            "Paste it whole; user and password are taken out of it."
        ))  # fmt: skip
        self.suggest.setToolTip(self.tr("The small stream of the address above, by the scheme of its maker (Alt+G)"))
        self.add(self.tr("Sma&ll stream"), self.small, self.tr(
            "Counted and shown instead, at a fraction of the cost; heads must be large enough."
        ), extra=_beneath(self.suggest))  # fmt: skip
        self.add(self.tr("&Host"), self.host, self.tr("Name or number of the camera in the network."))
        self.add(self.tr("Cha&nnel"), self.channel, self.tr("1 for a camera; behind a recorder the camera's number."))
        self.add(self.tr("St&ream"), self.stream)
        self.add(self.tr("&Webcam"), self.webcam)
        self.add(self.tr("&File or folder"), self.path, extra=self._choosers())

    def _choosers(self) -> QWidget:
        file, folder = QPushButton(self.tr("Choose a file…")), QPushButton(self.tr("Choose a folder…"))
        file.clicked.connect(self._choose_file)
        folder.clicked.connect(self._choose_folder)
        return _beneath(file, folder)

    def _connect(self) -> None:
        self.kind.currentIndexChanged.connect(self._arrange)
        self.maker.currentIndexChanged.connect(self._arrange)
        self.suggest.clicked.connect(lambda: self.small.setText(self._suggested() or ""))
        for line in (self.host, self.address, self.small):
            line.textChanged.connect(lambda text, line=line: self._look_for_login(line, text))
            line.editingFinished.connect(lambda line=line: self._take_apart(line))
        for signal in (
            self.host.textChanged, self.address.textChanged, self.small.textChanged, self.path.textChanged,
            self.channel.valueChanged, self.stream.currentIndexChanged, self.webcam.currentIndexChanged,
        ):  # fmt: skip
            signal.connect(lambda *_: self.changed.emit())
        self.changed.connect(lambda: self.suggest.setEnabled(self._suggested() is not None))

    def _arrange(self) -> None:
        network, by_address = self.is_network, self.maker.currentData() == BY_ADDRESS
        self.show_row(self.maker, network)
        for line in (self.address, self.small):
            self.show_row(line, network and by_address)
        for widget in (self.host, self.channel, self.stream):
            self.show_row(widget, network and not by_address)
        self.show_row(self.webcam, self.kind.currentData() == WEBCAM)
        self.show_row(self.path, self.kind.currentData() == PATH)
        if self.kind.currentData() == WEBCAM:
            self._look_for_webcams()
        self.clear_faults()
        self.changed.emit()

    def _look_for_login(self, line: QLineEdit, text: str) -> None:
        """A whole address that is pasted is taken apart at once, one that is typed when it is complete."""
        pasted, self._length = len(text) - self._length >= PASTED, len(text)
        if pasted:
            self._take_apart(line)

    def _take_apart(self, line: QLineEdit) -> None:
        text = line.text().strip()
        if "://" not in text or text in (given.shown for given in (self._given, self._given_small) if given):
            return
        bare, user, password = Address.of(text).without_login()
        if line is self.host:
            self.maker.setCurrentIndex(self.maker.findData(BY_ADDRESS))
            self.host.clear()
            self.address.setText(bare.full)
            self.address.setFocus()
        elif user is not None:
            line.setText(bare.full)
        if user is not None:
            self.login_found.emit(user, password or "")

    def _suggested(self) -> str | None:
        return small_beside(Address.of(self.address.text().strip()))

    def _look_for_webcams(self) -> None:
        self._listing = Task("list of webcams", webcams)
        self._listing.done.connect(self._list_webcams)
        self._listing.start()

    def _list_webcams(self, found: object) -> None:
        assert isinstance(found, list)
        for each in found:
            self._offer_webcam(each.title, each.address)
        if not self.webcam.count():
            self.webcam.setPlaceholderText(self.tr("none is connected"))
            self.say(self.webcam, self.tr("no webcam is connected to this computer; plug one in"))

    def _offer_webcam(self, title: str, address: str) -> None:
        if self.webcam.findData(address) < 0:
            self.webcam.addItem(title, address)

    def _choose_file(self) -> None:
        kinds = f"{self.tr('Videos')} ({SUFFIXES});;{self.tr('All files')} (*)"
        self._take_path(QFileDialog.getOpenFileName(self, self.tr("Choose a recording"), self._start(), kinds)[0])

    def _choose_folder(self) -> None:
        self._take_path(QFileDialog.getExistingDirectory(self, self.tr("Choose a folder of pictures"), self._start()))

    def _start(self) -> str:
        there = self._folder / self.path.text().strip()
        return str(there if there.exists() else self._folder if self._folder.exists() else Path.home())

    def _take_path(self, chosen: str) -> None:
        if chosen:
            self.path.setText(chosen)


def _beneath(*buttons: QPushButton) -> QWidget:
    """Puts buttons in a row of their own."""
    box = QWidget()
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    for button in buttons:
        button.setAutoDefault(False)
        row.addWidget(button)
    row.addStretch(1)
    return box
