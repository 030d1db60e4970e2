#include "tools/report/sa_command.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "acct/io/byte_source.h"
#include "acct/io/open_source.h"
#include "acct/record/layout.h"
#include "acct/record/record_v3_view.h"
#include "acct/record/record_view.h"
#include "acct/scan/byte_account.h"
#include "acct/scan/input_set.h"
#include "acct/scan/record_scanner.h"
#include "aggregate/names/user_directory.h"
#include "notify/lines/gnu_sa.h"
#include "tools/report/damage.h"
#include "tools/terminal/output_buffer.h"

namespace cpuagg::tools {
namespace {

// `cpuagg sa -u`: prints each record.
struct Printing {
  aggregate::SaUserLines& lines;
  OutputBuffer& output;
  bool go_on = true;

  template <typename Record>
  void Add(const Record& record) {
    lines.Append(record, output.text());
    go_on = output.FlushIfLarge() && go_on;
  }
  size_t AddRegular(const uint8_t* begin, const uint8_t* end) {
    const uint8_t* at = begin;
    for (; at < end && acct::RecordV3View(at).IsFollowedByRegular(); at += acct::kRecordBytes) {
      Add(acct::RecordV3View(at));
    }
    return static_cast<size_t>(at - begin);
  }
};

// `cpuagg sa -m`: sums the records.
struct Summing {
  aggregate::SaUserSummary& summary;
  static constexpr bool go_on = true;

  void Add(const acct::RecordView& record) { summary.Add(record); }
  size_t AddRegular(const uint8_t* begin, const uint8_t* end) {
    return summary.AddRegular(begin, end);
  }
};

// The sink of a RecordScanner: passes on records that sa reads in the same way.
template <typename Sink>
struct SharedReading {
  aggregate::SaRecords& records;
  Sink& sink;

  template <typename Record>
  void operator()(const Record&, uint64_t) {}
  size_t AddRegular(const uint8_t* begin, const uint8_t* end, uint64_t offset) {
    if (!records.IsNext(offset)) return 0;
    const size_t bytes = sink.AddRegular(begin, end);
    records.Took(bytes);
    return bytes;
  }
};

// Reads the accounting file at `path` like sa, into `sink`, until that wants to stop; and like
// cpuagg, for the account of damage. A piece is read twice only from its first byte that is not
// part of a regular record.
template <typename Sink>
absl::StatusOr<acct::ByteAccount> ReadAsSa(const std::string& path, Sink sink) {
  absl::StatusOr<std::unique_ptr<acct::ByteSource>> source = acct::OpenSource(path);
  if (!source.ok()) return source.status();
  aggregate::SaRecords records;
  acct::RecordScanner scanner;
  SharedReading<Sink> shared{.records = records, .sink = sink};
  constexpr size_t kPieceBytes = size_t{1} << 20;
  while (sink.go_on) {
    const absl::StatusOr<absl::Span<const uint8_t>> block = (*source)->Next();
    if (!block.ok()) return block.status();
    if (block->empty()) break;
    for (size_t at = 0; sink.go_on && at < block->size(); at += kPieceBytes) {
      const absl::Span<const uint8_t> piece = block->subspan(at, kPieceBytes);
      (*source)->WillRead(piece);
      scanner.Scan(piece, shared);
      records.Scan(piece, [&](const acct::RecordView& record) { sink.Add(record); });
    }
  }
  scanner.Finish(shared);
  acct::ByteAccount account = scanner.account();
  account.name = acct::DisplayName(path);
  account.cut_short = (*source)->damage();
  return account;
}

}  // namespace

ExitCode RunSa(CommandContext& context) {
  // Without a time limit, like sa, whose output this is.
  absl::StatusOr<std::unique_ptr<aggregate::UserDirectory>> names =
      context.UserNames(absl::InfiniteDuration());
  if (!names.ok()) return context.Fail(names.status());
  const std::string path =
      context.flags.files.empty() ? context.AccountingFile() : context.flags.files[0];

  absl::StatusOr<acct::ByteAccount> account;
  OutputBuffer output(context.console);
  if (context.flags.sa_per_record) {
    aggregate::SaUserLines lines(**names);
    account = ReadAsSa(path, Printing{.lines = lines, .output = output});
  } else {
    aggregate::SaUserSummary summary(**names);
    account = ReadAsSa(path, Summing{.summary = summary});
    if (account.ok() && summary.empty()) {
      WarnOfDamage({*account}, context.console);
      return context.Fail(absl::NotFoundError(path + ": has no records to sum up"));
    }
    if (account.ok()) output.text() = summary.Render();
  }
  if (!account.ok()) return context.Fail(account.status());
  if (const absl::Status printed = output.Flush(); !printed.ok()) return context.Fail(printed);
  if (!WarnOfDamage({*account}, context.console)) return kDone;
  context.console.Warn(
      "GNU sa reads such bytes as records, and so does `cpuagg sa`; `cpuagg report` and `cpuagg "
      "records` leave them out");
  return kDamagedInput;
}

}  // namespace cpuagg::tools
