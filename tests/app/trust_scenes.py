"""What pictures are taken of: how far counts are to be trusted, and the models."""

import numpy as np

from app.dialogs.trust import TrustDialog
from constant import write_constant
from engine.checks.kept import keep, new_uid
from engine.checks.spot_check import SpotCheck
from engine.log.database import open_existing
from engine.paths import default_database, default_models
from stage import SMALL, Stage

CAMERA = "North path"
CHECKED = 12


def trust(stage: Stage) -> None:
    """The dialog without checks, with a proposal, and with a correction in force."""
    stage.open(stage.film(0), stage.film(1))
    stage.counted()
    dialog = _opened(stage)
    stage.shoot("trust-empty", dialog)
    dialog.done(0)
    _check(stage)
    dialog = _opened(stage)
    stage.until(dialog.take.isEnabled)
    stage.shoot("trust", dialog)
    dialog.take.click()
    stage.until(dialog.drop.isEnabled)
    stage.rest(1.0)
    stage.shoot("trust-corrected", dialog)
    dialog.resize(*SMALL)
    stage.shoot("trust-small", dialog)
    dialog.done(0)


def models(stage: Stage) -> None:
    """The models, one of which a camera learnt, and one that is broken."""
    own = default_models() / "Lamp_post"
    own.mkdir(parents=True)
    write_constant(own / "Lamp_post.onnx", people=7.0)
    (own / "Lamp_post-2.onnx").write_bytes(b"none")
    stage.open(stage.film(0), stage.film(1), stage.film(2), stage.film(3))
    stage.counted()
    page = stage.show("setup")
    page.show_list("models")
    tab = page.models_tab
    stage.until(lambda: any(choice.count() > 1 for choice in tab.choices.values()))
    tab.models.choose("light")
    choice = tab.choices["Lamp post"]
    choice.setCurrentIndex(choice.findText("Lamp_post"))
    choice.activated.emit(choice.currentIndex())
    stage.rest(2.0)
    stage.shoot("models")
    tab.models.choose(str(own / "Lamp_post-2.onnx"))
    stage.shoot("models-broken")
    stage.resize(*SMALL)
    stage.shoot("models-small")


def _opened(stage: Stage) -> TrustDialog:
    stage.assembly.on_picture.trust(CAMERA)
    dialog = stage.dialog(TrustDialog)
    stage.until(lambda: dialog._known is not None)
    stage.rest(1.0)
    return dialog


def _check(stage: Stage) -> None:
    """Keeps frames in which there are more than the model counts."""
    engine, model = open_existing(default_database()), stage.assembly.live.model_of(CAMERA)
    for place in range(CHECKED):
        counted = 6.0 + 1.7 * place
        points = tuple(((n + 0.5) / 64, 0.5) for n in range(round(1.3 * counted)))
        facts = CAMERA, 1e9 + place, (90, 160), points, counted, model.name, model.sha256, "Ada"
        keep(engine, SpotCheck(new_uid(), *facts), np.zeros((90, 160, 3), np.uint8))
    engine.dispose()
