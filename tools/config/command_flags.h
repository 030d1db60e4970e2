// The flags of each command, as CLI11 parses them.

#ifndef CPUAGG_TOOLS_CONFIG_COMMAND_FLAGS_H_
#define CPUAGG_TOOLS_CONFIG_COMMAND_FLAGS_H_

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tools/config/flags.h"

namespace cpuagg::tools {

// The parsed flags of one subcommand before they are checked.
struct RawFlags {
  Flags flags;
  std::string format = "table";
  const CLI::Option* format_flag = nullptr;
  bool csv = false;
  bool json = false;
  std::vector<std::string> users;
  std::vector<std::string> ignored_users;
  const CLI::Option* ignored_users_flag = nullptr;
  std::vector<std::string> by;
  std::vector<std::string> groups;
  std::vector<std::string> columns;
  std::optional<std::string> top;
  std::optional<std::string> default_rate;
  std::optional<std::string> threads;
  bool quiet = false;
  bool verbose = false;
  bool sa_user_lines = false;
  bool sa_summary = false;
  bool sa_no_summary_files = false;
};

// Adds the flags of `command` to `app`, which writes their values to `raw`.
void AddFlags(Command command, CLI::App& app, RawFlags& raw);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CONFIG_COMMAND_FLAGS_H_
