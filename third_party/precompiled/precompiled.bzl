"""Headers of the system that are parsed once, for the files that are compiled most.

Parsing the headers of the standard library, Abseil and GoogleTest takes about a quarter of the time
of the merged files of a package (//acct:merged_library.bzl, //acct/testing:merged_tests.bzl).
"""

# Where .bazelrc has another level of optimisation than for the files here. gcc takes a precompiled
# header only where its flags are the same. Elsewhere it compiles the header itself, as for a shared
# library.
_OTHER_TESTS = [
    "acct/scan",
    "aggregate/collect/scenarios",
    "aggregate/tally",
]

# clang names the source of the header as an absolute path among what a file depends on, which Bazel
# takes for an undeclared header.
_WITH_CLANG = "//third_party/precompiled:with_clang"

def _for(name):
    return struct(
        copts = select({
            _WITH_CLANG: [],
            "//conditions:default": ["-include", "$(BINDIR)/third_party/precompiled/%s.h" % name],
        }),
        deps = select({
            _WITH_CLANG: [],
            "//conditions:default": ["//third_party/precompiled:" + name],
        }),
    )

_NONE = struct(copts = [], deps = [])

def precompiled_for_tests():
    """Flags and dependencies of the merged tests of this package."""
    package = native.package_name()
    for folder in _OTHER_TESTS:
        if package == folder or package.startswith(folder + "/"):
            return _NONE
    return _for("for_tests")

def precompiled_for_libraries():
    """Flags and dependencies of the merged libraries of this package."""
    return _NONE if "testing" in native.package_name().split("/") else _for("for_libraries")

def _headers_impl(ctx):
    library = ctx.attr.compiled[CcInfo].linking_context.linker_inputs.to_list()[0].libraries[0]
    objects = library.objects or library.pic_objects
    header = ctx.actions.declare_file(ctx.attr.header)
    precompiled = ctx.actions.declare_file(ctx.attr.header + ".gch")
    ctx.actions.symlink(output = header, target_file = ctx.file.source)
    ctx.actions.symlink(output = precompiled, target_file = objects[0])
    return DefaultInfo(files = depset([header, precompiled]))

_headers = rule(
    implementation = _headers_impl,
    attrs = {
        "compiled": attr.label(providers = [CcInfo]),
        "header": attr.string(),
        "source": attr.label(allow_single_file = True),
    },
    doc = "A header, and beside it the object file of a library, where compilers look for it.",
)

def precompiled_headers(name):
    """A library of what `name`.cc includes, compiled with the flags of a source file of this name.

    Args:
      name: of the library and the file.
    """
    source = name + ".cc"

    # The compiler makes a precompiled header, and Bazel believes that it is an object file.
    native.cc_library(
        name = name + "_object",
        srcs = [source],
        copts = ["-x", "c++-header"],
        tags = ["manual"],
        visibility = ["//visibility:private"],
    )
    _headers(
        name = name + "_files",
        compiled = ":%s_object" % name,
        header = name + ".h",
        source = source,
        tags = ["manual"],
        visibility = ["//visibility:private"],
    )
    native.cc_library(
        name = name,
        textual_hdrs = [source, ":%s_files" % name],
        tags = ["manual"],
        visibility = ["//:__subpackages__"],
    )
