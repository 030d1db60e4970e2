#include "acct/testing/histories.h"

#include <algorithm>
#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "acct/testing/sanitized.h"

namespace cpuagg::acct::testing {
namespace {

uint64_t FromEnvironment(const char* name, uint64_t fallback) {
  const char* const text = std::getenv(name);
  if (text == nullptr) return fallback;
  uint64_t number = 0;
  EXPECT_TRUE(absl::SimpleAtoi(text, &number)) << name << "=" << text << " is not a number";
  return number;
}

// A sanitizer looks for faults that are in many histories, and is slow.
uint64_t Share(uint64_t count) {
  constexpr uint64_t kLeast = 4;
  return LessIfProgramIsSanitized(count, std::min(count, std::max(count / 20, kLeast)));
}

// The command that plays a history again: Bazel's, or for a test that runs without it the
// environment.
std::string CommandFor(uint64_t seed) {
  const ::testing::TestInfo* const test = ::testing::UnitTest::GetInstance()->current_test_info();
  const std::string name = absl::StrCat(test->test_suite_name(), ".", test->name());
  const char* const target = std::getenv("TEST_TARGET");
  if (target == nullptr) {
    return absl::StrCat("SEED=", seed, " HISTORIES=1, with --gtest_filter=", name);
  }
  const std::string sanitizer(SanitizerOfProgram());
  const std::string config = sanitizer.empty() ? "" : absl::StrCat("--config=", sanitizer, " ");
  return absl::StrCat("bazel test ", config, target, " --test_filter=", name,
                      " --test_env=SEED=", seed, " --test_env=HISTORIES=1");
}

}  // namespace

std::string Failures::Place() const {
  if (!any()) return "";
  const ::testing::TestPartResult& first = results_.GetTestPartResult(0);
  return absl::StrCat(first.file_name() == nullptr ? "" : first.file_name(), ":",
                      first.line_number());
}

std::string Failures::First() const {
  if (!any()) return "";
  return absl::StrCat(Place(), ": ", results_.GetTestPartResult(0).message());
}

std::ostream& operator<<(std::ostream& out, const Piece& piece) {
  return out << piece.bytes.size() << " bytes: " << absl::BytesToHexString(piece.bytes);
}

std::string Joined(const std::vector<Piece>& pieces) {
  std::string bytes;
  for (const Piece& piece : pieces) bytes += piece.bytes;
  return bytes;
}

Seeds ChosenSeeds(uint64_t count) {
  return {.first = FromEnvironment("SEED", 1), .count = FromEnvironment("HISTORIES", Share(count))};
}

int ChosenReplays() {
  return static_cast<int>(FromEnvironment("REPLAYS", static_cast<uint64_t>(kMostReplays)));
}

std::string TextOf(const FailedHistory& failed) {
  std::string text = absl::StrCat("The history of seed ", failed.seed, " fails. Again:\n  ",
                                  CommandFor(failed.seed), "\n");
  if (failed.replays == 0) return absl::StrCat(text, "What fails: ", failed.fault);
  if (failed.shortest_fault.empty()) {
    absl::StrAppend(&text, "It did not fail when it was played a second time. All of its ",
                    failed.all, " steps:\n");
  } else {
    absl::StrAppend(
        &text,
        failed.is_minimal ? "The shortest history that fails like it has "
                          : "The shortest history found that fails like it has ",
        failed.shortest.size(), " of its ", failed.all, " steps (", failed.replays, " replays",
        failed.is_minimal ? "" : ", which did not suffice; REPLAYS=N allows more", "):\n");
  }
  for (const std::string& step : failed.shortest) absl::StrAppend(&text, "  ", step, "\n");
  return absl::StrCat(
      text, "What fails: ", failed.shortest_fault.empty() ? failed.fault : failed.shortest_fault);
}

}  // namespace cpuagg::acct::testing
