// The main function of a test of merged_tests.bzl: runs the tests of the file that the program is
// named after.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace {

// A filter of GoogleTest for the tests in `file`; empty if there are none.
std::string FilterFor(absl::string_view file) {
  const ::testing::UnitTest& all = *::testing::UnitTest::GetInstance();
  std::string filter;
  for (int at = 0; at < all.total_test_suite_count(); ++at) {
    const ::testing::TestSuite& suite = *all.GetTestSuite(at);
    for (int of_suite = 0; of_suite < suite.total_test_count(); ++of_suite) {
      const ::testing::TestInfo& test = *suite.GetTestInfo(of_suite);
      if (!absl::EndsWith(test.file(), file)) continue;
      absl::StrAppend(&filter, filter.empty() ? "" : ":", suite.name(), ".", test.name());
    }
  }
  return filter;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string program = argv[0];
  ::testing::InitGoogleMock(&argc, argv);
  const std::string file = absl::StrCat("/", program.substr(program.rfind('/') + 1), ".cc");
  const std::string filter = FilterFor(file);
  if (filter.empty()) {
    std::cerr << program << ": has no tests of a file " << file << "\n";
    return 1;
  }
  // What --test_filter or --gtest_filter chooses counts.
  if (GTEST_FLAG_GET(filter) == "*") GTEST_FLAG_SET(filter, filter);
  return RUN_ALL_TESTS();
}
