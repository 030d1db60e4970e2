#include "tools/records_command.h"

#include <fnmatch.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "acct/byte_source.h"
#include "acct/input_account.h"
#include "acct/open_source.h"
#include "acct/record_scanner.h"
#include "acct/record_v3_view.h"
#include "acct/record_view.h"
#include "aggregate/grouping.h"
#include "aggregate/history.h"
#include "aggregate/period.h"
#include "aggregate/user_directory.h"
#include "notify/record_lines.h"
#include "tools/damage.h"
#include "tools/output_buffer.h"
#include "tools/report_request.h"

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

  bool Takes(const acct::RecordView& record) {
    return takes_all_ || (TakesTime(record) && TakesCommand(record) && TakesUser(record.uid()));
  }

 private:
  bool TakesTime(const acct::RecordView& record) const {
    return period_.is_all() ||
           period_.Contains(absl::FromUnixSeconds(record.end_hundredths() / 100));
  }

  bool TakesCommand(const acct::RecordView& record) const {
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
      const std::string name = names_.NameOf(uid).value_or(id);
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

// Calls `sink(record, offset)`, which returns whether to go on, for each record of the file at
// `path`.
template <typename Sink>
absl::StatusOr<acct::InputAccount> ReadFile(const std::string& path,
                                            const acct::RecordFormat& format, Sink sink) {
  absl::StatusOr<std::unique_ptr<acct::ByteSource>> source = acct::OpenSource(path);
  if (!source.ok()) return source.status();
  acct::RecordScanner scanner(0, format);
  uint64_t invalid_elapsed = 0;
  bool go_on = true;
  const auto pass_on = [&](const acct::RecordView& record, uint64_t offset) {
    if (!record.has_valid_elapsed()) ++invalid_elapsed;
    if (go_on) go_on = sink(record, offset);
  };
  const auto pass_on_any = [&](const auto& record, uint64_t offset) {
    pass_on(record.view(), offset);
  };
  constexpr size_t kPieceBytes = size_t{1} << 20;
  while (go_on) {
    const absl::StatusOr<absl::Span<const uint8_t>> block = (*source)->Next();
    if (!block.ok()) return block.status();
    if (block->empty()) break;
    for (size_t at = 0; go_on && at < block->size(); at += kPieceBytes) {
      const absl::Span<const uint8_t> piece = block->subspan(at, kPieceBytes);
      (*source)->WillRead(piece);
      scanner.Scan(piece, pass_on_any);
    }
  }
  scanner.Finish(pass_on_any);
  acct::InputAccount account = scanner.account();
  account.name = aggregate::DisplayName(path);
  account.invalid_elapsed = invalid_elapsed;
  account.cut_short = (*source)->damage();
  return account;
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
  absl::StatusOr<std::unique_ptr<aggregate::UserDirectory>> names = session.UserNames();
  if (!names.ok()) return session.Fail(names.status());
  std::vector<std::string> paths = session.flags.files;
  if (paths.empty()) paths.push_back(session.AccountingFile());

  RecordFilter filter(session.flags, *period, **names);
  RecordLines lines(FormOf(session.flags.format), **names, session.zone);
  OutputBuffer output(session.console);
  output.text() = lines.Header();
  std::vector<acct::InputAccount> inputs;
  for (const std::string& path : paths) {
    const std::string name = aggregate::DisplayName(path);
    absl::StatusOr<acct::InputAccount> account =
        ReadFile(path, session.FileFormat(), [&](const acct::RecordView& record, uint64_t offset) {
          if (filter.Takes(record)) lines.Append(record, offset, name, output.text());
          return output.FlushIfLarge();
        });
    // What came before an error is printed.
    if (const absl::Status printed = output.Flush(); !printed.ok()) return session.Fail(printed);
    if (!account.ok()) {
      WarnOfDamage(inputs, session.console);
      return session.Fail(account.status());
    }
    inputs.push_back(*std::move(account));
  }
  return WarnOfDamage(inputs, session.console) ? kDamagedInput : kDone;
}

}  // namespace cpuagg::tools
