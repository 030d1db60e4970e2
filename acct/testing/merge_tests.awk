# Joins test files into one translation unit: awk -f merge_tests.awk a_test.cc b_test.cc >tests.cc
# (merged_tests.bzl). The headers, which take most of the time, are compiled once. The contents of
# each test's anonymous namespace move into a namespace of that file, so that equal names do not
# meet. What tests share uses its own from outside, and stays as it is. Compilers name the original
# files and lines.

FNR == 1 {
  file = FILENAME
  is_test = file ~ /_test\.cc$/
  inside = file
  gsub(/[^A-Za-z0-9]/, "_", inside)
  has_begun = 0
}
/^#include / {
  if (!($0 in is_included)) {
    is_included[$0] = 1
    headers = headers $0 "\n"
  }
  if (has_begun) body = body "\n"
  next
}
!has_begun {
  has_begun = 1
  body = body "#line " FNR " \"" file "\"\n"
}
is_test && $0 == "namespace {" { $0 = "namespace " inside " { namespace {" }
is_test && $0 == "}  // namespace" { $0 = "} }" }
{ body = body $0 "\n" }
END { printf "%s%s", headers, body }
