"""Packages: what a script makes of files, under a name with version and architecture."""

load("//tools:version.bzl", "RELEASE_DATE", "VERSION")

def _package_impl(ctx):
    name = ctx.attr.file_name.format(version = ctx.attr.version, architecture = ctx.attr.architecture)
    package = ctx.actions.declare_file(name)
    ctx.actions.run(
        executable = ctx.executable.script,
        inputs = ctx.files.srcs,
        tools = [ctx.file._layout],
        outputs = [package],
        arguments = [package.path, ctx.attr.version, RELEASE_DATE, ctx.attr.architecture] + [file.path for file in ctx.files.srcs],
        use_default_shell_env = True,
        mnemonic = "Package",
    )
    return [DefaultInfo(
        files = depset([package]),
        runfiles = ctx.runfiles(files = [package]),
    )]

package_file = rule(
    implementation = _package_impl,
    doc = "Runs `script OUT VERSION RELEASE_DATE ARCHITECTURE FILE…`.",
    attrs = {
        "script": attr.label(
            mandatory = True,
            executable = True,
            allow_single_file = True,
            cfg = "exec",
        ),
        "srcs": attr.label_list(
            mandatory = True,
            allow_files = True,
        ),
        "file_name": attr.string(
            mandatory = True,
            doc = "The package's name, with {version} and {architecture}.",
        ),
        "version": attr.string(default = VERSION),
        "architecture": attr.string(
            mandatory = True,
            doc = "As `dpkg --print-architecture` says it.",
        ),
        "_layout": attr.label(
            default = "layout.sh",
            allow_single_file = True,
            cfg = "exec",
        ),
    },
)
