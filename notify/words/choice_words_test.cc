#include "notify/words/choice_words.h"

#include <csignal>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "acct/record/exit_code.h"
#include "aggregate/tally/process_choice.h"
#include "gtest/gtest.h"

namespace cpuagg::notify {
namespace {

using aggregate::ProcessChoice;

std::string PhraseOf(const ProcessChoice& choice) {
  const std::vector<std::string> phrases = ProcessPhrases(choice, absl::FixedTimeZone(3600));
  EXPECT_EQ(phrases.size(), 1u);
  return phrases.empty() ? "" : phrases[0];
}

TEST(ChoiceWordsTest, EachWishHasAPhrase) {
  EXPECT_EQ(PhraseOf({.pid = 2367}), "process 2367");
  EXPECT_EQ(PhraseOf({.parent = 812}), "children of process 812");
  EXPECT_EQ(PhraseOf({.tty = 0}), "processes without a terminal");
  EXPECT_EQ(PhraseOf({.tty = 0x8803}), "processes of pts/3");
  EXPECT_EQ(PhraseOf({.status = 0}), "processes with status 0");
  EXPECT_EQ(PhraseOf({.signal = ProcessChoice::kAnySignal}), "processes ended by a signal");
  EXPECT_EQ(PhraseOf({.signal = SIGSEGV}), "processes ended by SEGV");
  EXPECT_EQ(PhraseOf({.has_failed = true}), "processes that failed");
  EXPECT_EQ(PhraseOf({.flags = acct::kCoreFlag}), "processes with a core dump");
  EXPECT_EQ(PhraseOf({.flags = acct::kSuperuserFlag}), "processes with the rights of root");
  EXPECT_EQ(PhraseOf({.flags = acct::kForkFlag}), "processes that executed nothing");
  EXPECT_EQ(PhraseOf({.min_cpu = absl::Hours(1)}), "processes of at least 1h 00m of CPU time");
  EXPECT_EQ(PhraseOf({.min_elapsed = absl::Minutes(90)}), "processes of at least 1h 30m");
  EXPECT_EQ(PhraseOf({.at = absl::FromUnixSeconds(1'795'348'800)}),
            "processes running at 2026-11-22 13:00");
}

TEST(ChoiceWordsTest, SizesAreInTheirLargestUnit) {
  EXPECT_EQ(PhraseOf({.min_memory_kib = 300}), "processes of at least 300 KiB");
  EXPECT_EQ(PhraseOf({.min_memory_kib = 1025}), "processes of at least 1,025 KiB");
  EXPECT_EQ(PhraseOf({.min_memory_kib = 512 << 10}), "processes of at least 512 MiB");
  EXPECT_EQ(PhraseOf({.min_memory_kib = 4 << 20}), "processes of at least 4 GiB");
}

TEST(ChoiceWordsTest, SeveralWishesAreSeveralPhrases) {
  EXPECT_TRUE(ProcessPhrases({}, absl::UTCTimeZone()).empty());
  EXPECT_EQ(ProcessPhrases({.signal = SIGKILL, .flags = acct::kCoreFlag | acct::kForkFlag},
                           absl::UTCTimeZone()),
            (std::vector<std::string>{"processes ended by KILL", "processes with a core dump",
                                      "processes that executed nothing"}));
}

}  // namespace
}  // namespace cpuagg::notify
