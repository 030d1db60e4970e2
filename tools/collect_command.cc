#include "tools/collect_command.h"

#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "aggregate/collector.h"
#include "aggregate/snapshot_store.h"
#include "aggregate/user_directory.h"
#include "notify/text.h"
#include "tools/damage.h"

namespace cpuagg::tools {

ExitCode RunCollect(Session& session) {
  absl::StatusOr<std::unique_ptr<aggregate::UserDirectory>> names = session.UserNames();
  if (!names.ok()) return session.Fail(names.status());
  const aggregate::SnapshotStore store(session.StoreDirectory());
  aggregate::CollectOptions options = {.accounting_file = session.AccountingFile(),
                                       .host = session.HostName(),
                                       .now = session.now,
                                       .time_zone = session.zone};
  if (!session.flags.no_running) options.process_root = "/proc";
  const absl::StatusOr<aggregate::CollectResult> result =
      aggregate::Collect(store, **names, options);
  if (!result.ok()) return session.Fail(result.status());

  for (const acct::InputAccount& input : result->inputs) {
    session.console.Detail(absl::StrCat(input.name, ": ", notify::Counted(input.records, "record"),
                                        " added to ", store.directory()));
  }
  if (result->inputs.empty()) session.console.Detail("nothing new");
  if (!result->running_problem.empty()) {
    session.console.Warn(
        absl::StrCat("running processes are not counted: ", result->running_problem));
  }
  for (const aggregate::Gap& gap : result->gaps) {
    session.console.Warn(
        absl::StrCat("gap from ", notify::PeriodText(gap.period, session.zone), ": ", gap.reason));
  }
  return WarnOfDamage(result->inputs, session.console) ? kDamagedInput : kDone;
}

}  // namespace cpuagg::tools
