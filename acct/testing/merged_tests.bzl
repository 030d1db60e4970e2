"""Tests of a package that are compiled together.

Most of the time that a test takes to compile goes into GoogleTest's and Abseil's headers and what
they instantiate. So the test files of a package become one translation unit. Each test remains a
target of its own, which runs the tests of its file alone (merged_main.cc).
"""

_SOURCE = "_source"

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
    """The library of all files of merged_test() above."""
    names = sorted([
        name[:-len(_SOURCE)]
        for name, rule in native.existing_rules().items()
        if rule["kind"] == "cc_library" and name.endswith("_test" + _SOURCE)
    ])
    native.genrule(
        name = "merged_tests_source",
        testonly = True,
        srcs = [name + ".cc" for name in names],
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
        deps = [":" + name + _SOURCE for name in names] + ["//acct/testing:merged_main"],
        alwayslink = True,
    )
