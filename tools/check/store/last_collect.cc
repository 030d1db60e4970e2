#include "tools/check/store/last_collect.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "tools/check/findings/age_text.h"

namespace cpuagg::tools::check {
namespace {

constexpr absl::Duration kSlack = absl::Minutes(2);

// The age at which a run is late: two runs may fail and take their time. Without a known period,
// assumes that cron runs it four times a day. Rotation may delete what no run has read within a
// day.
absl::Duration LateAfter(std::optional<absl::Duration> period) {
  return std::min(2 * period.value_or(absl::Hours(6)) + absl::Minutes(30), absl::Hours(25));
}

// Reports that the newest snapshot has a time in the future.
void TellFuture(const CollectQuestion& question, absl::Duration ahead, bool has_run_since,
                Finding& finding) {
  finding.text = absl::StrCat("the newest snapshot is dated ", AgeText(ahead), " ahead");
  if (question.is_clock_synchronized.value_or(false)) {
    absl::StrAppend(&finding.text, ": the clock, which is synchronized now, was ahead then");
    finding.level = has_run_since ? Level::kNote : Level::kWarning;
  } else {
    absl::StrAppend(&finding.text, ": the clock was ahead then, or is behind now");
    finding.level = has_run_since ? Level::kWarning : Level::kCritical;
    if (question.has_systemd) finding.mends = {"timedatectl set-ntp true"};
    finding.advice = {absl::StrCat(
        question.has_systemd ? "where there is no NTP, " : "",
        "check `date`: if it is right, do nothing, and this line disappears when that time comes; "
        "else ",
        question.has_systemd ? "set it with date -s"
                             : "set the clock, and keep it right with an NTP service")};
  }
  if (has_run_since) {
    // It may have begun after this check.
    const absl::Duration since = std::max(question.now - question.begun, absl::ZeroDuration());
    absl::StrAppend(&finding.text, "; the last run began ", AgeText(since), " ago");
  } else {
    absl::StrAppend(&finding.text, "; no run has begun since, by the present clock");
    finding.mends.push_back(question.collect);
  }
}

}  // namespace

absl::Time WrittenAt(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return absl::InfinitePast();
  return absl::TimeFromTimespec(info.st_mtim);
}

Finding CheckLastCollect(const CollectQuestion& question, const aggregate::StoreListing& listing) {
  Finding finding = {.id = "store_collect", .subject = "last collect"};
  if (listing.snapshots.empty()) {
    finding.level = Level::kWarning;
    finding.text = "nothing has been collected yet";
    finding.mends = {question.collect};
    return finding;
  }
  const aggregate::SnapshotHeader& last = listing.snapshots.back().header;
  const absl::Duration age = question.now - last.captured_at;
  finding.numbers = {{"last_collect_age", std::max<int64_t>(0, absl::ToInt64Seconds(age)), "s"}};
  const bool has_begun =
      question.begun != absl::InfinitePast() && question.begun <= question.now + kSlack;
  const bool is_dated_ahead = age < -kSlack;
  if (is_dated_ahead) {
    TellFuture(question, -age, has_begun, finding);
    if (!has_begun) return finding;
  } else {
    finding.text = absl::StrCat(AgeText(std::max(age, absl::ZeroDuration())), " ago, by ",
                                last.host.empty() ? std::string("this host") : last.host);
  }
  const absl::Duration late = LateAfter(question.period);
  constexpr absl::Duration kLost = absl::Hours(26);
  const absl::Duration since_begun =
      has_begun ? question.now - question.begun : absl::InfiniteDuration();
  const absl::Duration since_any = is_dated_ahead ? since_begun : std::min(age, since_begun);
  if (since_any > late) {
    finding.level = std::max(finding.level, since_any > kLost ? Level::kCritical : Level::kWarning);
    if (question.period.has_value()) {
      absl::StrAppend(&finding.text, ", though it is due every ", AgeText(*question.period));
    }
    finding.mends.push_back(question.collect);
  }
  // A run has nothing to store if no process has ended. This does not happen while accounting is
  // on: cron and the timer leave a record of each run, which the next run finds.
  const bool has_new_records =
      question.accounting_written - last.captured_at > kSlack && !last.accounting.seems_off();
  if (has_begun && question.begun - last.captured_at > late && has_new_records) {
    finding.level = std::max(finding.level, Level::kWarning);
    absl::StrAppend(&finding.text,
                    "; runs have begun since, but nothing has been collected, though there are new "
                    "records");
    finding.mends = {question.collect + "  # says why"};
  }
  return finding;
}

}  // namespace cpuagg::tools::check
