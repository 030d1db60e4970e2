#include "tools/sa_command.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "acct/byte_source.h"
#include "acct/input_account.h"
#include "acct/open_source.h"
#include "acct/record_reader.h"
#include "acct/record_v3_view.h"
#include "aggregate/gnu_sa.h"
#include "aggregate/history.h"
#include "aggregate/user_directory.h"
#include "tools/damage.h"

namespace cpuagg::tools {
namespace {

// Prints lines as they come, in pieces. On one thread only: order is all that matters.
class LinePrinter {
 public:
  LinePrinter(Console& console, aggregate::UserDirectory& names)
      : console_(console), lines_(names) {}

  void Add(acct::RecordV3View record) {
    lines_.Append(record, text_);
    if (text_.size() >= kPieceBytes) Flush();
  }
  // The first error of all writing.
  absl::Status Finish() {
    Flush();
    return status_;
  }

 private:
  static constexpr size_t kPieceBytes = size_t{64} << 10;

  void Flush() {
    if (status_.ok()) status_ = console_.Print(text_);
    text_.clear();
  }

  Console& console_;
  aggregate::SaUserLines lines_;
  std::string text_;
  absl::Status status_;
};

// Hands records on to something that keeps its own state.
template <typename Target>
struct Forward {
  Target* target;

  void Add(acct::RecordV3View record) { target->Add(record); }
  Forward Fresh() const { return *this; }
  void Merge(const Forward&) {}
};

template <typename Target>
absl::StatusOr<acct::InputAccount> ReadInto(const std::string& path, Target& target) {
  absl::StatusOr<std::unique_ptr<acct::ByteSource>> source = acct::OpenSource(path);
  if (!source.ok()) return source.status();
  Forward<Target> forward{&target};
  absl::StatusOr<acct::InputAccount> account = acct::ReadRecords(**source, {}, forward);
  if (account.ok()) account->name = aggregate::DisplayName(path);
  return account;
}

}  // namespace

ExitCode RunSa(Session& session) {
  absl::StatusOr<std::unique_ptr<aggregate::UserDirectory>> names = session.UserNames();
  if (!names.ok()) return session.Fail(names.status());
  const std::string path =
      session.flags.files.empty() ? session.AccountingFile() : session.flags.files[0];

  absl::StatusOr<acct::InputAccount> account;
  absl::Status printed;
  if (session.flags.sa_per_record) {
    LinePrinter printer(session.console, **names);
    account = ReadInto(path, printer);
    printed = printer.Finish();
  } else {
    aggregate::SaUserSummary summary(**names);
    account = ReadInto(path, summary);
    if (account.ok() && summary.empty()) {
      WarnOfDamage({*account}, session.console);
      return session.Fail(absl::NotFoundError(path + ": has no records to sum up"));
    }
    if (account.ok()) printed = session.console.Print(summary.Render());
  }
  if (!account.ok()) return session.Fail(account.status());
  if (!printed.ok()) return session.Fail(printed);
  return WarnOfDamage({*account}, session.console) ? kDamagedInput : kDone;
}

}  // namespace cpuagg::tools
