#include "aggregate/testing/ledger_steps.h"

#include <utility>

#include "acct/testing/histories.h"

namespace cpuagg::aggregate::testing {
namespace {

using acct::testing::Draws;
using Stop = CrashingFiles::Stop;
using What = LedgerStep::What;
using When = LedgerStep::When;

class Planner {
 public:
  explicit Planner(uint64_t seed)
      : draws_(seed), settings_(LedgerSettingsOf(seed)), checks_every_period_(seed % 100 == 0) {}

  std::vector<LedgerStep> Plan() && {
    // Years of rotations before the first run.
    if (settings_.scheme->kept > 100 && Below(4) == 0) {
      for (uint32_t rotations = 110 + Below(200); rotations > 0; --rotations) {
        Live(1 + Below(2));
        Add(What::kRotate);
        Add(What::kReopen);
      }
    }
    constexpr int kRuns = 12;
    for (int run = 0; run < kRuns; ++run) {
      Live(Below(30));
      // Nobody uses the machine for some days, or the collector is late.
      if (Below(6) == 0) Add(What::kPass, int64_t{86'400} * Below(8));
      Collect(/*is_last=*/run == kRuns - 1);
      if (settings_.is_cut_off && Below(4) == 0) Add(What::kCutOff, Below(2));
    }
    return std::move(steps_);
  }

 private:
  uint32_t Below(uint32_t limit) { return draws_.Below(limit); }

  void Add(What what, int64_t amount = 0) {
    steps_.push_back({.what = what,
                      .when = when_,
                      .attempt = attempt_,
                      .amount = amount,
                      .draw = draws_.Next()});
  }

  void Live(uint32_t times) {
    for (; times > 0; --times) {
      Add(What::kPass, Below(Below(10) == 0 ? 20'000 : 300));
      Add(What::kWork);
      if (running_.size() < 12) {
        running_.push_back(next_);
        Add(What::kBegin, next_++);
      }
      if (!running_.empty() && Below(2) == 0) {
        const auto ended = running_.begin() + Below(static_cast<uint32_t>(running_.size()));
        Add(What::kEnd, *ended);
        running_.erase(ended);
      }
      ChangeFiles();
      if (Below(80) == 0) Add(What::kAccounting, is_accounting_ = !is_accounting_);
      if (Below(100) == 0 && !settings_.is_cut_off) {
        Add(What::kSetClock, int64_t{Below(40'000)} - 20'000);
      }
      if (Below(200) == 0 && when_ == When::kBetween) {
        Add(What::kReboot);
        running_.clear();
        is_accounting_ = true;
      }
    }
  }

  void ChangeFiles() {
    if (Below(12) == 0) Add(What::kRotate);
    if (Below(4) == 0) Add(What::kReopen);
    if (Below(8) == 0) Add(What::kDisturb, Below(kDisturbances));
  }

  void Collect(bool is_last) {
    Add(What::kCollect);
    LedgerStep::Collect& collect = steps_.back().collect;
    constexpr Stop kStops[] = {Stop::kKill, Stop::kPowerCut, Stop::kError};
    if (Below(2) == 0) collect.stop = kStops[Below(3)];
    collect.stop_at = Below(16);
    collect.is_directory_down = Below(3) == 0;
    collect.fails_to_scan = Below(8) == 0;
    if (is_last && Below(16) == 0) checks_every_period_ = true;
    collect.checks_every_period = checks_every_period_;
    when_ = When::kWhileListed;
    Live(Below(3));
    when_ = When::kWhileScanned;
    Live(Below(4));
    // Whether there is another attempt is not known here, and so no process begins or ends in it.
    attempt_ = 1;
    for (const When when : {When::kWhileListed, When::kWhileScanned}) {
      when_ = when;
      Add(What::kPass, Below(300));
      ChangeFiles();
    }
    attempt_ = 0;
    when_ = When::kBetween;
  }

  Draws draws_;
  const LedgerSettings settings_;
  bool checks_every_period_;
  When when_ = When::kBetween;
  int attempt_ = 0;
  bool is_accounting_ = true;
  int64_t next_ = 0;
  std::vector<int64_t> running_;
  std::vector<LedgerStep> steps_;
};

std::ostream& operator<<(std::ostream& out, const LedgerStep::Collect& collect) {
  out << "collect";
  if (collect.stop.has_value()) {
    out << (*collect.stop == Stop::kKill       ? ", killed at"
            : *collect.stop == Stop::kPowerCut ? ", with a power cut at"
                                               : ", with an error of")
        << " change " << collect.stop_at << " of files";
  }
  if (collect.is_directory_down) out << ", without names of users";
  if (collect.fails_to_scan) out << ", without /proc";
  return out;
}

}  // namespace

LedgerSettings LedgerSettingsOf(uint64_t seed) {
  Draws draws(seed, 1);
  const auto schemes = static_cast<uint32_t>(RotationSchemes().size());
  return {.scheme = &RotationSchemes()[draws.Below(schemes)],
          .days_of_hours = draws.Below(2) == 0 ? 35 : 1,
          .remembers_names = seed % 2 == 0,
          .is_cut_off = seed % 4 == 1};
}

std::vector<LedgerStep> LedgerSteps(uint64_t seed) { return Planner(seed).Plan(); }

std::ostream& operator<<(std::ostream& out, const LedgerSettings& settings) {
  return out << "rotated as " << settings.scheme->name << ", hours kept for "
             << settings.days_of_hours << " days, names "
             << (settings.remembers_names ? "remembered" : "not remembered");
}

std::ostream& operator<<(std::ostream& out, const LedgerStep& step) {
  if (step.attempt > 0) out << "  in a second attempt,";
  if (step.when == When::kWhileListed) out << "  while it reads /proc: ";
  if (step.when == When::kWhileScanned) out << "  before it reads the files: ";
  switch (step.what) {
    case What::kPass:
      return out << step.amount << " s pass";
    case What::kWork:
      return out << "the processes use CPU, and may change user or command";
    case What::kBegin:
      return out << "process " << step.amount << " begins";
    case What::kEnd:
      return out << "process " << step.amount << " ends";
    case What::kRotate:
      return out << "the file is rotated";
    case What::kReopen:
      return out << "the kernel writes to the file at the path from now on";
    case What::kDisturb:
      return out << NameOf(static_cast<Disturbance>(step.amount));
    case What::kAccounting:
      return out << "accounting is turned " << (step.amount != 0 ? "on" : "off");
    case What::kSetClock:
      return out << "the clock is set by " << step.amount << " s";
    case What::kReboot:
      return out << "reboot";
    case What::kCutOff:
      return out << "the file loses its end" << (step.amount != 0 ? ", at a reboot" : "");
    case What::kCollect:
      return out << step.collect;
  }
  return out;
}

}  // namespace cpuagg::aggregate::testing
