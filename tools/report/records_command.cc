#include "tools/report/records_command.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "acct/io/byte_source.h"
#include "acct/record/plausibility.h"
#include "acct/rotation/rotation.h"
#include "acct/scan/byte_account.h"
#include "acct/scan/duplicate_detector.h"
#include "acct/scan/input_set.h"
#include "acct/scan/record_reader.h"
#include "acct/scan/record_scanner.h"
#include "aggregate/names/user_directory.h"
#include "aggregate/report/history.h"
#include "aggregate/report/report.h"
#include "aggregate/report/unmatched.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/period.h"
#include "notify/lines/record_lines.h"
#include "notify/words/notes.h"
#include "tools/report/accounting_history.h"
#include "tools/report/accounting_watch.h"
#include "tools/report/damage.h"
#include "tools/report/report_request.h"
#include "tools/report/unknown_names.h"
#include "tools/report/unmatched_users.h"
#include "tools/terminal/output_buffer.h"

namespace cpuagg::tools {
namespace {

using aggregate::Period;
using notify::RecordLines;

// Selects the requested records.
class RecordFilter {
 public:
  RecordFilter(const Flags& flags, const Period& period, aggregate::UserDirectory& names)
      : flags_(flags),
        period_(period),
        names_(names),
        finder_(flags.users, flags.ignored_users.value_or(std::vector<std::string>()),
                flags.commands),
        takes_all_(period.is_all() && flags.commands.empty() && flags.users.empty() &&
                   flags.ignored_users.value_or(std::vector<std::string>()).empty()) {}

  template <typename Record>
  bool Takes(const Record& record) {
    const int64_t end = record.end_hundredths() / 100;
    // A clock that was never set says 1970, which does not show when the records begin.
    if (end >= int64_t{acct::kEarliestBegin}) ends_.Cover(end, end);
    const bool takes =
        takes_all_ || (TakesTime(end) && TakesChoice(record.uid(), record.raw_command()));
    if (takes) ++taken_;
    return takes;
  }

  // What the selected records do not show, in the form of a report.
  aggregate::Report Findings() const {
    aggregate::Report report;
    report.period = period_;
    if (!ends_.empty()) {
      report.known = {absl::FromUnixSeconds(ends_.first_begin),
                      absl::FromUnixSeconds(ends_.last_end)};
    }
    report.unmatched = finder_.Found();
    report.remaining_rows.rows = taken_;
    return report;
  }

 private:
  bool TakesTime(int64_t end) const {
    return period_.is_all() || period_.Contains(absl::FromUnixSeconds(end));
  }

  bool TakesChoice(acct::Uid uid, absl::Span<const uint8_t> raw_command) {
    const User& user = UserOf(uid);
    std::optional<std::string> command;
    if (!flags_.commands.empty()) {
      command = aggregate::CommandText(aggregate::CommandBitsOf(raw_command));
    }
    if (finder_.IsLooking()) finder_.Add(uid, user.name, command, 1);
    return user.is_taken &&
           (!command.has_value() || aggregate::MatchesCommand(flags_.commands, *command));
  }

  struct User {
    std::optional<std::string> name;
    bool is_taken = false;
  };
  const User& UserOf(acct::Uid uid) {
    const auto [place, is_new] = users_.try_emplace(uid);
    User& user = place->second;
    if (is_new) {
      user.name = names_.NameOf(uid).value_or(std::nullopt);
      const auto named_in = [&](const std::vector<std::string>& list) {
        return std::any_of(list.begin(), list.end(), [&](const std::string& entry) {
          return aggregate::IsUser(entry, uid, user.name);
        });
      };
      user.is_taken = (flags_.users.empty() || named_in(flags_.users)) &&
                      !named_in(flags_.ignored_users.value_or(std::vector<std::string>()));
    }
    return user;
  }

  const Flags& flags_;
  Period period_;
  aggregate::UserDirectory& names_;
  aggregate::UnmatchedFinder finder_;
  bool takes_all_;
  absl::flat_hash_map<acct::Uid, User> users_;
  aggregate::TimeSpan ends_;  // of all records with a plausible clock
  uint64_t taken_ = 0;
};

// Calls `sink(record, offset)` for each record of `input`; it returns whether to go on.
template <typename Sink>
absl::StatusOr<acct::ByteAccount> ReadInput(const acct::Input& input,
                                            const acct::RecordFormat& format, Sink sink) {
  absl::StatusOr<std::unique_ptr<acct::ByteSource>> source = acct::InputSet::OpenRest(input);
  if (!source.ok()) return source.status();
  acct::RecordScanner scanner(input.repeated_bytes, format);
  scanner.GoOnBehind(input.before);
  uint64_t invalid_elapsed = 0;
  bool go_on = true;
  const auto pass_on = [&](const auto& record, uint64_t offset) {
    if (!record.has_valid_elapsed()) ++invalid_elapsed;
    if (go_on) go_on = sink(record, offset);
  };
  constexpr size_t kPieceBytes = size_t{1} << 20;
  while (go_on) {
    const absl::StatusOr<absl::Span<const uint8_t>> block = (*source)->Next();
    if (!block.ok()) return block.status();
    if (block->empty()) break;
    for (size_t at = 0; go_on && at < block->size(); at += kPieceBytes) {
      const absl::Span<const uint8_t> piece = block->subspan(at, kPieceBytes);
      (*source)->WillRead(piece);
      scanner.Scan(piece, pass_on);
    }
  }
  scanner.Finish(pass_on);
  acct::ByteAccount account = scanner.account();
  account.invalid_elapsed = invalid_elapsed;
  account.cut_short = (*source)->damage();
  return account;
}

// An accumulator that ignores records.
struct NoTally {
  template <typename Record>
  void Add(const Record&, uint64_t) {}
  NoTally Fresh() const { return {}; }
  void Merge(const NoTally&) {}
};

// The inputs at `paths`. Printed records cannot be taken back, so several inputs are read once
// beforehand, to find duplicate records.
absl::StatusOr<acct::InputSet> OpenInputs(const std::vector<std::string>& paths,
                                          const acct::ReadOptions& options) {
  absl::StatusOr<acct::InputSet> set = acct::InputSet::Open(paths, options.format);
  while (set.ok() && set->watch() != nullptr) {
    std::vector<std::vector<acct::DuplicateHit>> hits(paths.size());
    for (size_t i = 0; i < paths.size(); ++i) {
      if (set->inputs()[i].is_copy) continue;
      absl::StatusOr<std::unique_ptr<acct::ByteSource>> source =
          acct::InputSet::OpenRest(set->inputs()[i]);
      if (!source.ok()) return source.status();
      acct::ReadOptions watching = options;
      watching.base = set->inputs()[i].repeated_bytes;
      watching.before = set->inputs()[i].before;
      watching.watch = set->watch();
      watching.hits = &hits[i];
      NoTally accumulator;
      const absl::StatusOr<acct::ByteAccount> read = ReadRecords(**source, watching, accumulator);
      if (!read.ok()) return read.status();
    }
    const absl::StatusOr<bool> learned = set->Learn(hits);
    if (!learned.ok()) return learned.status();
    if (!*learned) break;
  }
  return set;
}

// Reports what is not printed, and above all why nothing is printed.
void WarnOfFindings(CommandContext& context, const Period& period,
                    const aggregate::History& history, aggregate::Report findings) {
  findings.time_zone = context.zone;
  aggregate::FindOutside(period, context.now, findings);
  if (context.flags.files.empty()) {
    findings.source = SourceText(context, history);
    if (history.older_files > 0) findings.records_begin.reset();
    FindAccountingOff(context, period, findings);
  } else {
    findings.source = absl::StrJoin(context.flags.files, ", ");
  }
  FindAccounts(context, findings.unmatched);
  for (const notify::Note& note : notify::NotesOf(findings)) context.console.Warn(note.text);
}

RecordLines::Form FormOf(Format format) {
  switch (format) {
    case Format::kCsv:
      return RecordLines::Form::kCsv;
    case Format::kJson:
      return RecordLines::Form::kJson;
    case Format::kTable:
      break;
  }
  return RecordLines::Form::kTable;
}

}  // namespace

ExitCode RunRecords(CommandContext& context) {
  const absl::StatusOr<Period> period = RequestedPeriod(context, /*for_message=*/false);
  if (!period.ok()) return context.FailUsage(period.status());
  absl::StatusOr<std::unique_ptr<aggregate::UserDirectory>> names =
      context.UserNames(kNamesOfReports);
  if (!names.ok()) return context.Fail(names.status());
  const std::vector<std::string>& files = context.flags.files;
  const absl::StatusOr<aggregate::History> history =
      files.empty() ? FindHistory(context, period->begin) : FindNamed(files);
  if (!history.ok()) return context.Fail(history.status());
  bool has_unreadable = false;
  for (const acct::PassedOver& other : history->passed_over) {
    WarnOfPassedOver(other, context.console);
    has_unreadable |= other.is_unreadable;
  }

  absl::StatusOr<acct::InputSet> set =
      OpenInputs(history->paths, {.threads = context.Threads(), .format = context.FileFormat()});
  if (!set.ok()) return context.Fail(set.status());

  RecordFilter filter(context.flags, *period, **names);
  RecordLines lines(FormOf(context.flags.format), **names, context.zone);
  OutputBuffer output(context.console);
  output.text() = lines.Header();
  std::vector<acct::ByteAccount> accounts;
  for (const acct::Input& input : set->inputs()) {
    acct::ByteAccount account;
    if (!input.is_copy) {
      absl::StatusOr<acct::ByteAccount> read =
          ReadInput(input, context.FileFormat(), [&](const auto& record, uint64_t at) {
            if (filter.Takes(record)) lines.Append(record, at, input.name, output.text());
            return output.FlushIfLarge();
          });
      // Prints what came before an error.
      if (const absl::Status printed = output.Flush(); !printed.ok()) return context.Fail(printed);
      if (!read.ok()) {
        WarnOfUnknownNames(**names, context.console);
        WarnOfDamage(accounts, context.console);
        return context.Fail(read.status());
      }
      account = *std::move(read);
    }
    account.name = input.name;
    account.repeated_bytes = input.repeated_bytes;
    account.repeats = input.repeats;
    accounts.push_back(std::move(account));
  }
  WarnOfUnknownNames(**names, context.console);
  WarnOfFindings(context, *period, *history, filter.Findings());
  // Printed records cannot be taken back.
  const absl::StatusOr<aggregate::History> now =
      files.empty() ? FindHistory(context, period->begin) : FindNamed(files);
  if (!now.ok()) return context.Fail(now.status());
  if (!history->IsSameAs(*now)) {
    return context.Fail(
        RotatedWhileRead(files.empty() ? context.AccountingFile() : absl::StrJoin(files, ", ")));
  }
  return WarnOfDamage(accounts, context.console) || has_unreadable ? kDamagedInput : kDone;
}

}  // namespace cpuagg::tools
