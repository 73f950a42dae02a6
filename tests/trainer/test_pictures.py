"""Every kind of picture file becomes the same RGB picture, and a damaged one is named."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from trainer.datasets import Annotated, open_dataset
from trainer.datasets.pictures import ORIENTATIONS, picture_files, read_picture
from trainer.errors import TrainerError
from trainer.evaluation.tiling import cut
from trainer.tiles.crops import Sampler
from trainer.tiles.plan import CropConfig

HEIGHT, WIDTH = 40, 56


def scene() -> Image.Image:
    """Draws four grey fields, dark in the upper left corner, so that every turn shows."""
    pixels = np.full((HEIGHT, WIDTH, 3), 200, np.uint8)
    pixels[:20, :28], pixels[:20, 28:], pixels[20:, :28] = 20, 80, 140
    return Image.fromarray(pixels)


def deep(image: Image.Image) -> Image.Image:
    return Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)


def see_through(image: Image.Image) -> Image.Image:
    above = image.convert("RGBA")
    above.putalpha(255)
    return above


KINDS: dict[str, tuple[str, Callable[[Image.Image], Image.Image]]] = {
    "JPEG": ("a.jpg", lambda image: image),
    "JPEG with capital ending": ("a.JPG", lambda image: image),
    "grey JPEG": ("a.jpg", lambda image: image.convert("L")),
    "CMYK JPEG": ("a.jpg", lambda image: image.convert("CMYK")),
    "PNG": ("a.png", lambda image: image),
    "16-bit PNG": ("a.png", deep),
    "16-bit TIFF": ("a.tif", deep),
    "palette": ("a.png", lambda image: image.quantize(16)),
    "alpha": ("a.png", see_through),
    "grey with alpha": ("a.png", lambda image: see_through(image).convert("LA")),
    "black and white": ("a.png", lambda image: image.convert("L").point(lambda v: 255 * (v > 110)).convert("1")),
    "WebP": ("a.webp", lambda image: image),
    "BMP": ("a.bmp", lambda image: image),
}


@pytest.mark.parametrize(("name", "kind"), KINDS.values(), ids=KINDS.keys())
def test_every_kind_of_file_is_rgb(tmp_path: Path, name: str, kind: Callable[[Image.Image], Image.Image]) -> None:
    kind(scene()).save(tmp_path / name)
    pixels = read_picture(tmp_path / name).pixels
    assert pixels.shape == (HEIGHT, WIDTH, 3)
    assert pixels.dtype == np.uint8
    expected = (0, 255) if kind(scene()).mode == "1" else (20, 200)
    assert pixels[10, 14].tolist() == pytest.approx([expected[0]] * 3, abs=6)
    assert pixels[30, 42].tolist() == pytest.approx([expected[1]] * 3, abs=6)
    assert picture_files(tmp_path) == [tmp_path / name]


def test_see_through_pixels_lie_on_white(tmp_path: Path) -> None:
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(tmp_path / "a.png")
    assert read_picture(tmp_path / "a.png").pixels.min() == 255


@pytest.mark.parametrize("number", ORIENTATIONS)
def test_a_turned_picture_is_upright_and_its_points_turn_with_it(tmp_path: Path, number: int) -> None:
    image = Image.new("L", (WIDTH, HEIGHT))
    image.putpixel((5, 11), 255)
    exif = image.getexif()
    exif[0x0112] = number
    image.save(tmp_path / "a.png", exif=exif)
    picture = read_picture(tmp_path / "a.png")
    assert picture.stored_size == (HEIGHT, WIDTH)
    height, width = picture.pixels.shape[:2]
    assert (height, width) == ((HEIGHT, WIDTH) if number < 5 else (WIDTH, HEIGHT))
    points = picture.orientation.turned(np.array([[5.5, 11.5], [0, 0]], np.float32), height, width)
    x, y = points[0].astype(int)
    assert picture.pixels[y, x].min() == 255
    assert (points >= 0).all()
    assert (points < (width, height)).all()


def test_pillow_turns_pictures_the_same_way(tmp_path: Path) -> None:
    from PIL import ImageOps

    for number in ORIENTATIONS:
        image = scene()
        exif = image.getexif()
        exif[0x0112] = number
        image.save(tmp_path / "a.png", exif=exif)
        with Image.open(tmp_path / "a.png") as stored:
            theirs = np.asarray(ImageOps.exif_transpose(stored))
        np.testing.assert_array_equal(read_picture(tmp_path / "a.png").pixels, theirs)


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "no picture": lambda data: b"this is a text",
    "only a head": lambda data: data[:20],
    "cut off": lambda data: data[: len(data) // 2],
    "without its end": lambda data: data[:-40],
}


@pytest.mark.parametrize("ending", [".jpg", ".png", ".bmp", ".tif", ".webp"])
@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_picture_is_named_in_one_sentence(
    tmp_path: Path, ending: str, damage: Callable[[bytes], bytes]
) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (64, 64, 3), np.uint8)
    path = tmp_path / f"a{ending}"
    Image.fromarray(noise).save(path)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(TrainerError, match=rf"picture .*a\{ending} cannot be read, is it whole\? .+") as caught:
        read_picture(path)
    assert "\n" not in str(caught.value)


def test_floating_point_numbers_are_refused(tmp_path: Path) -> None:
    Image.fromarray(np.full((9, 9), 0.5, np.float32)).save(tmp_path / "a.tif")
    with pytest.raises(TrainerError, match=r"a.tif holds floating-point numbers, of which nobody says what is white"):
        read_picture(tmp_path / "a.tif")


def test_a_missing_picture_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainerError, match=r"picture .*a.jpg does not exist"):
        read_picture(tmp_path / "a.jpg")


@pytest.mark.parametrize("size", [(1, 1), (30, 40), (383, 511), (900, 12_000)], ids=str)
def test_pictures_of_any_size_give_training_tiles_and_whole_grids(tmp_path: Path, size: tuple[int, int]) -> None:
    height, width = size
    Image.new("RGB", (width, height), "grey").save(tmp_path / "a.jpg")
    (tmp_path / "a.csv").write_text(f"x,y\n{width / 2},{height / 2}\n{width - 0.1},{height - 0.1}\n")
    annotated = open_dataset(tmp_path)[0]
    assert annotated.picture.shape == (height, width, 3)
    batch = Sampler([annotated], 1, 2, CropConfig(scale_jitter=1.5)).batch(0)
    assert batch.tiles.shape == (2, 384, 512, 3)
    assert batch.counts.tolist() == pytest.approx([m.sum().item() for m in batch.maps[8]], abs=1e-4)
    assert cut(annotated.picture).shape[1:] == (384, 512, 3)


def test_a_grey_picture_is_the_same_however_it_was_stored(tmp_path: Path) -> None:
    found: list[Annotated] = []
    for name, kind in (("a.png", lambda image: image), ("b.png", deep), ("c.png", see_through)):
        kind(scene()).save(tmp_path / name)
        (tmp_path / name).with_suffix(".csv").write_text("x,y\n")
    dataset = open_dataset(tmp_path)
    found = [dataset[index] for index in range(3)]
    for other in found[1:]:
        np.testing.assert_array_equal(other.picture, found[0].picture)
