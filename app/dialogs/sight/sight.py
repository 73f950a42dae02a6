"""Which part of a picture is seen, and where: between coordinates of the picture and of the screen; pure."""

from dataclasses import dataclass, replace

from engine.picture.polygon import Point

MOST_ZOOM = 16.0
STEP = 1.25  # of the zoom, by a key or a notch of the wheel
MARGIN = 0.03  # of the room around the whole picture, so that corners on its borders can be taken hold of


@dataclass(frozen=True, slots=True)
class Sight:
    """How a picture is seen."""

    room: Point
    """Width and height on the screen, in points."""
    picture: Point
    """Width and height of the whole picture; only their ratio matters."""
    zoom: float = 1.0
    """1 shows all of it."""
    centre: Point = (0.5, 0.5)
    """What of the picture lies in the middle of the room, from 0 to 1."""

    @property
    def scale(self) -> Point:
        """Points of the screen along the picture's whole width and height."""
        fit = min(self.room[0] / self.picture[0], self.room[1] / self.picture[1]) * (1 - 2 * MARGIN) * self.zoom
        return max(self.picture[0] * fit, 1.0), max(self.picture[1] * fit, 1.0)

    def on_screen(self, point: Point) -> Point:
        """Returns where a point of the picture lies on the screen."""
        width, height = self.scale
        return (
            self.room[0] / 2 + (point[0] - self.centre[0]) * width,
            self.room[1] / 2 + (point[1] - self.centre[1]) * height,
        )

    def in_picture(self, place: Point) -> Point:
        """Returns what of the picture lies at a place on the screen; may be outside of 0 to 1."""
        width, height = self.scale
        return (
            self.centre[0] + (place[0] - self.room[0] / 2) / width,
            self.centre[1] + (place[1] - self.room[1] / 2) / height,
        )

    def zoomed(self, factor: float, about: Point | None = None) -> "Sight":
        """Returns it nearer or farther; what lies at a place on the screen stays there, as far as there is picture."""
        about = about or (self.room[0] / 2, self.room[1] / 2)
        held = self.in_picture(about)
        after = replace(self, zoom=min(max(self.zoom * factor, 1.0), MOST_ZOOM))
        width, height = after.scale
        centre = held[0] - (about[0] - self.room[0] / 2) / width, held[1] - (about[1] - self.room[1] / 2) / height
        return after._within(centre)

    def panned(self, by: Point) -> "Sight":
        """Returns it with the picture moved on the screen, as far as there is picture."""
        width, height = self.scale
        return self._within((self.centre[0] - by[0] / width, self.centre[1] - by[1] / height))

    def showing(self, point: Point) -> "Sight":
        """Returns it moved as little as is needed for a point of the picture to be seen."""
        place = self.on_screen(point)
        edges = [(MARGIN * side, (1 - MARGIN) * side) for side in self.room]
        by = [min(max(at, low), high) - at for at, (low, high) in zip(place, edges, strict=True)]
        return self.panned((by[0], by[1])) if any(by) else self

    def fitting(self, *, room: Point, picture: Point) -> "Sight":
        """Returns it in another room, or for a picture of another size."""
        return replace(self, room=(max(room[0], 1.0), max(room[1], 1.0)), picture=picture)._within(self.centre)

    def _within(self, centre: Point) -> "Sight":
        """Returns it with a centre that leaves no more empty room than there has to be."""
        halves = [side / (2 * whole) * (1 - 2 * MARGIN) for side, whole in zip(self.room, self.scale, strict=True)]
        x, y = (0.5 if half >= 0.5 else min(max(at, half), 1.0 - half) for at, half in zip(centre, halves, strict=True))
        return replace(self, centre=(x, y))


def within(point: Point) -> Point:
    """Returns the nearest point of the picture, in shares of it."""
    return min(max(point[0], 0.0), 1.0), min(max(point[1], 0.0), 1.0)
