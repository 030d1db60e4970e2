"""Libraries of the system as Bazel targets, found with pkg-config."""

def _pkg_config(ctx, flags, packages):
    command = ["pkg-config"] + flags + packages
    result = ctx.execute(command)
    if result.return_code != 0:
        fail("%s failed; run tools/setup.sh\n%s" % (" ".join(command), result.stderr))
    return [word for word in result.stdout.strip().split(" ") if word]

def _split_label(label):
    if ":" in label:
        package, _, name = label.partition(":")
        return package, name
    return label, label.rpartition("/")[2]

def _static(flag):
    if not flag.startswith("-l") or flag in ["-lpthread", "-lrt", "-lm", "-ldl"]:
        return flag
    return "-l:lib" + flag[len("-l"):] + ".a"

_LIBRARY = """
cc_library(
    name = "{name}",
    hdrs = glob({header_globs}, allow_empty = True),
    includes = {includes},
    defines = {defines},
    linkopts = {linkopts},
    visibility = {visibility},
)
"""

def _system_libraries_impl(ctx):
    build_files = {}
    for label, packages in ctx.attr.libraries.items() + ctx.attr.headers_only.items():
        package, name = _split_label(label)
        packages = packages.split(" ")

        # Headers outside the compiler's default path are linked into the repository, because Bazel
        # refuses absolute include paths. They stay system headers (-isystem).
        includes = []
        for flag in _pkg_config(ctx, ["--cflags-only-I"], packages):
            directory = flag[len("-I"):]
            if directory == "/usr/include":
                continue
            linked = "include/" + directory.strip("/").replace("/", "_")
            path = package + "/" + linked if package else linked
            if linked not in includes:
                if not ctx.path(path).exists:
                    ctx.symlink(directory, path)
                includes.append(linked)

        defines = []
        if ctx.attr.defines:
            flags = _pkg_config(ctx, ["--cflags-only-other"], packages)
            defines = [flag[len("-D"):] for flag in flags if flag.startswith("-D")]
        linkopts = _pkg_config(ctx, ["--libs"], packages) if label in ctx.attr.libraries else []
        if ctx.attr.static:
            linkopts = [_static(flag) for flag in linkopts]
        build_files[package] = build_files.get(package, "") + _LIBRARY.format(
            name = name,
            header_globs = repr([include + "/**" for include in includes]),
            includes = repr(includes),
            defines = repr(defines),
            linkopts = repr(linkopts),
            visibility = repr(ctx.attr.used_by),
        )
    for package, content in build_files.items():
        ctx.file(package + "/BUILD.bazel" if package else "BUILD.bazel", content, executable = False)

system_libraries = repository_rule(
    implementation = _system_libraries_impl,
    doc = "One cc_library per entry, carrying the full link line and include path that pkg-config gives.",
    attrs = {
        "libraries": attr.string_dict(
            mandatory = True,
            doc = "label inside this repository -> pkg-config packages, separated by spaces",
        ),
        "headers_only": attr.string_dict(
            doc = "The same, but nothing is linked: for libraries that are loaded at run time.",
        ),
        "used_by": attr.string_list(
            default = ["//visibility:public"],
            doc = "The packages that may use them, as visibility; those of this workspace begin with @cpuagg//.",
        ),
        "defines": attr.bool(
            doc = "Compile with the macros that pkg-config gives: for headers whose classes have other " +
                  "members without them.",
        ),
        "static": attr.bool(
            doc = "Link the archives: for C++ libraries of many small parts, whose loading would take " +
                  "longer than most of what the program does, and where the shared library changes " +
                  "from one release of a distribution to the next.",
        ),
    },
    configure = True,
    local = True,
)
