// Finding: what `cpuagg check` has to say about one thing, with what mends it.
//
//   findings.Add({.id = "store_owner", .level = Level::kCritical, .subject = "owner of the store",
//                 .text = "3 files of root's in the store of cpuagg",
//                 .mends = {"chown -R cpuagg: /var/lib/cpuagg"}});
//
// docs/check.md has every id. What was not looked at is never kOk.

#ifndef CPUAGG_TOOLS_CHECK_FINDINGS_FINDING_H_
#define CPUAGG_TOOLS_CHECK_FINDINGS_FINDING_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "acct/io/shell_word.h"

namespace cpuagg::tools::check {

// In the order in which they count, the least first.
enum class Level {
  kOk,
  kNote,      // does not apply here, or was not looked at and need not be
  kWarning,   // will go wrong, or may
  kUnknown,   // it matters, and cannot be told
  kCritical,  // data is being lost, or reports do not arrive
};

// "ok", "note", "warning", "unknown", "critical".
const char* LevelName(Level level);

// For programs: "store_bytes", 123456, "B". Units as those of monitoring plugins: "s", "B", "%" or
// none.
struct Number {
  std::string name;
  int64_t value = 0;
  std::string unit;
};

struct Finding {
  std::string id;  // one of docs/check.md
  Level level = Level::kOk;
  std::string subject;              // "accounting"
  std::string text;                 // one line
  std::vector<std::string> mends;   // commands for a shell, the best one first
  std::vector<std::string> advice;  // sentences, where no command mends it or knows what was meant
  std::vector<Number> numbers;
};

// Findings of several threads.
class Findings {
 public:
  void Add(Finding finding) ABSL_LOCKS_EXCLUDED(mutex_);
  // What there is so far.
  std::vector<Finding> Get() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  mutable absl::Mutex mutex_;
  std::vector<Finding> findings_ ABSL_GUARDED_BY(mutex_);
};

// `status` as a finding. What follows the last "; " of its message is what mends it, if that is a
// command as errors about files have it ("; run chmod o= FILE").
Finding FindingOfError(absl::string_view id, Level level, absl::string_view subject,
                       const absl::Status& status);

using acct::ShellWord;  // in mends

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_FINDINGS_FINDING_H_
