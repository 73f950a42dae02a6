"""What is answered, as it is described to clients; what is not known is null, never zero.

What recordings, checks and the layout answer stands beside their routes.
"""

from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from engine.alerts.listing import LONGEST_NOTE
from engine.settings.fields import LONGEST_NAME


class Problem(BaseModel):
    """Why a request is not answered."""

    detail: str = Field(description="In a sentence, for people.")


class Order(BaseModel):
    """What somebody sends: nothing but what is described, so that a name that is misspelt is not passed over."""

    model_config = ConfigDict(extra="forbid")


class SessionOrder(Order):
    """What a browser is to keep."""

    token: str = Field(max_length=200)


class SessionAnswer(BaseModel):
    """What whoever asks may do."""

    name: str | None = Field(description="Of the token; null where none is needed.")
    scope: str = Field(description="'read', 'acknowledge' or 'admin'.")


class HealthAnswer(BaseModel):
    """Whether the service does its work; where tokens are needed, `status` is all that is told without one."""

    status: str = Field(description="'ok', 'starting' or 'failing'.")
    problem: str | None = Field(default=None, description="What is wrong, in a sentence; empty where nothing is.")
    version: str | None = None
    uptime_s: float | None = None
    model: str | None = None
    provider: str | None = None
    cameras: int | None = None
    live: int | None = Field(default=None, description="Cameras that send pictures now.")
    overloaded: bool | None = Field(default=None, description="Whether more frames arrive than can be counted.")
    configuration: str | None = Field(
        default=None, description="Why what the file says is not in force; empty where it is."
    )
    log: str | None = Field(default=None, description="What is or will be missing in the log, in a sentence; or empty.")


class ReadyAnswer(BaseModel):
    """Whether cameras are watched as configured."""

    ready: bool


class OpenAlert(BaseModel):
    """An alert that is open."""

    rule: str
    zone: str | None
    severity: str
    since: str
    peak: float | None
    acknowledged_by: str | None


class SuspendedRule(BaseModel):
    """A rule that raises nothing now."""

    owner: str
    rule: str
    until: str
    by: str
    note: str


class RecordingState(BaseModel):
    """How a camera's recording is doing."""

    keep: str
    recording: bool
    bytes: int
    since: str | None
    problem: str
    lost_packets: int


class CameraAnswer(BaseModel):
    """How a camera is doing, and what was counted last."""

    camera: str
    state: str = Field(description="connecting, live, stalled, reconnecting, ended or failed.")
    count: float | None = Field(description="People; null where that is not known.")
    change_p95: float | None = Field(description="People by which the count moves, in 95 % of the readings at most.")
    low: float | None = Field(description="At least so many people with 95 % certainty; null where nobody knows.")
    high: float | None = Field(description="At most so many.")
    reliable: bool | None = Field(description="Whether the count is to be relied on; null without a count.")
    doubt: str = Field(description="Why it is not; empty where it is.")
    zones: dict[str, float | None] = Field(description="Those that are known now.")
    per_m2: dict[str, float | None] = Field(description="People per square metre of zones, where calibrated.")
    areas_m2: dict[str, float | None] = Field(description="Square metres of zones; null up to the horizon.")
    densest_per_m2: float | None = Field(description="In the densest 9 square metres.")
    calibration_problem: str
    counted: bool = Field(description="Whether it is counted, or shown only.")
    capacity: int | None
    offered_fps: float | None
    counted_fps: float | None
    dropped_share: float | None
    latency_p50_s: float | None
    latency_p95_s: float | None
    drops: int
    stalls: int
    reconnects: int
    decode_errors: int
    age_s: float | None = Field(description="Since the newest frame came.")
    condition: str
    tls: str | None
    problem: str
    remark: str
    alerts: list[OpenAlert]
    suspended: list[SuspendedRule]
    recording: RecordingState | None


class CamerasAnswer(BaseModel):
    """All cameras, in the order of the configuration."""

    time: str
    overloaded: bool
    cameras: list[CameraAnswer]


class HistoryAnswer(BaseModel):
    """What was counted over time: bucket i begins i times `step_s` after `begin`; all lists are equally long."""

    camera: str = Field(description="Or the group.")
    zone: str | None
    begin: str
    step_s: int
    mean: list[float | None]
    least: list[float | None]
    most: list[float | None]
    readings: list[int]


class AlertAnswer(BaseModel):
    """One occurrence of a rule."""

    id: int
    uid: str
    owner: str
    zone: str | None
    rule_name: str
    rule: dict[str, Any] = Field(description="As it stood when it was raised.")
    severity: str
    state: str = Field(description="open, cleared or closed.")
    began_at: str
    raised_at: str
    worsened_at: str | None
    cleared_at: str | None
    closed_at: str | None
    peak: float
    peak_at: str
    acknowledged_at: str | None
    acknowledged_by: str | None
    note: str | None
    model_name: str
    model_sha256: str
    snapshot: str | None
    clip: str | None


class AlertsAnswer(BaseModel):
    """Alerts, the newest first."""

    alerts: list[AlertAnswer]


class Acknowledgement(Order):
    """Who has taken care of an alert, or closes it."""

    who: str = Field("", max_length=LONGEST_NAME, description="Empty for the account that the service runs under.")
    note: str = Field("", max_length=LONGEST_NOTE, description="What was done.")


class RuleAnswer(BaseModel):
    """A rule, and its open alert if there is one."""

    owner: str
    rule: str
    said: str
    severity: str | None = Field(description="Of its open alert; null where there is none.")
    since: int | None = Field(description="Seconds since 1970 (UTC).")
    peak: float | None
    acknowledged_by: str | None
    suspended_until: int | None = Field(description="Seconds since 1970 (UTC); null where it is not suspended.")


class SuspensionOrder(Order):
    """For how long a rule is to raise nothing."""

    owner: str = Field(max_length=LONGEST_NAME, description="Camera or group.")
    rule: str = Field(max_length=LONGEST_NAME)
    until: AwareDatetime | None = Field(description="A moment to come; null lets it raise alerts again.")
    who: str = Field("", max_length=LONGEST_NAME, description="Empty for the account that the service runs under.")
    note: str = Field("", max_length=LONGEST_NOTE)


class GroupAnswer(BaseModel):
    """How many people a group has."""

    group: str
    count: float | None = Field(description="People; null where that is not known.")
    alerts: list[OpenAlert]
    suspended: list[SuspendedRule]


class GroupsAnswer(BaseModel):
    """All groups, in the order of the configuration."""

    groups: list[GroupAnswer]


class RulesAnswer(BaseModel):
    """All rules, in the order of the configuration."""

    rules: list[RuleAnswer]
