// cpuagg: reports who used the CPU of this machine.

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <exception>
#include <new>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "acct/io/file.h"
#include "tools/check/check_command.h"
#include "tools/collect/collect_command.h"
#include "tools/collect/forget_command.h"
#include "tools/config/command_context.h"
#include "tools/config/command_line.h"
#include "tools/config/config.h"
#include "tools/config/exit_code.h"
#include "tools/config/time_zone.h"
#include "tools/fleet/export_command.h"
#include "tools/fleet/push_command.h"
#include "tools/installation/setup_command.h"
#include "tools/report/records_command.h"
#include "tools/report/report_command.h"
#include "tools/report/sa_command.h"
#include "tools/send/send_command.h"
#include "tools/terminal/console.h"
#include "tools/terminal/terminal_columns.h"
#include "tools/terminal/wrapped_help.h"

namespace cpuagg::tools {
namespace {

// `bazel run` starts programs in another directory. Relative paths are those of the user's
// directory.
absl::Status EnterDirectoryOfUser() {
  const char* const directory = std::getenv("BUILD_WORKING_DIRECTORY");
  if (directory == nullptr || chdir(directory) == 0) return absl::OkStatus();
  return acct::ErrnoStatus(errno, directory, "enter the directory");
}

// May be called anywhere, on any thread. The store and the outbox stay consistent, as after a kill.
[[noreturn]] void EndWithoutMemory() {
  constexpr absl::string_view kMessage =
      "cpuagg: out of memory; nothing that was collected or queued before is lost. Fewer threads "
      "(--threads 1), fewer dimensions (--by), or --top, need less\n";
  (void)!write(STDERR_FILENO, kMessage.data(), kMessage.size());
  _exit(kFailed);
}

// Whether the command sends messages, or checks whether that works.
bool NeedsToken(const Flags& flags) {
  const bool may_send = flags.command == Command::kSend || flags.command == Command::kRun;
  return (may_send && !flags.dry_run && !flags.status) || flags.command == Command::kCheck ||
         flags.command == Command::kSetup;
}

ExitCode Dispatch(CommandContext& context) {
  switch (context.flags.command) {
    case Command::kReport:
      return RunReport(context);
    case Command::kRecords:
      return RunRecords(context);
    case Command::kSa:
      return RunSa(context);
    case Command::kCollect:
      return RunCollect(context);
    case Command::kSend:
      return RunSend(context);
    case Command::kRun:
      return RunCollectAndSend(context);
    case Command::kExport:
      return RunExport(context);
    case Command::kPush:
      return RunPush(context);
    case Command::kForget:
      return RunForget(context);
    case Command::kCheck:
      return RunCheck(context);
    case Command::kSetup:
      return RunSetup(context);
  }
  return kWrongUsage;
}

ExitCode Run(int argc, const char* const* argv) {
  std::set_new_handler(EndWithoutMemory);
  // For `check`, 1 and 2 have another meaning, for which somebody may be alerted.
  const bool is_check = argc > 1 && absl::string_view(argv[1]) == "check";
  Console console(Verbosity::kNormal);
  const auto fail = [&](const absl::Status& status, ExitCode code) {
    console.Error(status.message());
    return is_check ? kNothingKnown : code;
  };
  if (const absl::Status status = EnterDirectoryOfUser(); !status.ok()) {
    return fail(status, kFailed);
  }
  absl::StatusOr<std::variant<Flags, Information>> parsed = ParseCommandLine(argc, argv);
  if (!parsed.ok()) return fail(parsed.status(), kWrongUsage);
  if (const auto* information = std::get_if<Information>(&*parsed)) {
    // Programs that read it, such as completions, get lines of any length.
    const absl::Status printed = console.Print(
        isatty(STDOUT_FILENO) != 0 ? WrappedHelp(information->text, TerminalColumns(STDOUT_FILENO))
                                   : information->text);
    if (console.reader_is_gone()) return kReaderGone;
    return printed.ok() ? kDone : fail(printed, kFailed);
  }
  Flags& flags = std::get<Flags>(*parsed);
  console = Console(flags.verbosity);
  std::vector<std::string> warnings;
  absl::StatusOr<Config> config = Config::Load({.path = flags.config,
                                                .environment = environ,
                                                .with_token = NeedsToken(flags),
                                                .of_host_only = flags.command == Command::kSetup},
                                               warnings);
  // `check` reports these problems together with the others.
  if (!is_check) {
    for (const std::string& warning : warnings) console.Warn(warning);
    if (!config.ok()) return fail(config.status(), kWrongUsage);
  }
  const absl::Status config_problem = config.status();
  if (!config.ok()) config = Config();
  console.Detail(config->path().empty() ? "no configuration file"
                                        : absl::StrCat("configuration: ", config->path()));
  const absl::StatusOr<absl::TimeZone> zone =
      flags.utc ? absl::StatusOr<absl::TimeZone>(absl::UTCTimeZone()) : LocalTimeZone();
  if (!zone.ok() && !is_check) {
    return fail(zone.status(), absl::IsInvalidArgument(zone.status()) ? kWrongUsage : kFailed);
  }
  CommandContext context{.flags = std::move(flags),
                         .config = *std::move(config),
                         .console = console,
                         .now = absl::Now(),
                         .zone = zone.value_or(absl::UTCTimeZone()),
                         .config_problem = config_problem,
                         .config_warnings = std::move(warnings),
                         .zone_problem = zone.status()};
  return Dispatch(context);
}

// If one of the first three descriptors is closed, the next opened file would get its number, and
// output would be written to that file.
void OpenStandardDescriptors() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (fcntl(fd, F_GETFD) >= 0) continue;
    // Gets the lowest free number. The mode makes reading and writing fail, as they would on a
    // closed descriptor.
    const int opened = open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    if (opened != fd) _exit(kFailed);
  }
}

}  // namespace
}  // namespace cpuagg::tools

int main(int argc, char** argv) {
  cpuagg::tools::OpenStandardDescriptors();
  // The environment may hold the bot's token, and so does the configuration file, which all
  // commands read. This keeps it out of core dumps, and other processes of the user cannot search
  // for it.
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  // A server or a reader that has gone away, or a file size limit, then makes a write fail, instead
  // of ending the program in the middle of something.
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
  // The caller may ignore it; then the exit status of programs that we run would be unknown.
  signal(SIGCHLD, SIG_DFL);
  try {
    return cpuagg::tools::Run(argc, argv);
  } catch (const std::exception& error) {
    // An unforeseen exception of a library. The store and the outbox stay consistent, as after a
    // kill.
    cpuagg::tools::Console(cpuagg::tools::Verbosity::kNormal)
        .Error(absl::StrCat("failed: ", error.what()));
    return cpuagg::tools::kFailed;
  }
}
