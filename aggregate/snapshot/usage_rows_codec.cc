#include "aggregate/snapshot/usage_rows_codec.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>

#include "absl/types/span.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/usage.h"
#include "google/protobuf/repeated_field.h"

namespace cpuagg::aggregate {
namespace {

// A counter of Usage and its column.
struct Counter {
  uint64_t& (*of)(Usage&);
  google::protobuf::RepeatedField<uint64_t>* (storage::Columns::*column)();
};
constexpr std::array kCounters = {
    Counter{[](Usage& u) -> uint64_t& { return u.processes; },
            &storage::Columns::mutable_processes},
    Counter{[](Usage& u) -> uint64_t& { return u.ticks.user; },
            &storage::Columns::mutable_user_ticks},
    Counter{[](Usage& u) -> uint64_t& { return u.ticks.system; },
            &storage::Columns::mutable_system_ticks},
    Counter{[](Usage& u) -> uint64_t& { return u.ticks.elapsed; },
            &storage::Columns::mutable_elapsed_ticks},
    Counter{[](Usage& u) -> uint64_t& { return u.ticks.largest_cpu; },
            &storage::Columns::mutable_largest_cpu_ticks},
    Counter{[](Usage& u) -> uint64_t& { return u.memory_kib; },
            &storage::Columns::mutable_memory_kib},
    Counter{[](Usage& u) -> uint64_t& { return u.largest_memory_kib; },
            &storage::Columns::mutable_largest_memory_kib},
    Counter{[](Usage& u) -> uint64_t& { return u.io; }, &storage::Columns::mutable_io},
    Counter{[](Usage& u) -> uint64_t& { return u.minor_faults; },
            &storage::Columns::mutable_minor_faults},
    Counter{[](Usage& u) -> uint64_t& { return u.major_faults; },
            &storage::Columns::mutable_major_faults}};

// The same for signed changes.
struct Change {
  int64_t Usage::*of;
  google::protobuf::RepeatedField<int64_t>* (storage::Columns::*column)();
};
constexpr std::array kChanges = {
    Change{&Usage::running_user, &storage::Columns::mutable_running_user_ticks},
    Change{&Usage::running_system, &storage::Columns::mutable_running_system_ticks}};

template <typename Value>
void DropZeros(google::protobuf::RepeatedField<Value>& column) {
  if (std::all_of(column.begin(), column.end(), [](Value value) { return value == 0; })) {
    column.Clear();
  }
}

// Appends one row to every column.
void AddRow(Usage usage, int row, storage::Columns& columns) {
  for (const Counter& counter : kCounters) (columns.*counter.column)()->Add(counter.of(usage));
  for (const Change& change : kChanges) (columns.*change.column)()->Add(usage.*change.of);
  for (const auto& [rate, sums] : usage.other_rates.map()) {
    storage::RateUsage& added = *columns.add_other_rates();
    added.set_row(static_cast<uint32_t>(row));
    added.set_rate(rate);
    added.set_user_ticks(sums.user);
    added.set_system_ticks(sums.system);
    added.set_elapsed_ticks(sums.elapsed);
    added.set_largest_cpu_ticks(sums.largest_cpu);
  }
}

void DropZeros(storage::Columns& columns) {
  for (const Counter& counter : kCounters) DropZeros(*(columns.*counter.column)());
  for (const Change& change : kChanges) DropZeros(*(columns.*change.column)());
}

// Fills the usage of `count` rows, beginning at `rows`. False if the columns have another length.
template <typename Row>
bool FillUsage(storage::Columns& columns, int count, Row* rows) {
  for (const Counter& counter : kCounters) {
    const auto& column = *(columns.*counter.column)();
    if (column.empty()) continue;
    if (column.size() != count) return false;
    for (int i = 0; i < count; ++i) counter.of(rows[i].usage) = column[i];
  }
  for (const Change& change : kChanges) {
    const auto& column = *(columns.*change.column)();
    if (column.empty()) continue;
    if (column.size() != count) return false;
    for (int i = 0; i < count; ++i) rows[i].usage.*change.of = column[i];
  }
  for (const storage::RateUsage& other : columns.other_rates()) {
    if (other.rate() == 0 || other.row() >= static_cast<uint32_t>(count)) return false;
    rows[other.row()].usage.other_rates[other.rate()] = {.user = other.user_ticks(),
                                                         .system = other.system_ticks(),
                                                         .elapsed = other.elapsed_ticks(),
                                                         .largest_cpu = other.largest_cpu_ticks()};
  }
  return true;
}

constexpr int64_t kHour = 3600;
constexpr int64_t kLongestDay = 25 * kHour;
constexpr int64_t kLongestMonth = 31 * (24 * kHour) + kHour;

// The buckets of `rows`, which are ordered.
template <typename Row>
std::vector<Bucket> BucketsOf(const std::vector<Row>& rows) {
  std::vector<Bucket> buckets;
  for (const Row& row : rows) {
    if (buckets.empty() || buckets.back().begin != row.begin) {
      buckets.push_back({.begin = row.begin, .end = row.end});
    }
    buckets.back().end = std::max(buckets.back().end, row.end);
  }
  return buckets;
}

void Encode(const std::vector<Bucket>& buckets, storage::Buckets& proto) {
  int64_t last = 0;
  for (const Bucket& bucket : buckets) {
    proto.add_begin_after_last_seconds(bucket.begin - last);
    proto.add_length_seconds(static_cast<uint32_t>(bucket.end - bucket.begin));
    last = bucket.begin;
  }
}

// Buckets of earlier development versions have no length.
template <typename ProtoBucket>
int64_t BucketEnd(const ProtoBucket& bucket, int64_t longest) {
  const int64_t length = bucket.length_seconds() > 0 ? bucket.length_seconds() : longest;
  return bucket.begin_seconds() + length;
}

}  // namespace

bool IsTime(int64_t seconds) {
  constexpr int64_t kMost = int64_t{1} << 40;
  return -kMost < seconds && seconds < kMost;
}

int64_t LongestOfUser(const BucketPolicy& policy, int64_t begin) {
  return begin < policy.days_before ? kLongestDay : kHour;
}
int64_t LongestOfCommand(const BucketPolicy& policy, int64_t begin) {
  if (begin < policy.command_months_before) return kLongestMonth;
  return begin < policy.command_days_before ? kLongestDay : kHour;
}

void EncodeBuckets(const std::vector<UserRow>& rows, storage::Buckets& proto) {
  Encode(BucketsOf(rows), proto);
}
void EncodeBuckets(const std::vector<CommandRow>& rows, storage::Buckets& proto) {
  Encode(BucketsOf(rows), proto);
}

void EncodeRows(const std::vector<UserRow>& rows, storage::Body& body) {
  storage::UserBucket* bucket = nullptr;
  for (const UserRow& row : rows) {
    if (bucket == nullptr || bucket->begin_seconds() != row.begin) {
      bucket = body.add_users();
      bucket->set_begin_seconds(row.begin);
      bucket->set_length_seconds(static_cast<uint32_t>(row.end - row.begin));
    }
    AddRow(row.usage, bucket->accounts_size(), *bucket->mutable_columns());
    bucket->add_accounts(row.account);
  }
  for (storage::UserBucket& each : *body.mutable_users()) DropZeros(*each.mutable_columns());
}

void EncodeRows(const std::vector<CommandRow>& rows, storage::Body& body) {
  std::map<CommandBits, uint32_t> numbers = {{kOtherCommands, 0}};
  storage::CommandBucket* bucket = nullptr;
  for (const CommandRow& row : rows) {
    if (bucket == nullptr || bucket->begin_seconds() != row.begin) {
      bucket = body.add_commands();
      bucket->set_begin_seconds(row.begin);
      bucket->set_length_seconds(static_cast<uint32_t>(row.end - row.begin));
    }
    const auto [number, is_new] =
        numbers.try_emplace(row.command, static_cast<uint32_t>(numbers.size()));
    if (is_new) body.add_command_names(CommandText(row.command));
    AddRow(row.usage, bucket->accounts_size(), *bucket->mutable_columns());
    bucket->add_accounts(row.account);
    bucket->add_commands(number->second);
  }
  for (storage::CommandBucket& each : *body.mutable_commands()) DropZeros(*each.mutable_columns());
}

bool DecodeBuckets(const storage::Buckets& proto, std::vector<Bucket>& buckets) {
  if (proto.length_seconds_size() != proto.begin_after_last_seconds_size()) return false;
  int64_t begin = 0;
  for (int i = 0; i < proto.length_seconds_size(); ++i) {
    const int64_t after_last = proto.begin_after_last_seconds(i);
    const uint32_t length = proto.length_seconds(i);
    if (!IsTime(after_last) || !IsTime(begin + after_last) || length == 0) return false;
    if (i > 0 && after_last <= 0) return false;
    begin += after_last;
    buckets.push_back({.begin = begin, .end = begin + int64_t{length}});
  }
  return true;
}

bool DecodeRows(storage::Body& body, size_t accounts, const BucketPolicy& policy,
                std::vector<UserRow>& rows) {
  for (storage::UserBucket& bucket : *body.mutable_users()) {
    const size_t first = rows.size();
    if (!IsTime(bucket.begin_seconds())) return false;
    const int64_t end = BucketEnd(bucket, LongestOfUser(policy, bucket.begin_seconds()));
    for (const uint32_t account : bucket.accounts()) {
      if (account >= accounts) return false;
      rows.push_back({.begin = bucket.begin_seconds(), .end = end, .account = account});
    }
    if (!FillUsage(*bucket.mutable_columns(), bucket.accounts_size(), rows.data() + first)) {
      return false;
    }
  }
  return true;
}

bool DecodeRows(storage::Body& body, size_t accounts, const BucketPolicy& policy,
                std::vector<CommandRow>& rows) {
  std::vector<CommandBits> commands = {kOtherCommands};
  for (const std::string& name : body.command_names()) {
    if (name.size() > sizeof(CommandBits)) return false;
    commands.push_back(CommandBitsOf(
        absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(name.data()), name.size())));
  }
  for (storage::CommandBucket& bucket : *body.mutable_commands()) {
    const size_t first = rows.size();
    if (!IsTime(bucket.begin_seconds())) return false;
    if (bucket.commands_size() != bucket.accounts_size()) return false;
    const int64_t end = BucketEnd(bucket, LongestOfCommand(policy, bucket.begin_seconds()));
    for (int i = 0; i < bucket.accounts_size(); ++i) {
      if (bucket.accounts(i) >= accounts || bucket.commands(i) >= commands.size()) return false;
      rows.push_back({.begin = bucket.begin_seconds(),
                      .end = end,
                      .account = bucket.accounts(i),
                      .command = commands[bucket.commands(i)]});
    }
    if (!FillUsage(*bucket.mutable_columns(), bucket.accounts_size(), rows.data() + first)) {
      return false;
    }
  }
  return true;
}

void EncodeUsage(const std::vector<Usage>& usage, storage::Columns& columns) {
  for (size_t i = 0; i < usage.size(); ++i) AddRow(usage[i], static_cast<int>(i), columns);
  DropZeros(columns);
}

bool DecodeUsage(storage::Columns& columns, int count, std::vector<Usage>& usage) {
  std::vector<UserRow> rows(static_cast<size_t>(count));
  if (!FillUsage(columns, count, rows.data())) return false;
  for (UserRow& row : rows) usage.push_back(std::move(row.usage));
  return true;
}

}  // namespace cpuagg::aggregate
