"""Tests of a package that are compiled together.

Most of the time that a test takes to compile goes into GoogleTest's and Abseil's headers and what
they instantiate. So the test files of a package become one translation unit and one program. Each
test remains a target of its own, which runs the tests of its file alone (merged_main.cc).
"""

load("//third_party/precompiled:precompiled.bzl", "precompiled_for_tests")

_SOURCE = "_source"
_MERGED = "merged-tests"
_PROGRAM = "merged_tests_program"

def _renamed_program_impl(ctx):
    test = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.symlink(output = test, target_file = ctx.executable.program, is_executable = True)
    runfiles = ctx.runfiles(files = ctx.files.data + [ctx.executable.program])
    for data in ctx.attr.data + [ctx.attr.program]:
        runfiles = runfiles.merge(data[DefaultInfo].default_runfiles)
    return DefaultInfo(executable = test, runfiles = runfiles)

_renamed_program_test = rule(
    implementation = _renamed_program_impl,
    attrs = {
        "data": attr.label_list(allow_files = True),
        "program": attr.label(executable = True, cfg = "target"),
    },
    doc = "A test that is a program of another name.",
    test = True,
)

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
    """A test of the one file `name`.cc, for merged_tests() at the end of the BUILD file.

    Args:
      name: the name of the test, and of its file without ".cc".
      srcs: that file. It has all of its names in one anonymous namespace.
      deps: what it uses.
      **kwargs: data, and what each kind of test has, such as size.
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
    _renamed_program_test(
        name = name,
        program = ":" + _PROGRAM,
        **kwargs
    )

def merged_tests():
    """The program of all files of merged_test() and merged_test_library() above."""
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
    precompiled = precompiled_for_tests()
    native.cc_binary(
        name = _PROGRAM,
        testonly = True,
        srcs = ["merged_tests.cc"],
        copts = precompiled.copts,
        visibility = ["//visibility:private"],
        deps = [":" + name for name in sorted(units)] +
               ["//acct/testing:merged_main"] + precompiled.deps,
    )
