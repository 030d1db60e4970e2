#include "tools/config/command_context.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>
#include <thread>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "aggregate/names/bounded_directory.h"
#include "tools/config/typed_flags.h"

namespace cpuagg::tools {
namespace {

// The locations of the accounting file in distributions, most common first.
constexpr std::array<const char*, 3> kAccountingFiles = {"/var/log/account/pacct",
                                                         "/var/account/pacct", "/var/log/pacct"};

// Whether `cpuagg check` would explain an error with this message. The error must be about the
// accounting file or the store, must not be temporary, like a lock, and must not name a fix itself.
// `check` knows nothing about named FILEs.
bool CheckExplains(const CommandContext& context, const absl::Status& status) {
  const absl::string_view message = status.message();
  if (absl::IsUnavailable(status) || context.flags.command == Command::kCheck ||
      !context.flags.files.empty() || absl::StrContains(message, "; ")) {
    return false;
  }
  const std::string file = context.AccountingFile();
  const std::string folder = std::filesystem::path(file).parent_path().string();
  return absl::StartsWith(message, file) || absl::StartsWith(message, context.StoreDirectory()) ||
         (!folder.empty() && absl::StartsWith(message, absl::StrCat(folder, "/:")));
}

}  // namespace

std::string CommandContext::StoreDirectory() const {
  if (flags.store.has_value() && !flags.store->empty()) return *flags.store;
  std::string configured = config.GetOr("STORE", "");
  if (configured.empty()) return "/var/lib/cpuagg";
  return configured;
}

std::string CommandContext::AccountingFile() const {
  if (flags.accounting_file.has_value() && !flags.accounting_file->empty()) {
    return *flags.accounting_file;
  }
  std::string configured = config.GetOr("ACCOUNTING_FILE", "");
  if (!configured.empty()) return configured;
  for (const char* path : kAccountingFiles) {
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored)) return path;
  }
  return kAccountingFiles[0];
}

std::vector<std::string> CommandContext::RotatedDirectories() const {
  if (!flags.rotated_directories.empty()) return flags.rotated_directories;
  return SplitList(config.GetOr("ROTATED_DIR", ""));
}

std::string CommandContext::HostName() const {
  if (const auto configured = config.Get("HOST_NAME");
      configured.has_value() && !configured->empty()) {
    return *configured;
  }
  char name[256] = {};
  if (gethostname(name, sizeof name - 1) != 0 || name[0] == '\0') return "this host";
  return name;
}

size_t CommandContext::Threads() const {
  if (flags.threads > 0) return flags.threads;
  return std::max(1u, std::thread::hardware_concurrency());
}

acct::RecordFormat CommandContext::FileFormat() const {
  acct::RecordFormat format{.big_endian_version0 = flags.big_endian_version0};
  if (flags.default_rate > 0) format.default_rate = static_cast<uint32_t>(flags.default_rate);
  format.latest_begin = acct::LatestBegin(now);
  return format;
}

absl::StatusOr<std::unique_ptr<aggregate::UserDirectory>> CommandContext::UserNames(
    absl::Duration budget) const {
  if (!flags.passwd.has_value()) {
    if (budget == absl::InfiniteDuration()) return std::make_unique<aggregate::NssDirectory>();
    return std::make_unique<aggregate::BoundedDirectory>(
        std::make_shared<aggregate::NssDirectory>(), budget);
  }
  // The error of opening it would ask for an accounting file.
  std::error_code ignored;
  const std::filesystem::file_status file = std::filesystem::status(*flags.passwd, ignored);
  if (std::filesystem::is_directory(file) || std::filesystem::is_socket(file)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--passwd ", *flags.passwd, ": is a ",
                     std::filesystem::is_socket(file) ? "socket" : "directory",
                     "; name a file like /etc/passwd"));
  }
  return aggregate::PasswdFileDirectory::Load(*flags.passwd);
}

ExitCode CommandContext::Fail(const absl::Status& status) {
  if (console.reader_is_gone()) return kReaderGone;
  const absl::Status told = config.WithOrigin(status);
  console.Error(CheckExplains(*this, told)
                    ? absl::StrCat(told.message(), "; `cpuagg check` says what is wrong")
                    : AsTyped(told.message(), flags.typed_short));
  return kFailed;
}

ExitCode CommandContext::FailUsage(const absl::Status& status) {
  console.Error(AsTyped(config.WithOrigin(status).message(), flags.typed_short));
  return kWrongUsage;
}

}  // namespace cpuagg::tools
