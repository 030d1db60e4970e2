"""The version of cpuagg, in its one place; CHANGELOG.md says what each has."""

VERSION = "1.0.0"
