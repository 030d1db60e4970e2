#include "tools/report/sa_command.h"

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/io/byte_source.h"
#include "acct/io/open_source.h"
#include "acct/scan/byte_account.h"
#include "acct/scan/input_set.h"
#include "aggregate/names/user_directory.h"
#include "notify/lines/gnu_sa.h"
#include "notify/lines/sa_reading.h"
#include "tools/report/damage.h"
#include "tools/report/host_argument.h"
#include "tools/report/unused_flags.h"
#include "tools/terminal/output_buffer.h"

namespace cpuagg::tools {

ExitCode RunSa(CommandContext& context) {
  for (const absl::Status& usable :
       {CheckNamesNoHost(context.flags.files), CheckRecordFlags(context.flags)}) {
    if (!usable.ok()) return context.FailUsage(usable);
  }
  // Without a time limit, like sa, whose output this is.
  absl::StatusOr<std::unique_ptr<aggregate::UserDirectory>> names =
      context.UserNames(absl::InfiniteDuration());
  if (!names.ok()) return context.Fail(names.status());
  const std::string path =
      context.flags.files.empty() ? context.AccountingFile() : context.flags.files[0];

  const absl::StatusOr<std::unique_ptr<acct::ByteSource>> source = acct::OpenSource(path);
  if (!source.ok()) return context.Fail(source.status());

  absl::StatusOr<acct::ByteAccount> account;
  OutputBuffer output(context.console);
  notify::SaUserSummary summary(**names);
  if (context.flags.sa_per_record) {
    notify::SaUserLines lines(**names);
    account =
        notify::WriteAsSa(**source, lines, output.text(), [&] { return output.FlushIfLarge(); });
  } else {
    account = notify::SumAsSa(**source, summary);
    if (account.ok()) output.text() = summary.Render();
  }
  if (!account.ok()) return context.Fail(account.status());
  account->name = acct::DisplayName(path);
  if (!context.flags.sa_per_record && summary.empty()) {
    WarnOfDamage({*account}, context.console);
    return context.Fail(absl::NotFoundError(path + ": has no records to sum up"));
  }
  if (const absl::Status printed = output.Flush(); !printed.ok()) return context.Fail(printed);
  if (WarnOfEmptyInput({*account}, context.console)) return kDamagedInput;
  if (!WarnOfDamage({*account}, context.console)) return kDone;
  context.console.Warn(
      "GNU sa reads such bytes as records, and so does `cpuagg sa`; `cpuagg report` and `cpuagg "
      "records` leave them out");
  return kDamagedInput;
}

}  // namespace cpuagg::tools
