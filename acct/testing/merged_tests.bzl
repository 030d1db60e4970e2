"""Tests of a package that are compiled together.

Most of the time that a test takes to compile goes into GoogleTest's and Abseil's headers and what
they instantiate. So the test files of a package become one translation unit. Each test remains a
target of its own, which runs the tests of its file alone (merged_main.cc).
"""

_SOURCE = "_source"
_MERGED = "merged-tests"

def merged_test_library(name, srcs, hdrs, deps):
    """What the merged tests of this package alone share, compiled with them.

    Args:
      name: the name of the library.
      srcs: its source files. Their names are unique among those of the package.
      hdrs: its headers.
      deps: what it uses.
    """
    native.cc_library(
        name = name,
        testonly = True,
        hdrs = hdrs,
        tags = [_MERGED],
        textual_hdrs = srcs,
        visibility = ["//visibility:private"],
        deps = deps,
    )

def merged_test(name, srcs, deps, **kwargs):
    """A cc_test of the one file `name`.cc, for merged_tests() at the end of the BUILD file.

    Args:
      name: the name of the test, and of its file without ".cc".
      srcs: that file. It has all of its names in one anonymous namespace.
      deps: what it uses.
      **kwargs: attributes of cc_test.
    """
    if srcs != [name + ".cc"]:
        fail("merged_test %s must have the file %s.cc" % (name, name))
    native.cc_library(
        name = name + _SOURCE,
        testonly = True,
        tags = [_MERGED],
        textual_hdrs = srcs,
        visibility = ["//visibility:private"],
        deps = deps,
    )
    native.cc_test(
        name = name,
        deps = [":merged_tests"],
        **kwargs
    )

def merged_tests():
    """The library of all files of merged_test() and merged_test_library() above."""
    units = {
        name: rule
        for name, rule in native.existing_rules().items()
        if _MERGED in rule.get("tags", [])
    }
    native.genrule(
        name = "merged_tests_source",
        testonly = True,
        srcs = sorted([source for unit in units.values() for source in unit["textual_hdrs"]]),
        outs = ["merged_tests.cc"],
        cmd = "awk -f $(location //acct/testing:merge_tests.awk) $(SRCS) >$@",
        tools = ["//acct/testing:merge_tests.awk"],
        visibility = ["//visibility:private"],
    )
    native.cc_library(
        name = "merged_tests",
        testonly = True,
        srcs = ["merged_tests.cc"],
        visibility = ["//visibility:private"],
        deps = [":" + name for name in sorted(units)] + ["//acct/testing:merged_main"],
        alwayslink = True,
    )
