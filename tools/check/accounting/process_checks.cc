#include "tools/check/accounting/process_checks.h"

#include <sys/timex.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "notify/words/text.h"
#include "tools/check/findings/age_text.h"

namespace cpuagg::tools::check {
namespace {

using notify::Pluralize;

absl::Duration Stopwatch() {
  return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

// The clock cannot be right if it shows a time before this program was written.
const absl::CivilSecond kOldest(2026, 1, 1);

}  // namespace

Finding CheckProcesses(const std::string& root, const absl::StatusOr<acct::ProcessTable>& table,
                       const Collector& collector) {
  Finding finding = {.id = "processes", .subject = "running processes"};
  if (!table.ok()) {
    finding.level = Level::kWarning;
    finding.text =
        absl::StrCat(table.status().message(), "; jobs are counted only after they have ended");
    if (root == "/proc") {
      finding.mends = {"mount -t proc proc /proc"};
    } else {
      finding.advice = {"name the /proc of the accounted processes with PROC, or leave it out"};
    }
    return finding;
  }
  const auto others = std::count_if(
      table->processes.begin(), table->processes.end(),
      [](const acct::RunningProcess& process) { return process.uid.value() != geteuid(); });
  finding.text = absl::StrCat(Pluralize(table->processes.size(), "process"), " seen in ", root,
                              ", ", others, " of other users");
  finding.numbers = {{"processes", static_cast<int64_t>(table->processes.size()), ""}};
  if (!table->is_complete) {
    absl::StrAppend(&finding.text, "; ", table->hidden);
    // Another user than the collector sees less, which does not matter.
    if (geteuid() != collector.who.user) {
      finding.level = Level::kNote;
      absl::StrAppend(&finding.text, "; what ", collector.who.name, " sees is not checked");
      return finding;
    }
    finding.level = Level::kWarning;
    finding.mends = {"mount -o remount,hidepid=0 /proc"};
    finding.advice = {"or, for the unit alone: see hidepid in docs/install.md"};
    return finding;
  }
  if (geteuid() != collector.who.user) {
    // The mount options show whether they are hidden from the collector; they do not affect root.
    absl::StrAppend(&finding.text, ", as ", UserText(geteuid()), " sees them");
  }
  return finding;
}

std::optional<bool> IsClockSynchronized() {
  timex state = {};  // no mode: changes nothing
  const int clock = adjtimex(&state);
  if (clock < 0) return std::nullopt;
  return clock != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
}

void CheckClock(const ClockFacts& facts, Findings& findings) {
  Finding clock = {.id = "clock", .subject = "clock"};
  clock.text =
      absl::StrCat(absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", facts.now, absl::UTCTimeZone()));
  constexpr absl::Duration kSlack = absl::Minutes(2);
  if (facts.now < absl::FromCivil(kOldest, absl::UTCTimeZone())) {
    clock.level = Level::kCritical;
    absl::StrAppend(&clock.text, ": before this program was made");
  } else if (facts.last_record.has_value() && facts.now + kSlack < *facts.last_record) {
    // If later records have earlier times, the clock has been set back.
    const bool was_set_back =
        facts.newest_record.has_value() && *facts.newest_record <= facts.now + kSlack;
    const bool is_right = facts.is_synchronized.value_or(false);
    clock.level = is_right ? Level::kNote : was_set_back ? Level::kWarning : Level::kCritical;
    absl::StrAppend(&clock.text, ": ", AgeText(*facts.last_record - facts.now),
                    " before the end of a process that is recorded already",
                    is_right       ? "; it is synchronized, and was ahead then"
                    : was_set_back ? "; it was ahead then and has been corrected, or is behind now"
                                   : "");
  }
  if (clock.level > Level::kNote) {
    if (facts.has_systemd) {
      clock.mends = {"timedatectl set-ntp true"};
      clock.advice = {"where there is no NTP, set it with date -s"};
    } else {
      clock.advice = {"set the clock, and keep it right with an NTP service"};
    }
  } else if (clock.level == Level::kNote) {
    // Nothing to add.
  } else if (!facts.is_synchronized.has_value()) {
    absl::StrAppend(&clock.text, "; whether it is synchronized is not known");
  } else if (*facts.is_synchronized) {
    absl::StrAppend(&clock.text, ", synchronized");
  } else {
    clock.level = Level::kNote;
    absl::StrAppend(&clock.text, ", not synchronized by NTP",
                    facts.has_systemd ? " (timedatectl set-ntp true)" : "",
                    ", unless the host of this machine does it");
  }
  findings.Add(std::move(clock));
  Finding zone = {.id = "time_zone", .subject = "time zone", .text = facts.zone};
  if (!facts.zone_problem.empty()) {
    zone.level = Level::kWarning;
    zone.text = absl::StrCat(facts.zone_problem, "; every other command refuses it");
    zone.mends = {"unset TZ  # or set it to the name of a zone, such as Europe/Berlin"};
  }
  findings.Add(std::move(zone));
}

Finding CheckUserDirectory(aggregate::UserDirectory& names, const std::vector<acct::Uid>& users) {
  Finding finding = {.id = "user_directory", .subject = "user names"};
  const absl::Duration begin = Stopwatch();
  const std::vector<aggregate::NameAnswer> answers = names.NamesOf(users);
  const absl::Duration took = Stopwatch() - begin;
  uint64_t named = 0;
  uint64_t nameless = 0;
  std::string nameless_id;
  absl::Status failure;
  for (size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i].ok()) {
      failure = answers[i].status();
    } else if (answers[i]->has_value()) {
      ++named;
    } else if (nameless++ == 0) {
      nameless_id = absl::StrCat(users[i].value());
    }
  }
  finding.numbers = {{"user_directory_ms", absl::ToInt64Milliseconds(took), ""}};
  const std::string time = absl::StrCat(absl::ToInt64Milliseconds(took), " ms");
  if (!failure.ok()) {
    finding.level = Level::kWarning;
    finding.text =
        absl::StrCat("the user directory did not answer for all of ",
                     Pluralize(users.size(), "user"), " in ", time, ": ", failure.message());
    finding.mends = {absl::StrCat("getent passwd ", users.empty() ? 0 : users[0].value(),
                                  "  # does it answer? Then check sssd, nslcd, and nsswitch.conf")};
    return finding;
  }
  finding.text = absl::StrCat(Pluralize(named, "user"), " named in ", time);
  if (nameless > 0) {
    absl::StrAppend(&finding.text, "; ", Pluralize(nameless, "id"),
                    " without an account, for example ", nameless_id);
  }
  if (took > absl::Seconds(1)) {
    finding.level = Level::kWarning;
    absl::StrAppend(&finding.text, ": that is slow, and a run waits for it for 5 s at most");
    finding.advice = {"let sssd or nscd keep the answers of the user directory"};
  }
  return finding;
}

}  // namespace cpuagg::tools::check
