// What happens in a history of the ledger (ledger_world.h).

#ifndef CPUAGG_AGGREGATE_TESTING_LEDGER_STEPS_H_
#define CPUAGG_AGGREGATE_TESTING_LEDGER_STEPS_H_

#include <cstdint>
#include <optional>
#include <ostream>
#include <vector>

#include "aggregate/testing/crashing_files.h"
#include "aggregate/testing/rotating_file.h"

namespace cpuagg::aggregate::testing {

// What does not change during a history.
struct LedgerSettings {
  const RotationScheme* scheme;
  int days_of_hours;
  bool remembers_names;
  bool is_cut_off;  // the file, sometimes

  friend std::ostream& operator<<(std::ostream& out, const LedgerSettings& settings);
};

LedgerSettings LedgerSettingsOf(uint64_t seed);

struct LedgerStep {
  enum class What {
    kPass,   // `amount` seconds
    kWork,   // all processes use CPU; some change user or command
    kBegin,  // process number `amount`
    kEnd,    // that process
    kRotate,
    kReopen,      // see RotatingFile
    kDisturb,     // in the way that `amount` is the number of
    kAccounting,  // is on if `amount`, else off
    kSetClock,    // by `amount` seconds
    kReboot,
    kCutOff,   // the accounting file, which then lacks its end; if `amount`, by a reboot
    kCollect,  // as `collect` says
  } what;
  // During the last collect: while it reads /proc, or between that and the files.
  enum class When { kBetween, kWhileListed, kWhileScanned } when = When::kBetween;
  // It lists the files and reads /proc again, if the files have changed meanwhile.
  int attempt = 0;
  int64_t amount = 0;
  uint64_t draw = 0;  // for all else that is at random

  struct Collect {
    std::optional<CrashingFiles::Stop> stop;
    uint32_t stop_at = 0;
    bool is_directory_down = false;
    bool fails_to_scan = false;  // for lack of memory, descriptors or disk space
    bool checks_every_period = false;
  } collect = {};

  friend std::ostream& operator<<(std::ostream& out, const LedgerStep& step);
};

std::vector<LedgerStep> LedgerSteps(uint64_t seed);

}  // namespace cpuagg::aggregate::testing

#endif  // CPUAGG_AGGREGATE_TESTING_LEDGER_STEPS_H_
