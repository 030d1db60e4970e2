"""A fuzzer, and its corpus as a test."""

def fuzzer(name, deps, corpus):
    """Makes `name` of `name`.cc, and `name`_test.

    Args:
      name: a libFuzzer binary, which only --config=fuzz can link (.ci/fuzz); `name`_test is an
        ordinary test, which replays the corpus and what is near it.
      deps: what `name`.cc uses.
      corpus: the files to begin with.
    """
    native.cc_binary(
        name = name,
        testonly = True,
        srcs = [name + ".cc"],
        linkopts = ["-fsanitize=fuzzer"],
        tags = [
            "fuzzer",
            "manual",
        ],
        deps = deps,
    )
    native.cc_test(
        name = name + "_test",
        size = "medium",
        srcs = [name + ".cc"],
        args = ["$(rootpaths %s)" % corpus],
        data = [corpus],
        deps = deps + ["//acct/testing:fuzz_replay_main"],
    )
