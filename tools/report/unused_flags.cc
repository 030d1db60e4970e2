#include "tools/report/unused_flags.h"

#include <initializer_list>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "notify/words/text.h"

namespace cpuagg::tools {
namespace {

// A flag, and whether it is given.
using GivenFlag = std::pair<absl::string_view, bool>;

absl::Status RefuseGiven(std::initializer_list<GivenFlag> flags, absl::string_view why) {
  for (const auto& [flag, is_given] : flags) {
    if (is_given) return absl::InvalidArgumentError(absl::StrCat(flag, ": ", why));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckStoreFlags(const CommandContext& context) {
  const Flags& flags = context.flags;
  return RefuseGiven(
      {{"--rotated-dir", !flags.rotated_directories.empty()},
       {"--ahz", flags.default_rate > 0},
       {"--big-endian-v0", flags.big_endian_version0}},
      absl::StrCat("is for accounting files, and this report is from the store ",
                   context.StoreDirectory(), "; leave the flag out, or name a FILE"));
}

absl::Status CheckHostFileFlags(const Flags& flags) {
  return RefuseGiven(
      {{"--accounting-file", flags.accounting_file.has_value()},
       {"--rotated-dir", !flags.rotated_directories.empty()}},
      "is for the accounting file of this machine, and HOST=FILE names those of each "
      "host; name it as one more HOST=FILE");
}

absl::Status CheckRecordFlags(const Flags& flags) {
  if (flags.files.empty()) return absl::OkStatus();
  return RefuseGiven(
      {{"--accounting-file", flags.accounting_file.has_value()},
       {"--rotated-dir", !flags.rotated_directories.empty()}},
      absl::StrCat("is for the accounting file of this machine, and the records are those of ",
                   notify::Printable(flags.files.front()),
                   "; leave one of the two out, or name all files without a flag"));
}

}  // namespace cpuagg::tools
