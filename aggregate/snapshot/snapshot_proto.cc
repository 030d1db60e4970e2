#include "aggregate/snapshot/snapshot_proto.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "acct/rotation/cursor.h"
#include "acct/scan/byte_account.h"
#include "aggregate/buckets/blocks.h"
#include "aggregate/buckets/bucket_policy.h"
#include "aggregate/buckets/usage_rows.h"
#include "aggregate/running/accounting_state.h"
#include "aggregate/running/machine_time.h"
#include "aggregate/running/running.h"
#include "aggregate/snapshot/usage_rows_codec.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/usage.h"
#include "aggregate/usage/user_history.h"

namespace cpuagg::aggregate {
namespace {

storage::SkipReason ToProto(acct::SkipReason reason) {
  switch (reason) {
    case acct::SkipReason::kZeros:
      return storage::SKIP_REASON_ZEROS;
    case acct::SkipReason::kBigEndianVersion0:
      return storage::SKIP_REASON_BIG_ENDIAN_VERSION_0;
    case acct::SkipReason::kReservedVersion:
      return storage::SKIP_REASON_RESERVED_VERSION;
    case acct::SkipReason::kMisaligned:
      return storage::SKIP_REASON_MISALIGNED;
    case acct::SkipReason::kImplausible:
      return storage::SKIP_REASON_IMPLAUSIBLE;
    case acct::SkipReason::kNoRecord:
      break;
  }
  return storage::SKIP_REASON_NO_RECORD;
}

acct::SkipReason FromProto(storage::SkipReason reason) {
  switch (reason) {
    case storage::SKIP_REASON_ZEROS:
      return acct::SkipReason::kZeros;
    case storage::SKIP_REASON_BIG_ENDIAN_VERSION_0:
      return acct::SkipReason::kBigEndianVersion0;
    case storage::SKIP_REASON_RESERVED_VERSION:
      return acct::SkipReason::kReservedVersion;
    case storage::SKIP_REASON_MISALIGNED:
      return acct::SkipReason::kMisaligned;
    case storage::SKIP_REASON_IMPLAUSIBLE:
      return acct::SkipReason::kImplausible;
    default:
      return acct::SkipReason::kNoRecord;
  }
}

void ToProto(const acct::Cursor& cursor, storage::Cursor& proto) {
  proto.set_offset(cursor.offset);
  proto.set_head(cursor.head);
  proto.set_tail(cursor.tail);
  proto.set_device(cursor.device);
  proto.set_inode(cursor.inode);
  proto.set_sealed_bytes(cursor.sealed_bytes);
  proto.set_sealed_nanos(cursor.sealed_nanos);
  proto.set_is_gone(cursor.is_gone);
  proto.set_may_grow(cursor.may_grow);
  proto.set_trailing_bytes(cursor.trailing_bytes);
  proto.set_born_nanos(cursor.born_nanos);
  proto.set_last_end_seconds(cursor.last_end_seconds);
}

acct::Cursor FromProto(const storage::Cursor& proto) {
  return {.offset = proto.offset(),
          .head = proto.head(),
          .tail = proto.tail(),
          .trailing_bytes = proto.trailing_bytes(),
          .device = proto.device(),
          .inode = proto.inode(),
          .sealed_bytes = proto.sealed_bytes(),
          .sealed_nanos = proto.sealed_nanos(),
          .born_nanos = proto.born_nanos(),
          .last_end_seconds = proto.last_end_seconds(),
          .may_grow = proto.may_grow(),
          .is_gone = proto.is_gone()};
}

// Older files do not say which generation may still grow: it is the one read last.
void FindGrowing(const storage::Body& body, std::vector<acct::Cursor>& cursors) {
  if (std::any_of(body.cursors().begin(), body.cursors().end(),
                  [](const storage::Cursor& cursor) { return cursor.has_may_grow(); })) {
    return;
  }
  const auto last = std::find_if(cursors.begin(), cursors.end(),
                                 [](const acct::Cursor& cursor) { return !cursor.is_gone; });
  if (last != cursors.end()) last->may_grow = true;
}

void ToProto(const acct::ByteAccount& input, storage::Input& proto) {
  proto.set_name(input.name);
  proto.set_bytes(input.bytes);
  proto.set_records(input.records);
  proto.set_skipped_bytes(input.skipped_bytes);
  proto.set_trailing_bytes(input.trailing_bytes);
  proto.set_regions(input.regions);
  proto.set_invalid_elapsed(input.invalid_elapsed);
  proto.set_cut_short(input.cut_short);
  for (const acct::SkippedRegion& region : input.skipped) {
    storage::SkippedRegion& added = *proto.add_skipped();
    added.set_begin(region.begin);
    added.set_end(region.end);
    added.set_reason(ToProto(region.reason));
  }
}

acct::ByteAccount FromProto(const storage::Input& proto) {
  acct::ByteAccount input;
  input.name = proto.name();
  input.bytes = proto.bytes();
  input.records = proto.records();
  input.skipped_bytes = proto.skipped_bytes();
  input.trailing_bytes = proto.trailing_bytes();
  input.regions = proto.regions();
  input.invalid_elapsed = proto.invalid_elapsed();
  input.cut_short = proto.cut_short();
  for (const storage::SkippedRegion& region : proto.skipped()) {
    input.skipped.push_back({region.begin(), region.end(), FromProto(region.reason())});
  }
  return input;
}

void ToProto(const RunningBaseline& baseline, storage::RunningCarry& proto) {
  proto.set_boot_id(baseline.boot_id);
  proto.set_scanned_at_seconds(baseline.scanned_at);
  proto.set_boot_time_seconds(baseline.boot_time);
  proto.set_uptime_seconds(baseline.uptime);
  for (const CountedProcess& process : baseline.processes) {
    storage::RunningProcess& added = *proto.add_processes();
    added.set_pid(process.pid);
    added.set_start_ticks(process.start_ticks);
    added.set_begin_seconds(process.begin_time);
    added.set_command(CommandText(process.command));
    added.set_uid(process.uid.value());
    added.set_user_ticks(process.user_ticks);
    added.set_system_ticks(process.system_ticks);
  }
}

RunningBaseline FromProto(const storage::RunningCarry& proto) {
  RunningBaseline baseline{.boot_id = proto.boot_id(),
                           .scanned_at = proto.scanned_at_seconds(),
                           .boot_time = proto.boot_time_seconds(),
                           .uptime = proto.uptime_seconds()};
  baseline.processes.reserve(static_cast<size_t>(proto.processes_size()));
  for (const storage::RunningProcess& process : proto.processes()) {
    baseline.processes.push_back({.pid = process.pid(),
                                  .start_ticks = process.start_ticks(),
                                  .begin_time = process.begin_seconds(),
                                  .uid = acct::Uid(process.uid()),
                                  .command = CommandBitsOf(process.command()),
                                  .user_ticks = process.user_ticks(),
                                  .system_ticks = process.system_ticks()});
  }
  return baseline;
}

void ToProto(const MachineTime& time, storage::MachineTime& proto) {
  proto.set_begin_seconds(time.begin);
  proto.set_length_seconds(static_cast<uint32_t>(time.end - time.begin));
  proto.set_known_seconds(time.known);
  proto.set_processors(time.processors);
  proto.set_busy_ticks(time.busy);
  proto.set_idle_ticks(time.idle);
  proto.set_stolen_ticks(time.stolen);
}

MachineTime FromProto(const storage::MachineTime& proto) {
  return {.begin = proto.begin_seconds(),
          .end = proto.begin_seconds() + int64_t{proto.length_seconds()},
          .known = proto.known_seconds(),
          .processors = proto.processors(),
          .busy = proto.busy_ticks(),
          .idle = proto.idle_ticks(),
          .stolen = proto.stolen_ticks()};
}

void ToProto(const MachineCounters& counters, storage::MachineCounters& proto) {
  proto.set_boot_id(counters.times.boot_id);
  proto.set_seen_at_seconds(counters.seen_at);
  proto.set_uptime_seconds(counters.times.uptime);
  proto.set_processors(counters.times.processors);
  proto.set_busy_ticks(counters.times.busy);
  proto.set_idle_ticks(counters.times.idle);
  proto.set_stolen_ticks(counters.times.stolen);
}

MachineCounters FromProto(const storage::MachineCounters& proto) {
  return {.times = {.boot_id = proto.boot_id(),
                    .uptime = proto.uptime_seconds(),
                    .processors = proto.processors(),
                    .busy = proto.busy_ticks(),
                    .idle = proto.idle_ticks(),
                    .stolen = proto.stolen_ticks()},
          .seen_at = proto.seen_at_seconds()};
}

// Infinite times have no number of nanoseconds.
int64_t NanosOf(absl::Time time) {
  return time == absl::InfinitePast() ? INT64_MIN : absl::ToUnixNanos(time);
}
absl::Time TimeOf(int64_t nanos) {
  return nanos == INT64_MIN ? absl::InfinitePast() : absl::FromUnixNanos(nanos);
}

storage::MergeLevel ToProto(MergeLevel level) {
  switch (level) {
    case MergeLevel::kDay:
      return storage::MERGE_LEVEL_DAY;
    case MergeLevel::kMonth:
      return storage::MERGE_LEVEL_MONTH;
    case MergeLevel::kExpired:
      return storage::MERGE_LEVEL_EXPIRED;
    case MergeLevel::kRun:
      break;
  }
  return storage::MERGE_LEVEL_RUN;
}

MergeLevel FromProto(storage::MergeLevel level) {
  switch (level) {
    case storage::MERGE_LEVEL_DAY:
      return MergeLevel::kDay;
    case storage::MERGE_LEVEL_MONTH:
      return MergeLevel::kMonth;
    case storage::MERGE_LEVEL_EXPIRED:
      return MergeLevel::kExpired;
    default:
      return MergeLevel::kRun;
  }
}

void ToProto(const AccountingState& state, storage::Header& proto) {
  switch (state.kind) {
    case AccountingState::Kind::kUnknown:
      return;
    case AccountingState::Kind::kOn:
      proto.set_accounting(storage::ACCOUNTING_STATE_ON);
      return;
    case AccountingState::Kind::kOff:
      proto.set_accounting(storage::ACCOUNTING_STATE_OFF);
      break;
    case AccountingState::Kind::kSilent:
      proto.set_accounting(storage::ACCOUNTING_STATE_SILENT);
      break;
  }
  proto.set_accounting_off_since_nanos(NanosOf(state.since));
  proto.set_accounting_remedy(state.remedy);
}

AccountingState AccountingOf(const storage::Header& proto) {
  AccountingState state;
  switch (proto.accounting()) {
    case storage::ACCOUNTING_STATE_ON:
      state.kind = AccountingState::Kind::kOn;
      return state;
    case storage::ACCOUNTING_STATE_OFF:
      state.kind = AccountingState::Kind::kOff;
      break;
    case storage::ACCOUNTING_STATE_SILENT:
      state.kind = AccountingState::Kind::kSilent;
      break;
    default:
      return state;
  }
  state.since = TimeOf(proto.accounting_off_since_nanos());
  state.remedy = proto.accounting_remedy();
  return state;
}

void ToProto(const UserIdentity& account, storage::Account& proto) {
  proto.set_uid(account.uid.value());
  if (account.name.has_value()) proto.set_name(*account.name);
  proto.set_unresolved(account.is_unresolved);
}

UserIdentity FromProto(const storage::Account& proto) {
  UserIdentity account{.uid = acct::Uid(proto.uid())};
  if (proto.has_name()) account.name = proto.name();
  // If there is a name, ignores the flag.
  account.is_unresolved = proto.unresolved() && !proto.has_name();
  return account;
}

void ToProto(const std::vector<ExpiredUsage>& expired, storage::Expired& proto) {
  std::vector<Usage> usage;
  for (const ExpiredUsage& each : expired) {
    ToProto(each.user, *proto.add_accounts());
    usage.push_back(each.usage);
  }
  EncodeUsage(usage, *proto.mutable_columns());
}

bool FromProto(storage::Expired& proto, std::vector<ExpiredUsage>& expired) {
  std::vector<Usage> usage;
  if (!DecodeUsage(*proto.mutable_columns(), proto.accounts_size(), usage)) return false;
  for (size_t i = 0; i < usage.size(); ++i) {
    expired.push_back(
        {.user = FromProto(proto.accounts(static_cast<int>(i))), .usage = std::move(usage[i])});
  }
  return true;
}

}  // namespace

storage::Header HeaderToProto(const SnapshotHeader& header, const TimeSpan& buckets) {
  storage::Header proto;
  proto.set_first_run(header.runs.first);
  proto.set_last_run(header.runs.last);
  proto.set_level(ToProto(header.level));
  proto.set_host(header.host);
  proto.set_captured_at_nanos(absl::ToUnixNanos(header.captured_at));
  for (const UserIdentity& account : header.accounts) ToProto(account, *proto.add_accounts());
  for (const Gap& gap : header.gaps) {
    storage::Gap& added = *proto.add_gaps();
    added.set_begin_nanos(NanosOf(gap.period.begin));
    added.set_end_nanos(NanosOf(gap.period.end));
    added.set_reason(gap.reason);
  }
  if (!header.span.empty()) {
    proto.set_first_begin_seconds(header.span.first_begin);
    proto.set_last_end_seconds(header.span.last_end);
  }
  if (!buckets.empty()) {
    proto.set_first_bucket_seconds(buckets.first_begin);
    proto.set_last_bucket_seconds(buckets.last_end);
  }
  proto.set_days_before_seconds(header.policy.days_before);
  proto.set_command_days_before_seconds(header.policy.command_days_before);
  proto.set_command_months_before_seconds(header.policy.command_months_before);
  proto.set_counts_running(header.counts_running);
  ToProto(header.accounting, proto);
  for (const MachineTime& time : header.machine_times) ToProto(time, *proto.add_machine_times());
  proto.set_expired_gaps(header.expired_gaps);
  proto.set_expired_skipped_bytes(header.expired_skipped_bytes);
  return proto;
}

SnapshotHeader HeaderFromProto(const storage::Header& proto) {
  SnapshotHeader header{.runs = {proto.first_run(), proto.last_run()},
                        .level = FromProto(proto.level()),
                        .host = proto.host(),
                        .captured_at = absl::FromUnixNanos(proto.captured_at_nanos()),
                        .counts_running = proto.counts_running(),
                        .accounting = AccountingOf(proto),
                        .expired_gaps = proto.expired_gaps(),
                        .expired_skipped_bytes = proto.expired_skipped_bytes()};
  for (const storage::Account& account : proto.accounts()) {
    header.accounts.push_back(FromProto(account));
  }
  for (const storage::Gap& gap : proto.gaps()) {
    header.gaps.push_back(
        {.period = {.begin = TimeOf(gap.begin_nanos()), .end = TimeOf(gap.end_nanos())},
         .reason = gap.reason()});
  }
  if (proto.has_first_begin_seconds() && proto.has_last_end_seconds()) {
    header.span.Cover(proto.first_begin_seconds(), proto.last_end_seconds());
  }
  if (IsTime(proto.first_bucket_seconds()) && IsTime(proto.last_bucket_seconds()) &&
      proto.has_first_bucket_seconds() && proto.has_last_bucket_seconds()) {
    header.buckets.Cover(proto.first_bucket_seconds(), proto.last_bucket_seconds());
  }
  if (proto.has_days_before_seconds()) {
    header.policy.days_before = proto.days_before_seconds();
  }
  if (proto.has_command_days_before_seconds()) {
    header.policy.command_days_before = proto.command_days_before_seconds();
  }
  if (proto.has_command_months_before_seconds()) {
    header.policy.command_months_before = proto.command_months_before_seconds();
  }
  for (const storage::MachineTime& time : proto.machine_times()) {
    if (IsTime(time.begin_seconds())) header.machine_times.push_back(FromProto(time));
  }
  // If they are invalid, the whole time of the snapshot becomes one bucket.
  const auto fill = [&](bool is_there, const storage::Buckets& buckets, int64_t longest,
                        std::vector<Bucket>& into) {
    if (is_there && DecodeBuckets(buckets, into)) return;
    into.clear();
    if (header.buckets.empty()) return;
    into.push_back({.begin = header.buckets.first_begin, .end = header.buckets.last_end + longest});
  };
  const int64_t last = header.buckets.last_end;
  fill(proto.has_user_buckets(), proto.user_buckets(), LongestOfUser(header.policy, last),
       header.user_buckets);
  fill(proto.has_command_buckets(), proto.command_buckets(), LongestOfCommand(header.policy, last),
       header.command_buckets);
  return header;
}

storage::Body BodyToProto(const Snapshot& snapshot) {
  storage::Body body;
  EncodeRows(snapshot.users, body);
  EncodeRows(snapshot.commands, body);
  for (const acct::ByteAccount& input : snapshot.inputs) ToProto(input, *body.add_inputs());
  for (const acct::Cursor& cursor : snapshot.cursors) ToProto(cursor, *body.add_cursors());
  if (!snapshot.running.boot_id.empty()) ToProto(snapshot.running, *body.mutable_running());
  if (!snapshot.machine_counters.times.boot_id.empty()) {
    ToProto(snapshot.machine_counters, *body.mutable_machine_counters());
  }
  if (!snapshot.expired.empty()) ToProto(snapshot.expired, *body.mutable_expired());
  return body;
}

bool BodyFromProto(storage::Body& body, WantedRows rows, Snapshot& snapshot) {
  const SnapshotHeader& header = snapshot.header;
  if (!DecodeRows(body, header.accounts.size(), header.policy, snapshot.users)) return false;
  if (rows == WantedRows::kAll &&
      !DecodeRows(body, header.accounts.size(), header.policy, snapshot.commands)) {
    return false;
  }
  for (const storage::Input& input : body.inputs()) snapshot.inputs.push_back(FromProto(input));
  for (const storage::Cursor& cursor : body.cursors()) {
    snapshot.cursors.push_back(FromProto(cursor));
  }
  FindGrowing(body, snapshot.cursors);
  snapshot.running = FromProto(body.running());
  snapshot.machine_counters = FromProto(body.machine_counters());
  return !body.has_expired() || FromProto(*body.mutable_expired(), snapshot.expired);
}

}  // namespace cpuagg::aggregate
