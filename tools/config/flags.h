// The flags of the command line, as given.

#ifndef CPUAGG_TOOLS_CONFIG_FLAGS_H_
#define CPUAGG_TOOLS_CONFIG_FLAGS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/config/output_format.h"
#include "tools/config/typed_flags.h"
#include "tools/terminal/console.h"

namespace cpuagg::tools {

enum class Command {
  kReport,
  kRecords,
  kSa,
  kCollect,
  kSend,
  kRun,
  kExport,
  kPush,
  kForget,
  kCheck,
  kSetup
};

// Flags of `report` and `records` that choose processes. In `report`, min_cpu chooses rows.
struct ProcessFlags {
  std::optional<std::string> pid;
  std::optional<std::string> parent;
  std::optional<std::string> tty;
  std::optional<std::string> status;
  std::optional<std::string> signal;
  std::optional<std::string> min_cpu;
  std::optional<std::string> min_elapsed;
  std::optional<std::string> min_memory;
  std::optional<std::string> at;
  bool failed = false;
  bool core = false;
  bool su = false;
  bool fork = false;
};

// The flags as given; nullopt or empty if a flag was not given.
struct Flags {
  Command command = Command::kReport;
  ShortFlags typed_short;  // flags as messages name them
  Verbosity verbosity = Verbosity::kNormal;
  Format format = Format::kTable;
  bool wide = false;  // a table of all columns
  bool utc = false;
  bool people = false;
  bool compare = false;
  bool running = false;
  std::string config;
  std::vector<std::string> files;
  std::optional<std::string> store;  // the first of `stores`
  std::vector<std::string> stores;   // of `report`, which reads several
  std::optional<std::string> accounting_file;
  std::vector<std::string> rotated_directories;
  std::optional<std::string> passwd;
  std::optional<std::string> host;
  std::optional<std::string> from;   // the URL of a fleet's engine
  std::vector<std::string> columns;  // their names
  std::optional<std::string> color;
  std::optional<std::string> period;
  std::optional<std::string> since;
  std::optional<std::string> until;
  std::vector<std::string> users;
  std::optional<std::vector<std::string>> ignored_users;
  std::optional<std::string> sort;
  std::vector<std::string> by;  // names of dimensions
  std::optional<std::string> group_file;
  std::vector<std::string> commands;  // patterns
  ProcessFlags processes;
  std::vector<std::string> groups;
  uint64_t top = 0;           // 0: all
  uint64_t threads = 0;       // 0: one for each processor
  uint64_t default_rate = 0;  // ticks per second for records that do not state it; 0: 100
  std::optional<std::string> chart;
  std::optional<std::string> proc;
  std::optional<std::string> keep;
  std::optional<std::string> keep_hours;
  std::optional<std::string> before;  // of `forget`
  std::string export_format = "prometheus";
  std::optional<std::string> url;  // of `push`
  bool big_endian_version0 = false;
  bool sa_per_record = false;  // sa -u instead of sa -m
  bool no_running = false;
  bool dry_run = false;
  bool raw = false;  // with dry_run
  // Flags of `send` that replace the report. They exclude each other.
  bool pending = false;
  bool alerts = false;
  bool status = false;
  bool test = false;
  // Flags of `check`.
  bool online = false;
  bool json = false;
  bool yes = false;           // of `forget` and `setup`
  bool check_pushed = false;  // of `push`
  // A flag of `setup`.
  bool undo = false;
};

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CONFIG_FLAGS_H_
