#include "aggregate/collect/spread_window.h"

#include <cstdint>

#include "absl/time/time.h"
#include "aggregate/running/accounting_state.h"
#include "aggregate/running/usage_spread.h"
#include "aggregate/snapshot/snapshot.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

constexpr int64_t kLast = 1'700'000'000;
const absl::Time kNow = absl::FromUnixSeconds(kLast + 3600);

Snapshot Last(AccountingState::Kind kind, bool counts_running) {
  Snapshot last;
  last.header.captured_at = absl::FromUnixSeconds(kLast);
  last.header.accounting.kind = kind;
  last.header.counts_running = counts_running;
  return last;
}

TEST(SpreadWindowTest, BeginsWithTheLastRunThatIsKnown) {
  using Kind = AccountingState::Kind;
  const SpreadWindow nothing = WindowSince(nullptr, kNow);
  EXPECT_EQ(nothing.now, kLast + 3600);
  const struct {
    Kind kind;
    bool counts_running;
    bool is_known;
  } cases[] = {{Kind::kOn, false, true},     {Kind::kOn, true, true},
               {Kind::kUnknown, true, true}, {Kind::kUnknown, false, false},
               {Kind::kOff, true, false},    {Kind::kOff, false, false}};
  for (const auto& each : cases) {
    const Snapshot last = Last(each.kind, each.counts_running);
    const SpreadWindow window = WindowSince(&last, kNow);
    EXPECT_EQ(window.now, kLast + 3600);
    if (each.is_known) {
      EXPECT_EQ(window.since, kLast);
    } else {
      EXPECT_EQ(window.since, nothing.since);
    }
  }
}

}  // namespace
}  // namespace cpuagg::aggregate
