#include "tools/installation/steps/cron_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "acct/io/file.h"
#include "tools/installation/context/distribution_package.h"
#include "tools/installation/context/system_facts.h"
#include "tools/installation/steps/cron_lines.h"
#include "tools/system/cron_schedule.h"
#include "tools/system/root_file.h"

namespace cpuagg::tools {

using check::kCronFile;

namespace {

// Whether `text` is the whole content of the file, so that replacing the file loses nothing.
bool IsWholeCronFile(const std::string& text) {
  struct stat info;
  if (stat(kCronFile, &info) != 0) return text.empty();
  return S_ISREG(info.st_mode) && static_cast<uint64_t>(info.st_size) == text.size();
}

}  // namespace

bool HasCron() { return !FindSystemProgram("cron").empty() || !FindSystemProgram("crond").empty(); }

std::string CronFileText() {
  struct stat info;
  if (stat(kCronFile, &info) != 0 || !S_ISREG(info.st_mode)) return "";
  const absl::StatusOr<acct::File> file = acct::File::OpenForReading(kCronFile);
  constexpr uint64_t kMost = uint64_t{1} << 20;
  return file.ok() ? file->ReadToEnd(kMost).value_or("") : "";
}

absl::Status WriteCronFile(SetupContext& context, const check::CronJobs& jobs) {
  if (!jobs.collect && !jobs.report) return absl::OkStatus();
  const std::string missing =
      IsRunBySystemd() ? "cpuagg's units are not installed (the package and the tarball have them: "
                         "docs/install.md)"
                       : "systemd is not running here";
  if (!HasCron()) {
    if (absl::Status status = InstallCronPackage(context); !status.ok()) return status;
  }
  if (!HasCron()) {
    context.Leave(
        absl::StrCat("nothing runs cpuagg by itself: ", missing,
                     ", and there is no cron. Let something run `cpuagg collect` every "
                     "quarter of an hour",
                     jobs.report ? ", and `cpuagg send --period last-day` once a day" : ""));
    return absl::OkStatus();
  }
  const absl::StatusOr<std::string> program = check::PathOfThisProgram();
  if (!program.ok()) return program.status();
  if (const std::string why = check::WhyUnfitForRoot(*program); !why.empty()) {
    context.Leave(absl::StrCat("cron would run ", *program, " as root, but ", why,
                               "; run install -m 0755 ", *program,
                               " /usr/local/bin/ and then /usr/local/bin/cpuagg setup"));
    return absl::OkStatus();
  }
  const std::string before = CronFileText();
  if (!IsWholeCronFile(before)) {
    context.Leave(
        absl::StrCat(kCronFile,
                     " is not a file that can be read whole; move it away, and run cpuagg "
                     "setup again"));
    return absl::OkStatus();
  }
  const std::string text =
      before.empty() ? CronFileFor(*program, jobs) : WithCronJobs(before, *program, jobs);
  if (text == before) {
    context.dialogue.Done(absl::StrCat(kCronFile, " is there"));
    return absl::OkStatus();
  }
  const absl::StatusOr<bool> agreed = context.dialogue.Confirm(
      absl::StrCat("Timers cannot be used: ", missing, ". Write ", kCronFile, "?"));
  if (!agreed.ok()) return agreed.status();
  if (!*agreed) {
    context.dialogue.Note("nothing runs cpuagg by itself");
    return absl::OkStatus();
  }
  if (absl::Status status = MakeRootDirectory("/etc/cron.d", {.mode = 0755}); !status.ok()) {
    return status;
  }
  if (absl::Status status = WriteRootFile(kCronFile, text, {.mode = 0644}); !status.ok()) {
    return status;
  }
  context.dialogue.Done(absl::StrCat("wrote ", kCronFile));
  return absl::OkStatus();
}

absl::Status RemoveCronFile(SetupContext& context) {
  const std::string before = CronFileText();
  if (before.empty()) return absl::OkStatus();
  if (!IsOfSetup(before) || !IsWholeCronFile(before)) {
    context.dialogue.Note(absl::StrCat(kCronFile, " stays: setup did not write it"));
    return absl::OkStatus();
  }
  const ForeignCronLines foreign = WithoutSetup(before);
  for (const std::string& line : foreign.changed) {
    context.dialogue.Note(absl::StrCat("it was changed, and is removed: ", line));
  }
  if (foreign.text.empty()) {
    if (unlink(kCronFile) != 0) return acct::ErrnoStatus(errno, kCronFile, "remove");
    context.dialogue.Done(absl::StrCat("removed ", kCronFile, ", which setup had written"));
    return absl::OkStatus();
  }
  if (absl::Status status = WriteRootFile(kCronFile, foreign.text, {.mode = 0644}); !status.ok()) {
    return status;
  }
  context.dialogue.Done(absl::StrCat("took setup's lines out of ", kCronFile));
  context.dialogue.Note(absl::StrCat("the file stays with what setup did not write:\n      ",
                                     absl::StrJoin(foreign.kept, "\n      ")));
  return absl::OkStatus();
}

}  // namespace cpuagg::tools
