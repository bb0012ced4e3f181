"""Version numbers and weekly windows, as AWS writes them: pure."""

import re

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = 24 * 60
_WEEK = 7 * _DAY
_WINDOW = re.compile(r"(?:(\w{3}):)?(\d\d):(\d\d)-(?:(\w{3}):)?(\d\d):(\d\d)")


def parts(version: str) -> tuple[int, ...]:
    """The numbers that a version begins with: 17.4 as (17, 4), 6.x as (6,)."""
    found = re.match(r"\d+(\.\d+)*", version)
    return tuple(int(it) for it in found[0].split(".")) if found else ()


def lower(version: str, than: str) -> bool:
    """Whether a version is before another, as far as both tell."""
    mine, others = parts(version), parts(than)
    shared = min(len(mine), len(others))
    return mine[:shared] < others[:shared]


def minutes(window: str, *, weekly: bool) -> tuple[int, int] | None:
    """When a window of the week begins, in minutes from Monday 00:00, and how long it is.

    A daily window is taken as one of Monday. None if it is not written as AWS writes it.
    """
    found = _WINDOW.fullmatch(window.lower())
    if found is None:
        return None
    day, hour, minute, last_day, last_hour, last_minute = found.groups()
    if weekly != (day in _DAYS and last_day in _DAYS) or (not weekly and (day or last_day)):
        return None
    start = _clock(day if weekly else None, hour, minute)
    end = _clock(last_day if weekly else None, last_hour, last_minute)
    if start is None or end is None:
        return None
    return start, (end - start) % (_WEEK if weekly else _DAY)


def _clock(day: str | None, hour: str, minute: str) -> int | None:
    if int(hour) > 23 or int(minute) > 59:
        return None
    return (_DAYS.index(day) if day else 0) * _DAY + int(hour) * 60 + int(minute)


def overlap(daily: tuple[int, int], weekly: tuple[int, int]) -> bool:
    """Whether a window of every day meets one of the week."""
    start, length = weekly
    for day in range(7):
        begin = daily[0] + day * _DAY
        if (start - begin) % _WEEK < daily[1] or (begin - start) % _WEEK < length:
            return True
    return False


def window_fault(
    daily: tuple[str, str | None], weekly: tuple[str, str | None], shortest: int
) -> str | None:
    """What is wrong with two windows, each with the name of its input; `shortest` is in minutes."""
    found: list[tuple[int, int]] = []
    for (path, text), of_the_week in ((daily, False), (weekly, True)):
        if text is None:
            continue
        window = minutes(text, weekly=of_the_week)
        example = "sun:03:00-sun:04:00" if of_the_week else "03:00-04:00"
        if window is None:
            return f"{path} is {text!r}; allowed: a window in UTC such as {example}"
        if window[1] < shortest:
            return f"{path} is {text!r}; allowed: {shortest} minutes or more"
        found.append(window)
    if len(found) == 2 and overlap(*found):
        return f"{daily[0]} {daily[1]} and {weekly[0]} {weekly[1]} overlap; they may not"
    return None
