#include "tools/installation/setup_command.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <set>
#include <string>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "acct/io/atomic_file.h"
#include "acct/io/file.h"
#include "tools/check/check_command.h"
#include "tools/installation/context/dialogue.h"
#include "tools/installation/context/interruption.h"
#include "tools/installation/context/setup_context.h"
#include "tools/installation/context/setup_record.h"
#include "tools/installation/context/system_facts.h"
#include "tools/installation/steps/accounting_step.h"
#include "tools/installation/steps/accounting_undo.h"
#include "tools/installation/steps/next_report.h"
#include "tools/installation/steps/schedule_step.h"
#include "tools/installation/steps/service_user_step.h"
#include "tools/installation/steps/settings_step.h"
#include "tools/installation/steps/telegram_step.h"
#include "tools/system/cron_schedule.h"

namespace cpuagg::tools {
namespace {

constexpr char kInterrupted[] =
    "\ncpuagg: interrupted; steps marked with ✔ are done and stay. Run cpuagg setup again to "
    "continue\n";

// Removes files that a kill left unfinished, since they may hold the token. They are in the folders
// of the files that they were to become.
void RemoveUnfinishedFiles() {
  std::set<std::filesystem::path> folders;
  for (const std::string& path :
       {std::string(kHostConfiguration), std::string(kHostToken), absl::StrCat(kHostToken, ".old"),
        std::string(kSetupRecord), std::string(check::kCronFile)}) {
    std::error_code error;
    // The target, if it is a link.
    const std::filesystem::path file = std::filesystem::weakly_canonical(path, error);
    if (!error) folders.insert(file.parent_path());
  }
  for (const std::filesystem::path& folder : folders) {
    std::error_code error;
    for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
      struct stat info;
      if (absl::StartsWith(entry->path().filename().string(), acct::kUnfinishedPrefix) &&
          lstat(entry->path().c_str(), &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == 0) {
        unlink(entry->path().c_str());
      }
    }
  }
}

void SayWhatIsNext(Dialogue& dialogue, bool sends) {
  dialogue.Say(
      "\nFrom now on\n  cpuagg report    shows who used the CPU\n"
      "  cpuagg check     says whether everything is in order");
  if (!sends) {
    dialogue.Say("  cpuagg setup     adds a bot and chats, to which it sends reports");
    return;
  }
  const std::string when = WhenReportsCome();
  if (!when.empty()) dialogue.Say(absl::StrCat("  ", when));
}

// Whether everything is in order now.
ExitCode Checked(CommandContext& command, Dialogue& dialogue) {
  dialogue.Say("\nCheck\n  Whether everything is in order. By hand: cpuagg check\n");
  command.now = absl::Now();
  return RunCheck(command);
}

// Does all steps, up to one whose failure prevents the others.
absl::Status DoSteps(SetupContext& context) {
  if (!context.dialogue.asks() && !context.command.flags.dry_run) {
    if (absl::Status status = CheckTelegramIsWhole(context); !status.ok()) return status;
  }
  if (absl::Status status = TurnAccountingOn(context); !status.ok()) return status;
  if (absl::Status status = MakeServiceUser(context); !status.ok()) return status;
  const absl::StatusOr<Telegram> telegram = ChooseTelegram(context);
  if (!telegram.ok()) return telegram.status();
  if (absl::Status status = WriteSettings(context, telegram->token); !status.ok()) return status;
  if (absl::Status status = GreetChats(context, *telegram); !status.ok()) return status;
  if (absl::Status status = CollectOnce(context); !status.ok()) return status;
  if (absl::Status status = Schedule(context, telegram->is_complete()); !status.ok()) return status;
  if (context.command.flags.dry_run) return absl::OkStatus();
  if (Checked(context.command, context.dialogue) == kSomethingCritical) {
    context.left.emplace_back("check finds something critical; its lines above say how to fix it");
  }
  SayWhatIsNext(context.dialogue, telegram->is_complete());
  return absl::OkStatus();
}

// Saves or removes the record. It keeps only what was not taken back, for the next time.
absl::Status FinishRecord(const SetupContext& context) {
  if (context.record.has_accounting()) return context.SaveRecord();
  std::error_code error;
  std::filesystem::remove(kSetupRecord, error);
  return error ? acct::ErrnoStatus(error.value(), kSetupRecord, "remove") : absl::OkStatus();
}

absl::Status Undo(SetupContext& context) {
  context.dialogue.Say("Taking back what setup has done");
  std::error_code ignored;
  if (!std::filesystem::exists(kSetupRecord, ignored) && IsUnscheduled()) {
    context.dialogue.Done("there is nothing left to take back");
    return absl::OkStatus();
  }
  if (absl::Status status = Unschedule(context); !status.ok()) return status;
  absl::Status accounting = TurnAccountingOff(context);
  if (!context.record.packages.empty()) {
    context.dialogue.Note(absl::StrCat("installed by setup, and kept: ", context.record.packages));
  }
  absl::Status finished = FinishRecord(context);
  if (!accounting.ok()) return accounting;
  if (!finished.ok()) return finished;
  // Files of the store belong to it.
  const bool keeps_user = !context.record.user.empty() && FindServiceUser().has_value();
  context.dialogue.Say(absl::StrCat(
      "\nKept, in case you want them\n  the store          ", context.command.StoreDirectory(),
      "\n  the configuration  ", kHostConfiguration, "\n  the token          ", kHostToken,
      keeps_user ? "\n  the user           cpuagg" : "", "\nrm -r ",
      context.command.StoreDirectory(), " ", kHostDirectory, keeps_user ? " && userdel cpuagg" : "",
      " deletes them. apt-get purge cpuagg, where it was installed as a package, deletes "
      "configuration and token, and keeps the store."));
  return absl::OkStatus();
}

ExitCode Ended(SetupContext& context, const absl::Status& status) {
  CommandContext& command = context.command;
  if (!status.ok()) {
    command.console.Error(command.config.WithOrigin(status).message());
    return absl::IsInvalidArgument(status) ? kWrongUsage : kFailed;
  }
  if (const absl::Status& written = context.dialogue.written(); !written.ok()) {
    return command.Fail(written);
  }
  context.LeaveUnanswered();
  if (context.left.empty()) return kDone;
  for (const std::string& what : context.left) {
    command.console.Error(absl::StrCat("not done: ", what));
  }
  return kFailed;
}

}  // namespace

ExitCode RunSetup(CommandContext& command) {
  const Flags& flags = command.flags;
  if (geteuid() != 0 && !flags.dry_run) {
    command.console.Error(
        "setup must run as root: run sudo cpuagg setup (--dry-run shows what it would do)");
    return kFailed;
  }
  if (!flags.yes && !flags.dry_run && isatty(STDIN_FILENO) == 0) {
    return command.FailUsage(absl::InvalidArgumentError(absl::StrCat(
        "setup: asks questions, and standard input is not a terminal; --yes asks nothing and ",
        flags.undo ? "takes back what setup did" : "takes what is configured")));
  }
  const Interruption interruption(kInterrupted);
  Dialogue dialogue(command.console, STDIN_FILENO, !flags.yes && !flags.dry_run);
  SetupContext context = {.command = command, .dialogue = dialogue};
  if (!flags.dry_run) {
    // Before anything that may fail.
    RemoveUnfinishedFiles();
    absl::StatusOr<SetupRecord> record = SetupRecord::Load();
    if (!record.ok()) return command.Fail(record.status());
    context.record = *std::move(record);
  }
  if (flags.undo) return Ended(context, Undo(context));
  return Ended(context, DoSteps(context));
}

}  // namespace cpuagg::tools
