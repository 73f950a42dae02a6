import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtWidgets import QApplication, QCheckBox, QComboBox, QDoubleSpinBox, QLabel, QLineEdit, QSpinBox

from app.dialogs.form import Form
from engine.settings.config import CameraSettings, Config, ZoneSettings
from engine.settings.problems import Problem, checked, problems

SECRET = "s3cret"
TRIANGLE = [[0, 0], [1, 0], [1, 1]]
FULL = {
    CameraSettings: {
        "name": "gate",
        "address": f"rtsp://10.0.0.1/x?token={SECRET}",
        "enabled": False,
        "counted": False,
        "on_wall": False,
        "capacity": 7,
        "transport": "udp",
        "user": "guard",
        "password": "keyring",
        "tls_verify": True,
        "tls_ca": "ca.pem",
        "max_fps": 2.125,  # more digits than are shown
        "open_timeout_s": 0.001,
        "read_timeout_s": 7.5,
        "hardware": "auto",
        "aspect": "16:9",
        "grid": "2x3",
        "density_interval_s": "never",
        "smoothing_s": 2.0,
        "motion_gate": True,
        "include": [TRIANGLE],
        "privacy": [TRIANGLE],
        "zones": [{"name": "in", "polygon": TRIANGLE}],
    },
    ZoneSettings: {"name": "in", "polygon": TRIANGLE, "capacity": 3},
    Config: {
        "model": "m.onnx",
        "provider": "cpu",
        "strict_provider": True,
        "alert_weight": 2.0,
        "database": "log.db",
        "cameras": [],
    },
}


@pytest.fixture
def make(qtbot):
    def make(kind, values=None) -> Form:
        form = Form(kind)
        qtbot.addWidget(form)
        form.set_values(values or {})
        form.show()
        return form

    return make


@pytest.mark.parametrize("kind", FULL)
def test_what_nobody_touched_comes_out_as_it_went_in(make, kind):
    settings = checked(kind, FULL[kind], "test")
    assert checked(kind, make(kind, dict(settings)).values(), "test") == settings
    least = {"name": "n", "address": "a.mp4"} if kind is CameraSettings else FULL[kind]
    assert checked(kind, make(kind, least).values(), "test") == checked(kind, least, "test")


@pytest.mark.parametrize("kind", FULL)
def test_every_field_has_a_name_help_and_a_label_that_leads_to_it(make, kind):
    form = make(kind)
    buddies = [label.buddy() for label in form.findChildren(QLabel)]
    assert form.keys == tuple(kind.model_fields)
    for key, field in kind.model_fields.items():
        widget = form.entry(key).widget
        assert (widget.accessibleName(), widget.toolTip()) == (field.title, field.description)
        assert widget in buddies or isinstance(widget, QCheckBox)


def test_no_secret_of_an_address_is_shown(make):
    form = make(CameraSettings, dict(checked(CameraSettings, FULL[CameraSettings], "test")))
    texts = [line.text() for line in form.findChildren(QLineEdit)] + [
        label.text() for label in form.findChildren(QLabel)
    ]
    assert SECRET not in " ".join(texts)


def test_what_is_typed_comes_out_as_toml_has_it(make, qtbot):
    form = make(CameraSettings, {"name": "gate", "address": "a.mp4", "max_fps": 5.0, "capacity": 4})

    def type_into(key, text):
        widget = form.entry(key).widget
        widget.setFocus()
        widget.selectAll()
        qtbot.keyClicks(widget, text)
        qtbot.keyClick(widget, Qt.Key.Key_Return)

    type_into("name", " yard ")
    type_into("capacity", "12")
    type_into("max_fps", "0")
    type_into("read_timeout_s", "99")  # of 60 at most
    type_into("user", "guard")
    qtbot.keyClick(form.entry("enabled").widget, Qt.Key.Key_Space)
    qtbot.keyClick(form.entry("transport").widget, Qt.Key.Key_Down)
    density = form.entry("density_interval_s").widget
    density.setValue(0)
    assert form.values()["density_interval_s"] == 0
    qtbot.keyClick(density, Qt.Key.Key_Down)
    assert density.text() == "never"
    said = form.values()
    assert {key: said.get(key) for key in ("name", "capacity", "max_fps", "enabled", "transport", "user")} == {
        "name": "yard",
        "capacity": 12,
        "max_fps": None,
        "enabled": False,
        "transport": "udp",
        "user": "guard",
    }
    assert said["density_interval_s"] == "never"
    assert 0 < said["read_timeout_s"] <= 60
    assert form.entry("max_fps").widget.text() == "not set"
    assert problems(CameraSettings, {**said, "user": None}, "test") == ()


def test_bounds_and_units_are_those_of_the_settings(make):
    form = make(CameraSettings)
    rate, capacity = form.entry("max_fps").widget, form.entry("capacity").widget
    assert isinstance(rate, QDoubleSpinBox)
    assert isinstance(capacity, QSpinBox)
    assert (rate.maximum(), rate.suffix(), capacity.suffix()) == (240, " per second", " people")
    hardware = form.entry("hardware").widget
    assert isinstance(hardware, QComboBox)
    assert [hardware.itemText(i) for i in range(hardware.count())] == ["off", "auto", "vaapi", "cuda", "videotoolbox"]


def test_what_is_wrong_stands_beside_its_field_and_is_heard_with_it(make):
    form = make(CameraSettings, {"name": "gate", "address": "rtsp://h/x", "aspect": "16/9", "grid": "9x9"})
    found = problems(CameraSettings, form.values(), "test")
    other = Problem(("cameras",), "twice", "twice")
    assert form.show_problems([*found, other]) == (other,)
    faults = [label.text() for label in form.findChildren(QLabel) if label.isVisible() and label.text().startswith("⚠")]
    assert len(faults) == 2
    assert "expected auto, or width:height" in faults[0]
    assert "expected auto" in form.entry("aspect").widget.accessibleDescription()
    assert form.focus_first_fault()
    assert form.focusWidget() is form.entry("aspect").widget
    form.show_problems(())
    assert not form.focus_first_fault()


def test_a_wheel_that_passes_over_a_field_changes_nothing(make):
    form = make(CameraSettings, {"max_fps": 5.0})
    widget = form.entry("max_fps").widget
    form.entry("name").widget.setFocus()
    where, by = QPointF(widget.rect().center()), QPoint(0, 120)
    up, nothing = Qt.ScrollPhase.NoScrollPhase, Qt.KeyboardModifier.NoModifier
    event = QWheelEvent(where, where, by, by, Qt.MouseButton.NoButton, nothing, up, False)
    QApplication.sendEvent(widget, event)
    assert form.values()["max_fps"] == 5.0
