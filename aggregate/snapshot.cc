#include "aggregate/snapshot.h"

#include <zlib.h>

#include <algorithm>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "aggregate/snapshot.pb.h"

namespace cpuagg::aggregate {
namespace {

constexpr uint32_t kFormatVersion = 1;

uint32_t Crc32(absl::string_view bytes) {
  return static_cast<uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

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
}

acct::Cursor FromProto(const storage::Cursor& proto) {
  return {.offset = proto.offset(),
          .head = proto.head(),
          .tail = proto.tail(),
          .device = proto.device(),
          .inode = proto.inode(),
          .sealed_bytes = proto.sealed_bytes(),
          .sealed_nanos = proto.sealed_nanos(),
          .is_gone = proto.is_gone()};
}

void ToProto(acct::Uid uid, const Usage& usage, storage::UserUsage& proto) {
  proto.set_uid(uid.value());
  proto.set_processes(usage.processes);
  proto.set_user_ticks(usage.ticks.user);
  proto.set_system_ticks(usage.ticks.system);
  proto.set_elapsed_ticks(usage.ticks.elapsed);
  proto.set_largest_cpu_ticks(usage.ticks.largest_cpu);
  for (const auto& [rate, sums] : usage.other_rates.map()) {
    storage::RateUsage& added = *proto.add_other_rates();
    added.set_rate(rate);
    added.set_user_ticks(sums.user);
    added.set_system_ticks(sums.system);
    added.set_elapsed_ticks(sums.elapsed);
    added.set_largest_cpu_ticks(sums.largest_cpu);
  }
  proto.set_memory_kib(usage.memory_kib);
  proto.set_largest_memory_kib(usage.largest_memory_kib);
  proto.set_io(usage.io);
  proto.set_minor_faults(usage.minor_faults);
  proto.set_major_faults(usage.major_faults);
  proto.set_running_user_ticks(usage.running_user);
  proto.set_running_system_ticks(usage.running_system);
}

Usage FromProto(const storage::UserUsage& proto) {
  Usage usage{.processes = proto.processes(),
              .ticks = {.user = proto.user_ticks(),
                        .system = proto.system_ticks(),
                        .elapsed = proto.elapsed_ticks(),
                        .largest_cpu = proto.largest_cpu_ticks()},
              .memory_kib = proto.memory_kib(),
              .largest_memory_kib = proto.largest_memory_kib(),
              .io = proto.io(),
              .minor_faults = proto.minor_faults(),
              .major_faults = proto.major_faults(),
              .running_user = proto.running_user_ticks(),
              .running_system = proto.running_system_ticks()};
  for (const storage::RateUsage& other : proto.other_rates()) {
    // A rate of zero is damage; times at it are none.
    if (other.rate() == 0) continue;
    usage.other_rates[other.rate()] += {.user = other.user_ticks(),
                                        .system = other.system_ticks(),
                                        .elapsed = other.elapsed_ticks(),
                                        .largest_cpu = other.largest_cpu_ticks()};
  }
  return usage;
}

void ToProto(const acct::InputAccount& input, storage::Input& proto) {
  proto.set_name(input.name);
  proto.set_bytes(input.bytes);
  proto.set_records(input.records);
  proto.set_skipped_bytes(input.skipped_bytes);
  proto.set_trailing_bytes(input.trailing_bytes);
  proto.set_regions(input.regions);
  proto.set_invalid_elapsed(input.invalid_elapsed);
  for (const acct::SkippedRegion& region : input.skipped) {
    storage::SkippedRegion& added = *proto.add_skipped();
    added.set_begin(region.begin);
    added.set_end(region.end);
    added.set_reason(ToProto(region.reason));
  }
}

acct::InputAccount FromProto(const storage::Input& proto) {
  acct::InputAccount input;
  input.name = proto.name();
  input.bytes = proto.bytes();
  input.records = proto.records();
  input.skipped_bytes = proto.skipped_bytes();
  input.trailing_bytes = proto.trailing_bytes();
  input.regions = proto.regions();
  input.invalid_elapsed = proto.invalid_elapsed();
  for (const storage::SkippedRegion& region : proto.skipped()) {
    input.skipped.push_back({region.begin(), region.end(), FromProto(region.reason())});
  }
  return input;
}

void ToProto(const RunningCarry& carry, storage::RunningCarry& proto) {
  proto.set_boot_id(carry.boot_id);
  proto.set_scanned_at_seconds(carry.scanned_at);
  for (const CarriedProcess& process : carry.processes) {
    storage::RunningProcess& added = *proto.add_processes();
    added.set_pid(process.pid);
    added.set_start_ticks(process.start_ticks);
    added.set_begin_seconds(process.begin_time);
    added.set_uid(process.uid.value());
    added.set_user_ticks(process.user_ticks);
    added.set_system_ticks(process.system_ticks);
  }
}

RunningCarry FromProto(const storage::RunningCarry& proto) {
  RunningCarry carry{.boot_id = proto.boot_id(), .scanned_at = proto.scanned_at_seconds()};
  carry.processes.reserve(static_cast<size_t>(proto.processes_size()));
  for (const storage::RunningProcess& process : proto.processes()) {
    carry.processes.push_back({.pid = process.pid(),
                               .start_ticks = process.start_ticks(),
                               .begin_time = process.begin_seconds(),
                               .uid = acct::Uid(process.uid()),
                               .user_ticks = process.user_ticks(),
                               .system_ticks = process.system_ticks()});
  }
  return carry;
}

storage::Snapshot ToProto(const Snapshot& snapshot) {
  storage::Snapshot proto;
  proto.set_sequence(snapshot.sequence);
  proto.set_host(snapshot.host);
  proto.set_captured_at_nanos(absl::ToUnixNanos(snapshot.captured_at));
  proto.set_bucket_seconds(static_cast<uint32_t>(snapshot.bucket_seconds));
  for (const acct::Cursor& cursor : snapshot.cursors) ToProto(cursor, *proto.add_cursors());

  // Ordered, so that equal snapshots are equal files.
  std::map<std::pair<int64_t, acct::Uid>, Usage> usage;
  for (const auto& [key, value] : snapshot.usage) usage[{key.begin, key.uid}] = value;
  storage::Bucket* bucket = nullptr;
  for (const auto& [key, value] : usage) {
    if (bucket == nullptr || bucket->begin_seconds() != key.first) {
      bucket = proto.add_buckets();
      bucket->set_begin_seconds(key.first);
    }
    ToProto(key.second, value, *bucket->add_users());
  }

  if (!snapshot.span.empty()) {
    proto.set_first_begin_seconds(snapshot.span.first_begin);
    proto.set_last_end_seconds(snapshot.span.last_end);
  }
  const std::map<acct::Uid, std::string> names(snapshot.names.begin(), snapshot.names.end());
  for (const auto& [uid, name] : names) {
    storage::Account& account = *proto.add_accounts();
    account.set_uid(uid.value());
    account.set_name(name);
  }
  for (const acct::InputAccount& input : snapshot.inputs) ToProto(input, *proto.add_inputs());
  for (const Gap& gap : snapshot.gaps) {
    storage::Gap& added = *proto.add_gaps();
    added.set_begin_nanos(absl::ToUnixNanos(gap.period.begin));
    added.set_end_nanos(absl::ToUnixNanos(gap.period.end));
    added.set_reason(gap.reason);
  }
  if (!snapshot.running.boot_id.empty()) ToProto(snapshot.running, *proto.mutable_running());
  return proto;
}

Snapshot FromProto(const storage::Snapshot& proto) {
  Snapshot snapshot;
  snapshot.sequence = proto.sequence();
  snapshot.host = proto.host();
  snapshot.captured_at = absl::FromUnixNanos(proto.captured_at_nanos());
  snapshot.bucket_seconds = proto.bucket_seconds();
  for (const storage::Cursor& cursor : proto.cursors()) {
    snapshot.cursors.push_back(FromProto(cursor));
  }
  for (const storage::Bucket& bucket : proto.buckets()) {
    for (const storage::UserUsage& user : bucket.users()) {
      snapshot.usage[{acct::Uid(user.uid()), bucket.begin_seconds()}] += FromProto(user);
    }
  }
  if (proto.has_first_begin_seconds() && proto.has_last_end_seconds()) {
    snapshot.span.Cover(proto.first_begin_seconds(), proto.last_end_seconds());
  }
  for (const storage::Account& account : proto.accounts()) {
    snapshot.names.emplace(acct::Uid(account.uid()), account.name());
  }
  for (const storage::Input& input : proto.inputs()) {
    snapshot.inputs.push_back(FromProto(input));
  }
  for (const storage::Gap& gap : proto.gaps()) {
    snapshot.gaps.push_back({.period = {.begin = absl::FromUnixNanos(gap.begin_nanos()),
                                        .end = absl::FromUnixNanos(gap.end_nanos())},
                             .reason = gap.reason()});
  }
  snapshot.running = FromProto(proto.running());
  return snapshot;
}

}  // namespace

std::string EncodeSnapshot(const Snapshot& snapshot) {
  storage::SnapshotFile file;
  file.set_format_version(kFormatVersion);
  file.set_snapshot(ToProto(snapshot).SerializeAsString());
  file.set_crc32(Crc32(file.snapshot()));
  return file.SerializeAsString();
}

absl::StatusOr<Snapshot> DecodeSnapshot(absl::string_view bytes, absl::string_view path) {
  const auto damaged = [&](absl::string_view how) {
    return absl::DataLossError(
        absl::StrCat(path, ": damaged snapshot (", how,
                     "); move it out of the store to go on without what it holds"));
  };
  storage::SnapshotFile file;
  if (!file.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return damaged("not a protobuf of this format");
  }
  if (file.format_version() > kFormatVersion) {
    return absl::FailedPreconditionError(absl::StrCat(
        path, ": has format version ", file.format_version(), ", and this cpuagg knows only ",
        kFormatVersion, "; use the version of cpuagg that wrote it, or a newer one"));
  }
  if (file.format_version() != kFormatVersion) return damaged("no format version");
  if (Crc32(file.snapshot()) != file.crc32()) return damaged("its checksum is wrong");
  storage::Snapshot proto;
  if (!proto.ParseFromString(file.snapshot())) return damaged("its content is no snapshot");
  if (proto.sequence() == 0 || proto.bucket_seconds() == 0) return damaged("fields are missing");
  return FromProto(proto);
}

}  // namespace cpuagg::aggregate
