// Finds the lines that run cpuagg in crontabs, and in the scripts that cron runs daily and so on.

#ifndef CPUAGG_TOOLS_SYSTEM_CRONTABS_H_
#define CPUAGG_TOOLS_SYSTEM_CRONTABS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace cpuagg::tools::check {

struct CronJobs {
  bool collect = false;
  bool report = false;   // builds and sends a report
  bool deliver = false;  // sends queued reports

  bool any() const { return collect || report || deliver; }
};

// The jobs of a crontab, for all its users.
CronJobs JobsIn(absl::string_view crontab);

struct CronLine {
  std::string path;  // the file that contains it
  std::string text;
  CronJobs jobs;
  std::string user;  // the user that runs it; empty if it switches to another user itself (su,
                     // sudo)

  // The arguments of `run` or `send` that concern the report, in a fixed order: two lines with the
  // same arguments send the same report.
  std::vector<std::string> ReportArguments() const;
};

// The lines of `text`, the content of `path`, that run cpuagg.
std::vector<CronLine> CronLinesIn(absl::string_view text, const std::string& path);

struct IdleCronLine {
  CronLine line;    // without text if it means a whole file that cannot be read
  std::string why;  // "there is no user nosuch"
};

struct Crontabs {
  std::vector<CronLine> lines;
  // Lines that cron never runs.
  std::vector<IdleCronLine> idle;
  std::vector<std::string> unread;  // files that this user may not read
};

// The crontabs of the system and of its users, below `root`, which is "" except in tests.
Crontabs ReadCrontabs(const std::string& root);

// Removes the lines that collect into another store than `store`.
void PutAsideOtherStores(const std::string& store, Crontabs& crontabs);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_SYSTEM_CRONTABS_H_
