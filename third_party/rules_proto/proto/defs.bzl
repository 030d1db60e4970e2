"""The native proto rules, under the name that Bazel's own tools load them by."""

proto_lang_toolchain = native.proto_lang_toolchain
proto_library = native.proto_library
