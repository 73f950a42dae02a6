"""What is said of a group; pure: settings and facts in, words out. Unknown is "–" with its reason, never 0."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QCoreApplication

from app.panels.tile_words import alert_words, count_words, standing_of
from engine.monitor.facts import CameraFacts, GroupFacts
from engine.settings.config import CameraSettings
from engine.settings.rules import GroupSettings, member_of

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class GroupWords:
    """What is said of a group."""

    name: str
    count: str
    """With its unit, and how many it holds."""
    share: str = ""
    """Of its capacity; empty where that or the count is not known."""
    reason: str = ""
    """Why the count is not known; empty where it is."""
    alert: str = ""
    """The worst alert that is open."""
    is_over: bool = False
    """Whether there are more people than it holds."""

    @property
    def spoken(self) -> str:
        """For a screen reader, and for the list: 'Hall, 123 / 300 people, 41%'."""
        return ", ".join(filter(None, [self.name, self.said]))

    @property
    def said(self) -> str:
        """The same without the name."""
        return ", ".join(filter(None, [self.reason or self.count, self.share, self.alert]))


def group_words(
    group: GroupSettings,
    cameras: Sequence[CameraSettings],
    facts: Mapping[str, CameraFacts],
    now: GroupFacts | None,
) -> GroupWords:
    """Returns what is said of a group.

    Args:
        group: its settings.
        cameras: all that are configured.
        facts: how those are doing that are watched.
        now: what is known of the group; None before its configuration runs.
    """
    people = None if now is None or now.people is None else round(now.people)
    alert = alert_words(now.alerts) if now else ""
    if people is None:
        return GroupWords(group.name, count_words(None), reason=reason_of(group, cameras, facts), alert=alert)
    capacity = group.capacity
    share = f"{people / capacity:.0%}" if capacity else ""
    is_over = capacity is not None and people > capacity
    return GroupWords(group.name, count_words(people, capacity), share, alert=alert, is_over=is_over)


def reason_of(group: GroupSettings, cameras: Sequence[CameraSettings], facts: Mapping[str, CameraFacts]) -> str:
    """Returns why a group's count is not known: 'unknown: north is lost, yard is off'."""
    by_name = {camera.name: camera for camera in cameras}
    zones = {camera.name: [zone.name for zone in camera.zones] for camera in cameras}
    members = dict.fromkeys((member_of(text, zones) or (text, None))[0] for text in group.members)
    reasons = [why for name in members if (why := _why(name, by_name.get(name), facts.get(name)))]
    words = translate("Groups", "unknown: {reasons}")
    return words.format(reasons=", ".join(reasons) or translate("Groups", "nothing is counted yet"))


def _why(name: str, camera: CameraSettings | None, facts: CameraFacts | None) -> str:
    """Returns why nothing is known of a member; empty where something is."""
    if camera is None or not camera.enabled:
        return translate("Groups", "{camera} is switched off").format(camera=name)
    if not camera.counted:
        return translate("Groups", "{camera} is only shown").format(camera=name)
    standing = standing_of(camera, facts)
    if not standing.is_live:
        return translate("Groups", "{camera} is {state}").format(camera=name, state=standing.word)
    if facts is None or facts.newest.people is None:
        return translate("Groups", "{camera} is not counted yet").format(camera=name)
    return ""
