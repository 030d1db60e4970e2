#include "tools/records_command.h"

#include <fnmatch.h>

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
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "acct/byte_source.h"
#include "acct/head_watch.h"
#include "acct/input_account.h"
#include "acct/input_set.h"
#include "acct/plausibility.h"
#include "acct/record_reader.h"
#include "acct/record_scanner.h"
#include "aggregate/grouping.h"
#include "aggregate/history.h"
#include "aggregate/period.h"
#include "aggregate/user_directory.h"
#include "notify/record_lines.h"
#include "tools/accounting_history.h"
#include "tools/damage.h"
#include "tools/output_buffer.h"
#include "tools/report_request.h"
#include "tools/unknown_names.h"

namespace cpuagg::tools {
namespace {

using aggregate::Period;
using notify::RecordLines;

// Which records were asked for.
class RecordFilter {
 public:
  RecordFilter(const Flags& flags, const Period& period, aggregate::UserDirectory& names)
      : flags_(flags),
        period_(period),
        names_(names),
        takes_all_(period.is_all() && flags.commands.empty() && flags.users.empty() &&
                   flags.ignored_users.value_or(std::vector<std::string>()).empty()) {}

  template <typename Record>
  bool Takes(const Record& record) {
    return takes_all_ || (TakesTime(record) && TakesCommand(record) && TakesUser(record.uid()));
  }

 private:
  template <typename Record>
  bool TakesTime(const Record& record) const {
    return period_.is_all() ||
           period_.Contains(absl::FromUnixSeconds(record.end_hundredths() / 100));
  }

  template <typename Record>
  bool TakesCommand(const Record& record) const {
    if (flags_.commands.empty()) return true;
    const std::string command =
        aggregate::CommandText(aggregate::CommandBitsOf(record.raw_command()));
    return std::any_of(flags_.commands.begin(), flags_.commands.end(),
                       [&](const std::string& pattern) {
                         return fnmatch(pattern.c_str(), command.c_str(), 0) == 0;
                       });
  }

  bool TakesUser(acct::Uid uid) {
    const auto [place, is_new] = users_.try_emplace(uid);
    if (is_new) {
      const std::string id = absl::StrCat(uid.value());
      const std::string name = names_.NameOf(uid).value_or(std::nullopt).value_or(id);
      const auto named_in = [&](const std::vector<std::string>& list) {
        return std::any_of(list.begin(), list.end(),
                           [&](const std::string& entry) { return entry == name || entry == id; });
      };
      place->second = (flags_.users.empty() || named_in(flags_.users)) &&
                      !named_in(flags_.ignored_users.value_or(std::vector<std::string>()));
    }
    return place->second;
  }

  const Flags& flags_;
  Period period_;
  aggregate::UserDirectory& names_;
  bool takes_all_;
  absl::flat_hash_map<acct::Uid, bool> users_;
};

// Calls `sink(record, offset)`, which returns whether to go on, for each record of `input`.
template <typename Sink>
absl::StatusOr<acct::InputAccount> ReadInput(const acct::Input& input,
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
  acct::InputAccount account = scanner.account();
  account.invalid_elapsed = invalid_elapsed;
  account.cut_short = (*source)->damage();
  return account;
}

// A tally of nothing.
struct NoTally {
  template <typename Record>
  void Add(const Record&, uint64_t) {}
  NoTally Fresh() const { return {}; }
  void Merge(const NoTally&) {}
};

// The inputs at `paths`. What is printed cannot be taken back, so several of them are read once
// beforehand, to know which records come twice.
absl::StatusOr<acct::InputSet> OpenInputs(const std::vector<std::string>& paths,
                                          const acct::ReadOptions& options) {
  absl::StatusOr<acct::InputSet> set = acct::InputSet::Open(paths, options.format);
  while (set.ok() && set->watch() != nullptr) {
    std::vector<std::vector<acct::HeadHit>> hits(paths.size());
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
      NoTally tally;
      const absl::StatusOr<acct::InputAccount> read = ReadRecords(**source, watching, tally);
      if (!read.ok()) return read.status();
    }
    const absl::StatusOr<bool> learned = set->Learn(hits);
    if (!learned.ok()) return learned.status();
    if (!*learned) break;
  }
  return set;
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

ExitCode RunRecords(Session& session) {
  const absl::StatusOr<Period> period = RequestedPeriod(session, /*for_message=*/false);
  if (!period.ok()) return session.FailUsage(period.status());
  absl::StatusOr<std::unique_ptr<aggregate::UserDirectory>> names =
      session.UserNames(kNamesOfReports);
  if (!names.ok()) return session.Fail(names.status());
  std::optional<aggregate::History> history;
  if (session.flags.files.empty()) {
    absl::StatusOr<aggregate::History> found = FindHistory(session, period->begin);
    if (!found.ok()) return session.Fail(found.status());
    history = *std::move(found);
    WarnOfPassedOver(*history, session.console);
  }

  absl::StatusOr<acct::InputSet> set =
      OpenInputs(history.has_value() ? history->paths : session.flags.files,
                 {.threads = session.Threads(), .format = session.FileFormat()});
  if (!set.ok()) return session.Fail(set.status());

  RecordFilter filter(session.flags, *period, **names);
  RecordLines lines(FormOf(session.flags.format), **names, session.zone);
  OutputBuffer output(session.console);
  output.text() = lines.Header();
  std::vector<acct::InputAccount> accounts;
  for (const acct::Input& input : set->inputs()) {
    acct::InputAccount account;
    if (!input.is_copy) {
      absl::StatusOr<acct::InputAccount> read =
          ReadInput(input, session.FileFormat(), [&](const auto& record, uint64_t at) {
            if (filter.Takes(record)) lines.Append(record, at, input.name, output.text());
            return output.FlushIfLarge();
          });
      // What came before an error is printed.
      if (const absl::Status printed = output.Flush(); !printed.ok()) return session.Fail(printed);
      if (!read.ok()) {
        WarnOfUnknownNames(**names, session.console);
        WarnOfDamage(accounts, session.console);
        return session.Fail(read.status());
      }
      account = *std::move(read);
    }
    account.name = input.name;
    account.repeated_bytes = input.repeated_bytes;
    account.repeats = input.repeats;
    accounts.push_back(std::move(account));
  }
  WarnOfUnknownNames(**names, session.console);
  if (history.has_value()) {
    // What is printed cannot be taken back.
    const absl::StatusOr<bool> is_still_there = IsStillThere(session, period->begin, *history);
    if (!is_still_there.ok()) return session.Fail(is_still_there.status());
    if (!*is_still_there) return session.Fail(RotatedWhileRead(session));
  }
  return WarnOfDamage(accounts, session.console) ? kDamagedInput : kDone;
}

}  // namespace cpuagg::tools
