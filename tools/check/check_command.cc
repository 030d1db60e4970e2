#include "tools/check/check_command.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "acct/io/start_thread.h"
#include "acct/kernel/process_table.h"
#include "aggregate/names/user_directory.h"
#include "tools/check/accounting/accounting_checks.h"
#include "tools/check/accounting/file_check.h"
#include "tools/check/accounting/generation_checks.h"
#include "tools/check/accounting/process_checks.h"
#include "tools/check/findings/finding.h"
#include "tools/check/findings/own_command.h"
#include "tools/check/findings/rendering.h"
#include "tools/check/schedule/schedule_checks.h"
#include "tools/check/settings/configuration_checks.h"
#include "tools/check/settings/delivery_checks.h"
#include "tools/check/store/last_collect.h"
#include "tools/check/store/store_checks.h"
#include "tools/collect/retention.h"
#include "tools/system/cron_schedule.h"
#include "tools/system/crontabs.h"
#include "tools/system/identity.h"
#include "tools/system/kernel.h"

namespace cpuagg::tools {
namespace {

using check::Collector;
using check::Finding;
using check::Findings;
using check::Identity;
using check::Level;
using check::ScheduleFacts;

// The time limit of a room. Directories, disks and servers may hang for much longer.
constexpr absl::Duration kRoomBudget = absl::Seconds(10);
constexpr absl::Duration kOnlineBudget = absl::Seconds(30);
constexpr absl::Duration kNamesBudget = absl::Seconds(5);

// A group of checks on one thread, which is abandoned if it does not return. So it must not use
// anything that is destroyed when the command ends.
class Room {
 public:
  Room(std::string name, absl::Duration budget, std::function<void(Findings&)> look)
      : name_(std::move(name)), deadline_(absl::Now() + budget), state_(std::make_shared<State>()) {
    const auto work = [state = state_, look = std::move(look)] {
      look(state->findings);
      state->is_done.Notify();
    };
    std::thread thread = acct::StartThread(work);
    if (thread.joinable()) {
      thread.detach();
    } else {
      work();
    }
  }

  // The findings up to the deadline.
  std::vector<Finding> Wait() {
    const bool is_done = state_->is_done.WaitForNotificationWithDeadline(deadline_);
    std::vector<Finding> findings = state_->findings.Get();
    if (!is_done) {
      findings.push_back({.id = "time_limit",
                          .level = Level::kUnknown,
                          .subject = name_,
                          .text = "did not answer in time: a disk or a server hangs",
                          .mends = {"df  # hangs as well? Then it is a file system"}});
    }
    return findings;
  }

 private:
  struct State {
    Findings findings;
    absl::Notification is_done;
  };

  std::string name_;
  absl::Time deadline_;
  std::shared_ptr<State> state_;
};

std::string ProcRoot(const CommandContext& context) {
  const std::string named = context.flags.proc.value_or(context.config.GetOr("PROC", ""));
  return named.empty() ? "/proc" : named;
}

// The units and the cron lines use their own paths, so they are not about paths named on the
// command line.
bool IsOfUnits(const CommandContext& context) {
  return context.flags.config.empty() && !context.flags.store.has_value();
}

// What the other checks need to know first.
struct Preparation {
  ScheduleFacts schedule;
  Collector collector = {.who = check::Myself(), .source = check::kWhoAsks};
  absl::Time accounting_written = absl::InfinitePast();
};

void Prepare(const CommandContext& context, bool sends, Preparation& found, Findings& findings) {
  // Before other programs are run, which leave records.
  found.accounting_written = check::WrittenAt(context.AccountingFile());
  found.schedule = check::GatherSchedule("", sends);
  found.schedule.collect_flags = check::CronFlags(context, "collect");
  found.schedule.send_flags = check::CronFlags(context, "send");
  check::PutAsideOtherStores(context.StoreDirectory(), found.schedule.cron);
  found.collector = FindCollector(IsOfUnits(context) ? found.schedule : ScheduleFacts(),
                                  context.StoreDirectory());
  // A user id without an account cannot run anything: the store came from another machine, or the
  // account was deleted.
  Identity& who = found.collector.who;
  if (who.name == absl::StrCat(who.user) && who.user != geteuid()) {
    absl::StatusOr<Identity> service = check::AccountNamed("cpuagg", {});
    if (service.ok()) who = *std::move(service);
  }
  if (!found.collector.problem.empty()) {
    findings.Add(
        {.id = "collector",
         .level = Level::kUnknown,
         .subject = "who collects",
         .text = absl::StrCat(found.collector.problem,
                              ": the rights of the collecting user are not checked"),
         .mends = {"getent passwd  # does it answer? Then check sssd, nslcd, and nsswitch.conf"}});
  }
  CheckSchedule(found.schedule, findings);
}

void LookAtAccounting(const CommandContext& context, const Preparation& before,
                      Findings& findings) {
  const Collector& collector = before.collector;
  const check::KernelFacts kernel = check::ReadKernelFacts("");
  findings.Add(CheckKernel(kernel));
  const std::string file = context.AccountingFile();
  const check::AccountingFacts facts =
      check::GatherAccounting(file, ProcRoot(context) != "/proc", context.now, kernel);
  findings.Add(CheckAccountingOn(facts));
  findings.Add(CheckAccountingSpace(facts));
  findings.Add(CheckReadable(file, collector.who, collector.may_read_everything,
                             collector.source == check::kWhoAsks));
  check::ClockFacts clock = {.now = context.now,
                             .is_synchronized = check::IsClockSynchronized(),
                             .has_systemd = before.schedule.has_systemd,
                             .zone_problem = std::string(context.zone_problem.message()),
                             .zone = absl::StrCat(absl::FormatTime("%Z", context.now, context.zone),
                                                  " (", context.zone.name(), ")")};
  if (facts.before.ok()) {
    clock.last_record = facts.before->latest_end;
    clock.newest_record = facts.before->last_end;
  }
  CheckClock(clock, findings);
  CheckGenerations({.path = file, .other_folders = context.RotatedDirectories()}, context.zone,
                   findings);
}

void LookAtUsers(const CommandContext& context, const Collector& collector, Findings& findings) {
  const std::string root = ProcRoot(context);
  findings.Add(CheckProcesses(root, acct::ReadProcessTable(root), collector));
  std::vector<acct::Uid> users = {acct::Uid(geteuid())};
  if (const absl::StatusOr<check::RecordTail> tail =
          check::ReadRecordTail(context.AccountingFile(), std::nullopt);
      tail.ok() && !tail->users.empty()) {
    users = tail->users;
  }
  const absl::StatusOr<std::unique_ptr<aggregate::UserDirectory>> names =
      context.UserNames(kNamesBudget);
  if (!names.ok()) {
    findings.Add(
        check::FindingOfError("user_directory", Level::kCritical, "user names", names.status()));
    return;
  }
  findings.Add(check::CheckUserDirectory(**names, users));
}

void LookAtStore(const CommandContext& context, const Preparation& before, Findings& findings) {
  const aggregate::Retention retention = FindRetention(context).value_or(aggregate::Retention());
  const std::string directory = context.StoreDirectory();
  const bool is_of_unit = before.collector.source == check::kCollectUnit;
  CheckStore({.directory = directory,
              .now = context.now,
              .zone = context.zone,
              .collector = before.collector,
              .collect = check::OwnCommand(context, "collect"),
              .collects_by_timer = is_of_unit && CollectsByTimer(before.schedule),
              .accounting_written = before.accounting_written,
              .period = IsOfUnits(context) ? CollectPeriod(before.schedule) : std::nullopt,
              .is_clock_synchronized = check::IsClockSynchronized(),
              .has_systemd = before.schedule.has_systemd,
              .days_kept = retention.days,
              .days_of_hours = retention.days_of_hours},
             findings);
  check::CheckOutbox(directory, check::OwnCommand(context, "send --pending"),
                     context.config.GetOr("CHAT_ID", ""), context.now, context.zone, findings);
}

bool HasUtf8Locale() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* const value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    const std::string lower = absl::AsciiStrToLower(value);
    return absl::StrContains(lower, "utf-8") || absl::StrContains(lower, "utf8");
  }
  return false;
}

std::vector<Finding> LookAtEverything(const CommandContext& asked) {
  // Rooms may be abandoned, and then outlive the command's arguments.
  const auto context = std::make_shared<const CommandContext>(asked);
  const bool sends = check::HasChats(*context);
  std::vector<Room> rooms;
  const auto prepared = std::make_shared<Preparation>();
  Room first("schedule", kRoomBudget, [context, sends, prepared](Findings& findings) {
    Prepare(*context, sends, *prepared, findings);
  });
  const std::vector<Finding> of_schedule = first.Wait();
  const bool is_prepared =
      std::none_of(of_schedule.begin(), of_schedule.end(),
                   [](const Finding& finding) { return finding.id == "time_limit"; });
  // An abandoned room may still write to its own copy.
  const auto before = std::make_shared<const Preparation>(is_prepared ? *prepared : Preparation());

  rooms.emplace_back("accounting", kRoomBudget, [context, before](Findings& findings) {
    LookAtAccounting(*context, *before, findings);
  });
  rooms.emplace_back("store", kRoomBudget, [context, before](Findings& findings) {
    LookAtStore(*context, *before, findings);
  });
  rooms.emplace_back("processes and users", kRoomBudget, [context, before](Findings& findings) {
    LookAtUsers(*context, before->collector, findings);
  });
  rooms.emplace_back("configuration", kRoomBudget, [context, before](Findings& findings) {
    CheckConfiguration(*context, before->collector, findings);
  });
  rooms.emplace_back("libraries", kRoomBudget,
                     [sends](Findings& findings) { check::CheckLibraries(sends, findings); });
  if (sends && context->flags.online) {
    rooms.emplace_back("bot and chats", kOnlineBudget + kRoomBudget, [context](Findings& findings) {
      check::CheckOnline(*context, kOnlineBudget, findings);
    });
  } else if (sends) {
    rooms.emplace_back("bot and chats", kRoomBudget,
                       [](Findings& findings) { findings.Add(check::OnlineIsSkipped()); });
  }
  std::vector<Finding> all;
  for (Room& room : rooms) {
    std::vector<Finding> found = room.Wait();
    std::move(found.begin(), found.end(), std::back_inserter(all));
  }
  all.insert(all.end(), of_schedule.begin(), of_schedule.end());
  return all;
}

}  // namespace

ExitCode RunCheck(CommandContext& context) {
  std::vector<Finding> findings;
  if (context.flags.files.empty()) {
    findings = LookAtEverything(context);
    const char* const path = std::getenv("PATH");
    check::AdaptMends(context,
                      check::NameOfProgram(check::PathOfThisProgram().value_or("cpuagg"),
                                           path == nullptr ? "" : path),
                      findings);
  } else {
    Findings of_files;
    for (const std::string& file : context.flags.files) {
      std::error_code ignored;
      const bool is_folder = file != "-" && std::filesystem::is_directory(file, ignored);
      const auto look_at = is_folder ? check::CheckFolder : check::CheckFile;
      look_at(file, context.FileFormat(), context.zone, of_files);
    }
    findings = of_files.Get();
    // In performance data each name may appear only once.
    const auto count = std::count_if(findings.begin(), findings.end(),
                                     [](const Finding& finding) { return finding.id == "file"; });
    if (count > 1 && !context.flags.json) {
      for (Finding& finding : findings) finding.numbers.clear();
    }
  }
  const bool is_terminal = isatty(STDOUT_FILENO) == 1;
  const char* const no_color = std::getenv("NO_COLOR");
  const std::string text =
      context.flags.json
          ? check::RenderJson(findings)
          : check::RenderText(
                findings,
                {.has_utf8 = HasUtf8Locale(),
                 .has_color = is_terminal && (no_color == nullptr || *no_color == '\0'),
                 .has_numbers = !is_terminal || context.flags.verbosity == Verbosity::kVerbose,
                 .only_problems = context.flags.verbosity == Verbosity::kQuiet});
  if (const absl::Status printed = context.console.Print(text); !printed.ok()) {
    if (context.console.reader_is_gone()) return kReaderGone;
    context.console.Error(printed.message());
    return kNothingKnown;
  }
  return static_cast<ExitCode>(check::ExitStatusOf(check::WorstOf(findings)));
}

}  // namespace cpuagg::tools
