// Finding: the result of one check of `cpuagg check`, with the commands that fix the problem.
//
//   findings.Add({.id = "store_owner", .level = Level::kCritical, .subject = "owner of the store",
//                 .text = "3 files of root's in the store of cpuagg",
//                 .mends = {"chown -R cpuagg: /var/lib/cpuagg"}});
//
// docs/check.md lists all ids. Something that was not checked is never kOk.

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

// In ascending order of importance.
enum class Level {
  kOk,
  kNote,      // does not apply here, or was not checked and need not be
  kWarning,   // will or may go wrong
  kUnknown,   // important, but could not be found out
  kCritical,  // data is being lost, or reports do not arrive
};

// "ok", "note", "warning", "unknown", "critical".
const char* LevelName(Level level);

// For programs: "store_bytes", 123456, "B". The units are those of monitoring plugins: "s", "B",
// "%" or none.
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
  std::vector<std::string> mends;   // shell commands that fix it, the best one first
  std::vector<std::string> advice;  // sentences, if no command fixes it or if the intention is
                                    // unclear
  std::vector<Number> numbers;
};

// Collects the findings of several threads.
class Findings {
 public:
  void Add(Finding finding) ABSL_LOCKS_EXCLUDED(mutex_);
  // The findings so far.
  std::vector<Finding> Get() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  mutable absl::Mutex mutex_;
  std::vector<Finding> findings_ ABSL_GUARDED_BY(mutex_);
};

// Converts `status` to a finding. If the part of the message after the last "; " is a command, as
// in errors about files ("; run chmod o= FILE"), it becomes the command that fixes the problem.
Finding FindingOfError(absl::string_view id, Level level, absl::string_view subject,
                       const absl::Status& status);

using acct::ShellWord;  // for commands in `mends`

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_FINDINGS_FINDING_H_
