"""The hour of the week in which clouds may work on what they run for you: pure."""

from dataclasses import dataclass
from typing import Literal

Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
DAYS: tuple[Day, ...] = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)


@dataclass(frozen=True, kw_only=True)
class MaintenanceHour:
    """An hour that begins at `hour` (0 to 23) UTC on `day`."""

    day: Day
    hour: int

    def before(self, *, hours: int) -> "MaintenanceHour":
        """The hour that begins so many hours earlier."""
        days, hour = divmod(self.hour - hours, 24)
        return MaintenanceHour(day=DAYS[(DAYS.index(self.day) + days) % 7], hour=hour)

    @property
    def daily(self) -> str:
        """As AWS writes a daily window: `03:00-04:00`."""
        return f"{self.hour:02}:00-{(self.hour + 1) % 24:02}:00"

    @property
    def weekly(self) -> str:
        """As AWS writes a weekly window: `sun:03:00-sun:04:00`."""
        end = self.before(hours=-1)
        return f"{self.day[:3]}:{self.hour:02}:00-{end.day[:3]}:{end.hour:02}:00"
