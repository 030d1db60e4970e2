#include "aggregate/running.h"

#include <cstdint>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "acct/process_table.h"
#include "acct/units.h"
#include "aggregate/usage.h"
#include "aggregate/usage_table.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::RunningProcess;
using acct::Uid;

constexpr int64_t kNow = 1'700'000'000;

// The running CPU of each user, in ticks.
std::map<uint32_t, int64_t> RunningOf(const UserBucketTable& usage) {
  std::map<uint32_t, int64_t> sums;
  for (const auto& [key, value] : usage) {
    sums[key.uid.value()] += value.running_user + value.running_system;
  }
  std::erase_if(sums, [](const auto& entry) { return entry.second == 0; });
  return sums;
}

using Sums = std::map<uint32_t, int64_t>;

class RunningTest : public ::testing::Test {
 protected:
  void Update(const acct::ProcessTable* table, const std::vector<ProcessExit>& exits = {},
              int64_t now = kNow) {
    UpdateRunning(
        table, exits, now, [](int64_t time) { return time - time % 3600; }, carry_, usage_);
  }

  RunningCarry carry_;
  UserBucketTable usage_;
};

RunningProcess Job(uint32_t pid, uint64_t start, uint32_t uid, uint64_t user) {
  return {.pid = pid,
          .start_ticks = start,
          .begin_time = kNow - 100,
          .uid = Uid(uid),
          .user_ticks = user,
          .system_ticks = 1};
}

TEST_F(RunningTest, AJobIsSeenWhileItRunsAndNotTwiceAfterItEnds) {
  const acct::ProcessTable first{"boot", {Job(7, 1, 1001, 99)}};
  Update(&first);
  EXPECT_EQ(RunningOf(usage_), (Sums{{1001, 100}}));
  const acct::ProcessTable later{"boot", {Job(7, 1, 1001, 499)}};
  Update(&later);
  EXPECT_EQ(RunningOf(usage_), (Sums{{1001, 500}}));
  const acct::ProcessTable empty{"boot", {}};
  Update(&empty, {{.pid = 7, .begin_time = kNow - 100, .end_time = kNow + 5}});
  EXPECT_EQ(RunningOf(usage_), Sums{});
  EXPECT_TRUE(carry_.processes.empty());
}

TEST_F(RunningTest, AJobThatEndsBetweenScanAndReadingIsItsRecordAlone) {
  const acct::ProcessTable table{"boot", {Job(7, 1, 1001, 99), Job(8, 2, 1002, 9)}};
  Update(&table);
  Update(&table, {{.pid = 7, .begin_time = kNow - 101, .end_time = kNow}});
  EXPECT_EQ(RunningOf(usage_), (Sums{{1002, 10}}));
  // One that nobody had seen before.
  const acct::ProcessTable other{"boot", {Job(8, 2, 1002, 9), Job(9, 3, 1003, 4)}};
  Update(&other, {{.pid = 9, .begin_time = kNow - 99, .end_time = kNow}});
  EXPECT_EQ(RunningOf(usage_), (Sums{{1002, 10}}));
}

TEST_F(RunningTest, AProcessIdUsedAgainIsAnotherProcess) {
  const acct::ProcessTable first{"boot", {Job(7, 1, 1001, 99)}};
  Update(&first, {}, kNow - 50);
  const acct::ProcessTable second{"boot", {Job(7, 500, 1002, 9)}};
  Update(&second, {{.pid = 7, .begin_time = kNow - 100, .end_time = kNow - 40}});
  EXPECT_EQ(RunningOf(usage_), (Sums{{1002, 10}}));
}

TEST_F(RunningTest, WhoVanishesWithoutARecordStaysCounted) {
  const acct::ProcessTable table{"boot", {Job(7, 1, 1001, 99)}};
  Update(&table);
  const acct::ProcessTable empty{"boot", {}};
  Update(&empty);
  EXPECT_EQ(RunningOf(usage_), (Sums{{1001, 100}}));
  EXPECT_TRUE(carry_.processes.empty());
}

TEST_F(RunningTest, ARebootEndsEveryProcess) {
  const acct::ProcessTable before{"boot", {Job(7, 1, 1001, 99), Job(8, 1, 1001, 9)}};
  Update(&before);
  const acct::ProcessTable after{"another boot", {Job(7, 1, 1001, 4)}};
  Update(&after, {{.pid = 8, .begin_time = kNow - 100, .end_time = kNow}});
  EXPECT_EQ(RunningOf(usage_), (Sums{{1001, 100 + 5}}));
}

TEST_F(RunningTest, AnotherUserTakesOverWhatWasCounted) {
  const acct::ProcessTable before{"boot", {Job(7, 1, 0, 99)}};
  Update(&before);
  const acct::ProcessTable after{"boot", {Job(7, 1, 1001, 149)}};
  Update(&after);
  EXPECT_EQ(RunningOf(usage_), (Sums{{1001, 150}}));
}

TEST_F(RunningTest, WithoutATableOnlyWhatEndedIsTakenAway) {
  const acct::ProcessTable table{"boot", {Job(7, 1, 1001, 99), Job(8, 1, 1002, 9)}};
  Update(&table);
  Update(nullptr, {{.pid = 7, .begin_time = kNow - 100, .end_time = kNow}});
  EXPECT_EQ(RunningOf(usage_), (Sums{{1002, 10}}));
  ForgetRunning(0, carry_, usage_);
  EXPECT_EQ(RunningOf(usage_), Sums{});
}

// A machine on which processes begin, use CPU, change users and end, with process ids from a small
// range, reboots, and times without accounting; and a collector that looks at random moments,
// between which and its reading of the file more may happen. After every run, for each user: what
// is counted for running processes and the ticks of all records together are what was used by all
// processes whose records were written, or that run, or that were last seen running and vanished.
class Machine {
 public:
  explicit Machine(uint64_t seed) : random_(seed) {}

  void Live(int steps) {
    for (int i = 0; i < steps; ++i) Step();
  }

  void Collect() {
    const acct::ProcessTable table = Scan();
    const int64_t now = now_;
    for (const auto& [pid, process] : running_) seen_[process.serial] = process;
    Live(static_cast<int>(random_() % 4));
    const absl::flat_hash_set<uint32_t> watched = PidsToWatch(carry_, &table);
    std::vector<ProcessExit> exits;
    for (const ProcessExit& exit : unread_) {
      if (watched.contains(exit.pid)) exits.push_back(exit);
    }
    unread_.clear();
    counted_records_ = written_records_;
    UpdateRunning(
        &table, exits, now, [](int64_t time) { return time - time % 3600; }, carry_, usage_);
    Check();
  }

 private:
  struct Process {
    uint64_t serial;
    RunningProcess seen;
  };

  uint32_t Below(uint32_t limit) { return static_cast<uint32_t>(random_() % limit); }

  void Step() {
    now_ += Below(30);
    for (auto& [pid, process] : running_) {
      process.seen.user_ticks += Below(200);
      process.seen.system_ticks += Below(20);
      if (Below(40) == 0) process.seen.uid = Uid(1000 + Below(3));
    }
    // A process id comes again no sooner than the kernel has been round all others.
    if (running_.size() < 12) {
      const uint32_t pid = 1 + next_pid_++ % 40;
      if (!running_.contains(pid)) {
        running_[pid] = {.serial = serial_++,
                         .seen = {.pid = pid,
                                  .start_ticks = static_cast<uint64_t>(now_ - boot_) * 100,
                                  .begin_time = now_,
                                  .uid = Uid(1000 + Below(3))}};
      }
    }
    if (!running_.empty() && Below(3) == 0) {
      auto ended = running_.begin();
      std::advance(ended, Below(static_cast<uint32_t>(running_.size())));
      const Process& process = ended->second;
      if (is_accounting_) {
        unread_.push_back(
            {.pid = process.seen.pid, .begin_time = process.seen.begin_time, .end_time = now_});
        written_records_[process.seen.uid.value()] += TicksOf(process);
        ended_with_record_.insert(process.serial);
      }
      running_.erase(ended);
    }
    if (Below(60) == 0) is_accounting_ = !is_accounting_;
    if (Below(150) == 0) {
      running_.clear();
      boot_ = now_ + 60;
      now_ = boot_ + 20;
    }
  }

  static int64_t TicksOf(const Process& process) {
    return static_cast<int64_t>(process.seen.user_ticks + process.seen.system_ticks);
  }

  acct::ProcessTable Scan() const {
    acct::ProcessTable table{.boot_id = std::to_string(boot_)};
    for (const auto& [pid, process] : running_) table.processes.push_back(process.seen);
    return table;
  }

  void Check() {
    Sums expected = counted_records_;
    for (const auto& [serial, process] : seen_) {
      if (!ended_with_record_.contains(serial))
        expected[process.seen.uid.value()] += TicksOf(process);
    }
    Sums counted = counted_records_;
    for (const auto& [uid, ticks] : RunningOf(usage_)) counted[uid] += ticks;
    std::erase_if(expected, [](const auto& entry) { return entry.second == 0; });
    std::erase_if(counted, [](const auto& entry) { return entry.second == 0; });
    ASSERT_EQ(counted, expected);
  }

  std::mt19937_64 random_;
  int64_t now_ = kNow;
  int64_t boot_ = kNow - 1000;
  bool is_accounting_ = true;
  uint32_t next_pid_ = 0;
  uint64_t serial_ = 0;
  std::map<uint32_t, Process> running_;
  std::map<uint64_t, Process> seen_;  // as the last scan saw each
  std::set<uint64_t> ended_with_record_;
  std::vector<ProcessExit> unread_;
  Sums written_records_;
  Sums counted_records_;
  RunningCarry carry_;
  UserBucketTable usage_;
};

TEST(RunningSimulationTest, EveryUsersSumIsRecordsAndWhatRuns) {
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    SCOPED_TRACE(seed);
    Machine machine(seed);
    std::mt19937_64 random(seed);
    for (int run = 0; run < 15; ++run) {
      machine.Live(static_cast<int>(random() % 25));
      machine.Collect();
      if (::testing::Test::HasFatalFailure()) return;
    }
  }
}

}  // namespace
}  // namespace cpuagg::aggregate
