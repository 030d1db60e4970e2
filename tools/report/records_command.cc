#include "tools/report/records_command.h"

#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "acct/io/byte_source.h"
#include "acct/rotation/rotation.h"
#include "acct/scan/byte_account.h"
#include "acct/scan/for_each_record.h"
#include "acct/scan/input_set.h"
#include "acct/scan/read_options.h"
#include "aggregate/names/user_directory.h"
#include "aggregate/report/history.h"
#include "aggregate/report/record_filter.h"
#include "aggregate/report/report.h"
#include "aggregate/tally/process_choice.h"
#include "aggregate/usage/period.h"
#include "notify/lines/record_lines.h"
#include "notify/lines/record_table.h"
#include "notify/words/notes.h"
#include "notify/words/table_style.h"
#include "notify/words/text.h"
#include "tools/config/output_format.h"
#include "tools/report/accounting_history.h"
#include "tools/report/accounting_watch.h"
#include "tools/report/asked_processes.h"
#include "tools/report/asked_style.h"
#include "tools/report/damage.h"
#include "tools/report/host_argument.h"
#include "tools/report/record_writer.h"
#include "tools/report/report_request.h"
#include "tools/report/sorted_records.h"
#include "tools/report/unknown_names.h"
#include "tools/report/unmatched_users.h"
#include "tools/report/unused_flags.h"
#include "tools/terminal/output_buffer.h"

namespace cpuagg::tools {
namespace {

using acct::ByteAccount;
using acct::ByteSource;
using aggregate::Period;

// Writes those records of inputs()[index] that `filter` takes, at most `left`, or adds them to
// `sorted` if there is one. What comes before an error is written as well. All are read in any
// case, so that warnings do not depend on how many are shown.
absl::StatusOr<ByteAccount> WriteRecords(acct::InputSet& set, size_t index,
                                         aggregate::RecordFilter& filter, RecordWriter& lines,
                                         std::optional<SortedRecords>& sorted, uint64_t& left,
                                         OutputBuffer& output) {
  const std::string& name = set.inputs()[index].name;
  return set.ReadInput(index, [&](ByteSource& source, const acct::ReadOptions& options) {
    return acct::ForEachRecord(source, options, [&](const auto& record, uint64_t offset) {
      if (!filter.Takes(record)) return true;
      if (sorted.has_value()) {
        sorted->Add(record, [&](std::string& line) { lines.Append(record, offset, name, line); });
        return true;
      }
      if (left == 0) return true;
      --left;
      lines.Append(record, offset, name, output.text());
      return output.FlushIfLarge();
    });
  });
}

// Reports what is not printed, and above all why nothing is printed.
void WarnOfFindings(CommandContext& context, const Period& period,
                    const aggregate::History& history, aggregate::Report findings) {
  findings.only_people = context.flags.people;
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

// nullopt for the order of the files.
absl::StatusOr<std::optional<SortedRecords>> AskedOrder(const Flags& flags) {
  if (!flags.sort.has_value()) return std::optional<SortedRecords>();
  const absl::StatusOr<RecordKey> key = ParseRecordKey(*flags.sort);
  if (!key.ok()) return key.status();
  return SortedRecords(*key, flags.top);
}

}  // namespace

ExitCode RunRecords(CommandContext& context) {
  const absl::StatusOr<Period> period = RequestedPeriod(context, /*for_message=*/false);
  if (!period.ok()) return context.FailUsage(period.status());
  const Flags& flags = context.flags;
  for (const absl::Status& usable : {CheckNamesNoHost(flags.files), CheckRecordFlags(flags)}) {
    if (!usable.ok()) return context.FailUsage(usable);
  }
  if (flags.period == "since-last") {
    return context.FailUsage(absl::InvalidArgumentError(
        "--period: since-last is what was collected since a report was sent, and records are not "
        "collected; name another period"));
  }
  const absl::StatusOr<notify::TableStyle> style =
      AskedStyle(flags, notify::RecordColumnNames(), notify::RecordCsvNames());
  if (!style.ok()) return context.FailUsage(style.status());
  if (flags.format == Format::kProto && isatty(STDOUT_FILENO) != 0) {
    return context.FailUsage(absl::InvalidArgumentError(
        "--format: proto is binary, which a terminal cannot show; redirect it to a file or a "
        "program"));
  }
  absl::StatusOr<std::optional<SortedRecords>> sorted = AskedOrder(flags);
  if (!sorted.ok()) return context.FailUsage(sorted.status());
  const absl::StatusOr<aggregate::ProcessChoice> processes = AskedProcesses(context);
  if (absl::IsInvalidArgument(processes.status())) return context.FailUsage(processes.status());
  if (!processes.ok()) return context.Fail(processes.status());
  absl::StatusOr<std::unique_ptr<aggregate::UserDirectory>> names =
      context.UserNames(kNamesOfReports);
  if (!names.ok()) return context.Fail(names.status());
  const std::vector<std::string>& files = flags.files;
  const absl::StatusOr<aggregate::History> history =
      files.empty() ? FindHistory(context, period->begin) : FindNamed(files);
  if (!history.ok()) return context.Fail(OfferPeriod(history.status(), files, context));
  bool has_unreadable = false;
  for (const acct::PassedOver& other : history->passed_over) {
    WarnOfPassedOver(other, context.console);
    has_unreadable |= other.is_unreadable;
  }

  absl::StatusOr<acct::InputSet> set =
      acct::InputSet::Open(history->paths, context.FileFormat(), context.Threads());
  if (!set.ok()) return context.Fail(OfferPeriod(set.status(), files, context));
  // Printed records cannot be taken back.
  const absl::Status resolved = set->ResolveBeforehand(context.Threads());
  if (!resolved.ok()) return context.Fail(resolved);

  aggregate::RecordFilter filter(
      {.users = flags.users,
       .ignored_users = flags.ignored_users.value_or(std::vector<std::string>()),
       .ignores_system_accounts = flags.people,
       .commands = flags.commands},
      *processes, *period, **names);
  RecordWriter lines(flags.format, *style, **names, context.zone);
  OutputBuffer output(context.console);
  output.text() = lines.Header();
  std::vector<ByteAccount> accounts;
  // Named files may be one history in any order; generations are in theirs.
  std::vector<size_t> order = set->InOrderOfTime();
  if (files.empty()) std::sort(order.begin(), order.end());
  uint64_t left = flags.top > 0 ? flags.top : std::numeric_limits<uint64_t>::max();
  for (const size_t i : order) {
    absl::StatusOr<ByteAccount> account =
        WriteRecords(*set, i, filter, lines, *sorted, left, output);
    if (sorted->has_value() && (!account.ok() || i == order.back())) {
      (*sorted)->AppendTo(output.text());
    }
    if (const absl::Status printed = output.Flush(); !printed.ok()) return context.Fail(printed);
    if (!account.ok()) {
      WarnOfUnknownNames(**names, context.console);
      WarnOfDamage(accounts, context.console);
      return context.Fail(account.status());
    }
    accounts.push_back(*std::move(account));
  }
  if (lines.has_equal_names()) {
    context.console.Warn("some names look the same because they are cut; --wide shows all of each");
  }
  WarnOfUnknownNames(**names, context.console);
  const aggregate::Report findings = filter.Findings();
  if (filter.taken() == 0 && filter.other_processes() > 0) {
    context.console.Warn(absl::StrCat("none of ",
                                      notify::Pluralize(filter.other_processes(), "record"),
                                      " matches ", GivenFlags(flags)));
  }
  if ((processes->pid.has_value() || processes->parent.has_value()) && filter.without_ids() > 0) {
    context.console.Warn(absl::StrCat(processes->pid.has_value() ? "--pid: " : "--parent: ",
                                      notify::Pluralize(filter.without_ids(), "record"),
                                      filter.without_ids() == 1 ? " has" : " have",
                                      " no process ids: only version 3 of the format has them"));
  }
  // Of a time, what is known of its second.
  const std::optional<absl::Time>& at = processes->at;
  const Period told =
      at.has_value() && period->is_all() ? Period{*at, *at + absl::Seconds(1)} : *period;
  WarnOfFindings(context, told, *history, findings);
  // Printed records cannot be taken back.
  const absl::StatusOr<aggregate::History> now =
      files.empty() ? FindHistory(context, period->begin) : FindNamed(files, *history);
  if (!now.ok()) return context.Fail(now.status());
  if (!history->IsSameAs(*now)) {
    return context.Fail(
        RotatedWhileRead(files.empty() ? context.AccountingFile() : absl::StrJoin(files, ", ")));
  }
  const bool is_empty = WarnOfEmptyInput(accounts, context.console);
  return WarnOfDamage(accounts, context.console) || has_unreadable || is_empty ? kDamagedInput
                                                                               : kDone;
}

}  // namespace cpuagg::tools
