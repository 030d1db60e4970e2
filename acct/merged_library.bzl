"""Libraries of a package that are compiled together.

Two thirds of the time that a source file takes to compile go into the headers of Abseil and protobuf
and what they instantiate. So the source files of a package become one translation unit. Each library
remains a target with its own headers, dependencies and visibility; .ci/unit_dependencies checks that
it names what it includes.
"""

load("//third_party/precompiled:precompiled.bzl", "precompiled_for_libraries")

_UNIT = "_unit"

def _unit_of(dependency):
    """Another library of the package is its unit here, since the merged file needs all of them."""
    is_unit = dependency.startswith(":") and not dependency.endswith("_proto")
    return dependency + _UNIT if is_unit else dependency

def merged_library(name, srcs = [], hdrs = [], deps = [], visibility = None, **kwargs):
    """A cc_library, for merged_libraries() at the end of the BUILD file.

    Args:
      name: the name of the library.
      srcs: its source files. The names in their anonymous namespaces are unique in the package.
      hdrs: its headers.
      deps: what it uses. In the same package it is a merged_library, or ends in "_proto".
      visibility: of the library.
      **kwargs: other attributes of cc_library, for what is linked with the library.
    """
    native.cc_library(
        name = name + _UNIT,
        hdrs = hdrs,
        textual_hdrs = srcs,
        visibility = ["//visibility:private"],
        deps = [_unit_of(dependency) for dependency in deps],
        **kwargs
    )
    native.cc_library(
        name = name,
        visibility = visibility,
        deps = [":" + name + _UNIT, ":merged_libraries"],
    )

def merged_libraries():
    """The one library of all sources of merged_library() above."""
    units = {
        name: rule
        for name, rule in native.existing_rules().items()
        if rule["kind"] == "cc_library" and name.endswith(_UNIT)
    }
    native.genrule(
        name = "merged_libraries_source",
        srcs = sorted([
            source
            for unit in units.values()
            for source in unit["textual_hdrs"]
            if source.endswith(".cc")
        ]),
        outs = ["merged_libraries.cc"],
        cmd = "for source in $(SRCS); do echo \"#include \\\"$$source\\\"\"; done >$@",
        visibility = ["//visibility:private"],
    )
    precompiled = precompiled_for_libraries()
    native.cc_library(
        name = "merged_libraries",
        srcs = ["merged_libraries.cc"],
        copts = precompiled.copts,
        visibility = ["//visibility:private"],
        deps = sorted([":" + name for name in units]) + precompiled.deps,
    )
