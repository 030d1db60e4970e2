#include "tools/sa_command.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "acct/byte_source.h"
#include "acct/input_account.h"
#include "acct/input_set.h"
#include "acct/open_source.h"
#include "acct/record_scanner.h"
#include "acct/record_view.h"
#include "aggregate/gnu_sa.h"
#include "aggregate/user_directory.h"
#include "tools/damage.h"
#include "tools/output_buffer.h"

namespace cpuagg::tools {
namespace {

// Reads the accounting file at `path` twice at once: as sa does, calling `sink(record)`, which
// returns whether to go on, and as cpuagg does, for the account of what is damaged in it.
template <typename Sink>
absl::StatusOr<acct::InputAccount> ReadAsSa(const std::string& path, Sink sink) {
  absl::StatusOr<std::unique_ptr<acct::ByteSource>> source = acct::OpenSource(path);
  if (!source.ok()) return source.status();
  aggregate::SaRecords records;
  acct::RecordScanner scanner;
  const auto ignore = [](const auto&, uint64_t) {};
  constexpr size_t kPieceBytes = size_t{1} << 20;
  for (bool go_on = true; go_on;) {
    const absl::StatusOr<absl::Span<const uint8_t>> block = (*source)->Next();
    if (!block.ok()) return block.status();
    if (block->empty()) break;
    for (size_t at = 0; go_on && at < block->size(); at += kPieceBytes) {
      const absl::Span<const uint8_t> piece = block->subspan(at, kPieceBytes);
      (*source)->WillRead(piece);
      scanner.Scan(piece, ignore);
      records.Scan(piece, [&](const acct::RecordView& record) { go_on = sink(record) && go_on; });
    }
  }
  scanner.Finish(ignore);
  acct::InputAccount account = scanner.account();
  account.name = acct::DisplayName(path);
  account.cut_short = (*source)->damage();
  return account;
}

}  // namespace

ExitCode RunSa(Session& session) {
  absl::StatusOr<std::unique_ptr<aggregate::UserDirectory>> names = session.UserNames();
  if (!names.ok()) return session.Fail(names.status());
  const std::string path =
      session.flags.files.empty() ? session.AccountingFile() : session.flags.files[0];

  absl::StatusOr<acct::InputAccount> account;
  OutputBuffer output(session.console);
  if (session.flags.sa_per_record) {
    aggregate::SaUserLines lines(**names);
    account = ReadAsSa(path, [&](const acct::RecordView& record) {
      lines.Append(record, output.text());
      return output.FlushIfLarge();
    });
  } else {
    aggregate::SaUserSummary summary(**names);
    account = ReadAsSa(path, [&](const acct::RecordView& record) {
      summary.Add(record);
      return true;
    });
    if (account.ok() && summary.empty()) {
      WarnOfDamage({*account}, session.console);
      return session.Fail(absl::NotFoundError(path + ": has no records to sum up"));
    }
    if (account.ok()) output.text() = summary.Render();
  }
  if (!account.ok()) return session.Fail(account.status());
  if (const absl::Status printed = output.Flush(); !printed.ok()) return session.Fail(printed);
  if (!WarnOfDamage({*account}, session.console)) return kDone;
  session.console.Warn(
      "sa takes such bytes for what they are not, and so does `cpuagg sa`; `cpuagg report` and "
      "`cpuagg records` leave them out");
  return kDamagedInput;
}

}  // namespace cpuagg::tools
