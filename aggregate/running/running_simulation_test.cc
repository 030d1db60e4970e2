// Running processes, played many times over: what is counted is what was used. A history that fails
// is shortened, and says how to play it again (acct/testing/histories.h).

#include <cstdint>
#include <vector>

#include "acct/testing/histories.h"
#include "aggregate/testing/running_machine.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::testing::Failures;
using acct::testing::PlayHistories;
using acct::testing::Seeds;
using testing::MachineStep;
using testing::MachineSteps;
using testing::RunningMachine;

TEST(RunningSimulationTest, WhatIsCountedIsWhatRuns) {
  uint64_t unknowable = 0;
  const Seeds seeds = PlayHistories<MachineStep>(
      2000, [](uint64_t seed) { return MachineSteps(seed, /*hides=*/false); },
      [&](uint64_t, const std::vector<MachineStep>& steps, const Failures& failures) {
        if (!RunningMachine(/*hides=*/false).Play(steps, failures)) ++unknowable;
      });
  // Here ids are reused after minutes, and half of the time nothing is recorded.
  if (seeds.count >= 100) {
    EXPECT_LT(unknowable, seeds.count / 8);
  }
}

TEST(RunningSimulationTest, WhoIsHiddenNowAndThenIsCountedOnce) {
  PlayHistories<MachineStep>(
      500, [](uint64_t seed) { return MachineSteps(seed, /*hides=*/true); },
      [](uint64_t, const std::vector<MachineStep>& steps, const Failures& failures) {
        EXPECT_TRUE(RunningMachine(/*hides=*/true).Play(steps, failures));
      });
}

}  // namespace
}  // namespace cpuagg::aggregate
