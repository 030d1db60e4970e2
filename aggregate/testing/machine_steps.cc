// What happens on a RunningMachine: made at random, and written for whoever reads it.

#include <algorithm>
#include <cstdint>
#include <ostream>
#include <vector>

#include "aggregate/testing/running_machine.h"

namespace cpuagg::aggregate::testing {
namespace {

using acct::testing::Draws;
using What = MachineStep::What;
using When = MachineStep::When;

class Planner {
 public:
  Planner(uint64_t seed, bool hides) : draws_(seed), hides_(hides) {}

  std::vector<MachineStep> Plan() && {
    constexpr int kRuns = 15;
    constexpr uint32_t kLongestPass = 30;
    for (int run = 0; run < kRuns; ++run) {
      Live(draws_.Below(40), kLongestPass);
      Add(What::kCollect, draws_.Below(10));
      when_ = When::kWhileListed;
      Live(draws_.Below(3), 2);
      when_ = When::kWhileScanned;
      Live(draws_.Below(4), kLongestPass);
      when_ = When::kBetween;
    }
    return std::move(steps_);
  }

 private:
  void Add(What what, int64_t amount = 0) {
    steps_.push_back({.what = what, .when = when_, .amount = amount, .draw = draws_.Next()});
  }

  void Live(uint32_t times, uint32_t longest_pass) {
    for (; times > 0; --times) {
      Add(What::kPass, draws_.Below(longest_pass));
      Add(What::kUse);
      if (running_.size() < 8) Begin();
      if (!running_.empty() && draws_.Below(3) == 0) End();
      if (hides_) continue;
      if (draws_.Below(40) == 0) Add(What::kAccounting, is_accounting_ = !is_accounting_);
      if (draws_.Below(200) == 0) Add(What::kSleep, draws_.Below(20'000));
      if (draws_.Below(100) == 0) {
        Add(What::kOtherDay, (draws_.Below(2) == 0 ? 1 : -1) * int64_t{86'400});
      } else if (draws_.Below(60) == 0) {
        const uint32_t most = draws_.Below(2) == 0 ? 600 : 7200;
        Add(What::kSetClock, int64_t{draws_.Below(2 * most)} - most);
      }
      if (draws_.Below(150) == 0 && when_ == When::kBetween) {
        Add(What::kReboot);
        running_.clear();
      }
    }
  }

  // Process ids that are in use are left out.
  void Begin() {
    const int64_t number = next_++;
    const auto has_its_id = [&](int64_t other) { return other % 20 == number % 20; };
    if (std::any_of(running_.begin(), running_.end(), has_its_id)) return;
    running_.push_back(number);
    Add(What::kBegin, number);
  }

  void End() {
    const auto ended = running_.begin() + draws_.Below(static_cast<uint32_t>(running_.size()));
    const uint32_t how = draws_.Below(36);
    const What what = how < 6 ? What::kEndSlowly : how < 11 ? What::kLinger : What::kEnd;
    Add(what, *ended);
    if (what == What::kEnd) running_.erase(ended);
  }

  Draws draws_;
  const bool hides_;
  When when_ = When::kBetween;
  bool is_accounting_ = true;
  int64_t next_ = 0;
  std::vector<int64_t> running_;  // as far as this is known now
  std::vector<MachineStep> steps_;
};

}  // namespace

std::vector<MachineStep> MachineSteps(uint64_t seed, bool hides) {
  return Planner(seed, hides).Plan();
}

std::ostream& operator<<(std::ostream& out, const MachineStep& step) {
  if (step.when == When::kWhileListed) out << "  before /proc is read: ";
  if (step.when == When::kWhileScanned) out << "  after /proc was read: ";
  switch (step.what) {
    case What::kPass:
      return out << step.amount << " s pass";
    case What::kUse:
      return out << "the processes use CPU, and may change user or command";
    case What::kBegin:
      return out << "process " << step.amount << " begins, with id " << 1 + step.amount % 20;
    case What::kEndSlowly:
      return out << "process " << step.amount << " is ending";
    case What::kLinger:
      return out << "process " << step.amount << " is ending, and has a record";
    case What::kEnd:
      return out << "process " << step.amount << " ends";
    case What::kAccounting:
      return out << "accounting is turned " << (step.amount != 0 ? "on" : "off");
    case What::kSleep:
      return out << "the machine sleeps for " << step.amount << " s";
    case What::kSetClock:
      return out << "the clock is set by " << step.amount << " s";
    case What::kOtherDay:
      return out << "the clock is set by " << step.amount << " s, and soon back";
    case What::kReboot:
      return out << "reboot";
    case What::kCollect:
      return out << "collect" << (step.amount == 0 ? ", perhaps without /proc" : "");
  }
  return out;
}

}  // namespace cpuagg::aggregate::testing
