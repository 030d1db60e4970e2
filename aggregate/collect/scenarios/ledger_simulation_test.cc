// The ledger, played many times over with everything that can happen: after each run the store must
// say exactly what the model knows (aggregate/testing/ledger_world.h). A history that fails is
// shortened, and says how to play it again (acct/testing/histories.h):
//
//   bazel test //aggregate/collect/scenarios:ledger_simulation_test --test_env=SEED=1737
//   --test_env=HISTORIES=1

#include <cstdint>
#include <cstdio>
#include <vector>

#include "acct/testing/histories.h"
#include "aggregate/testing/ledger_steps.h"
#include "aggregate/testing/ledger_world.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::testing::Failures;
using acct::testing::PlayHistories;
using acct::testing::Seeds;
using testing::LedgerCounts;
using testing::LedgerSettings;
using testing::LedgerSettingsOf;
using testing::LedgerStep;
using testing::LedgerSteps;
using testing::LedgerWorld;

TEST(LedgerSimulationTest, TheStoreSaysWhatHappenedWhateverDoes) {
  LedgerCounts counts;
  const Seeds seeds = PlayHistories<LedgerStep>(
      600, LedgerSteps,
      [&](uint64_t seed, const std::vector<LedgerStep>& steps, const Failures& failures) {
        const LedgerSettings settings = LedgerSettingsOf(seed);
        SCOPED_TRACE(settings);
        LedgerWorld world(settings);
        world.Play(steps, failures);
        counts += world.counts();
      });
  if (HasFailure()) return;
  std::printf(
      "%ju histories from seed %ju: %ju runs, %ju records, %ju rotations, %ju records lost and "
      "reported, %ju reboots, %ju clock steps, %ju kills, %ju power cuts, %ju files cut off, %ju "
      "errors, of these %ju "
      "with the snapshot published, %ju merged snapshots and %ju corrections seen, %ju times all "
      "hours and days looked at, %ju times a name, %ju failures of /proc\n",
      seeds.count, seeds.first, counts.runs, counts.records, counts.rotations, counts.lost,
      counts.reboots, counts.clock_steps, counts.kills, counts.power_cuts, counts.cuts,
      counts.errors, counts.published_at_stop, counts.merges, counts.corrections,
      counts.period_checks, counts.named, counts.failed_looks);
  if (seeds.count < 100) return;
  for (const uint64_t count :
       {counts.records, counts.rotations, counts.lost, counts.reboots, counts.clock_steps,
        counts.kills, counts.power_cuts, counts.cuts, counts.errors, counts.published_at_stop,
        counts.merges, counts.corrections, counts.period_checks, counts.named,
        counts.failed_looks}) {
    EXPECT_GT(count, seeds.count / 20);
  }
}

}  // namespace
}  // namespace cpuagg::aggregate
