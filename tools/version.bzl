"""The version of cpuagg, in its one place; CHANGELOG.md says what each has."""

VERSION = "1.0.0"

# The day of its release. Files in packages have this date, so that the same tree always gives the
# same bytes.
RELEASE_DATE = "2026-11-26"
