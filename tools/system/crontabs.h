// The lines of crontabs, and of the scripts that cron runs daily and so on, that run cpuagg.

#ifndef CPUAGG_TOOLS_SYSTEM_CRONTABS_H_
#define CPUAGG_TOOLS_SYSTEM_CRONTABS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace cpuagg::tools::check {

struct CronJobs {
  bool collect = false;
  bool report = false;   // builds a report and sends it
  bool deliver = false;  // sends what is queued

  bool any() const { return collect || report || deliver; }
};

// What a crontab does, whoever it runs as.
CronJobs JobsIn(absl::string_view crontab);

struct CronLine {
  std::string path;  // of the file that it stands in
  std::string text;
  CronJobs jobs;
  std::string user;  // whom it runs as; empty if it becomes somebody else on the way (su, sudo)

  // What it says to `run` or `send` of the report, in an order of its own: two lines that say the
  // same send the same.
  std::vector<std::string> ReportArguments() const;
};

// The lines of `text`, which is the content of `path`, that run cpuagg.
std::vector<CronLine> CronLinesIn(absl::string_view text, const std::string& path);

struct IdleCronLine {
  CronLine line;    // without text if it is all of a file that nobody can read
  std::string why;  // "there is no user nosuch"
};

struct Crontabs {
  std::vector<CronLine> lines;
  // Those that cron never runs.
  std::vector<IdleCronLine> idle;
  std::vector<std::string> unread;  // what this user may not read
};

// Those of the system and of its users, below `root`, which is "" but in tests.
Crontabs ReadCrontabs(const std::string& root);

// Puts aside the lines that collect into another store than `store`.
void PutAsideOtherStores(const std::string& store, Crontabs& crontabs);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_SYSTEM_CRONTABS_H_
