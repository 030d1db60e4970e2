// NewRecordsFixture: files whose new records are read without a store.

#ifndef CPUAGG_AGGREGATE_COLLECT_NEW_RECORDS_FIXTURE_H_
#define CPUAGG_AGGREGATE_COLLECT_NEW_RECORDS_FIXTURE_H_

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "acct/io/progress.h"
#include "acct/rotation/cursor.h"
#include "acct/testing/record_builder.h"
#include "aggregate/collect/consistent_listing.h"
#include "aggregate/collect/new_records.h"
#include "aggregate/running/bucket_totals.h"
#include "aggregate/testing/collector_fixture.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate::testing {

class NewRecordsFixture : public CollectorFixture {
 protected:
  static constexpr uint32_t kBegin = 1'700'000'000;
  static constexpr uint64_t kRecord = 64;

  ConsistentListing ListAll() const {
    absl::StatusOr<ConsistentListing> listing =
        ListConsistently({.path = Pacct()}, cursors_, nullptr);
    EXPECT_TRUE(listing.ok()) << listing.status();
    return listing.ok() ? *std::move(listing) : ConsistentListing();
  }
  // Reads what is new, and keeps the position.
  NewRecords Read(const ConsistentListing& listing, const BucketTotals& totals = {},
                  acct::Progress* progress = nullptr) {
    absl::StatusOr<NewRecords> read = ReadNewRecords(listing, cursors_, totals, now_, progress);
    EXPECT_TRUE(read.ok()) << read.status();
    if (!read.ok()) return {};
    cursors_ = read->cursors;
    return *std::move(read);
  }
  NewRecords Read() { return Read(ListAll()); }

  void SetAge(const std::string& name, absl::Duration age) const {
    const timespec written = absl::ToTimespec(now_ - age);
    const timespec times[] = {written, written};
    ASSERT_EQ(utimensat(AT_FDCWD, dir_.Path(name).c_str(), times, 0), 0);
  }

  // A record of a process that began and ended in this second.
  static std::string EndedAt(uint32_t second) {
    return acct::testing::RecordBuilder().Uid(1).BeginTime(kBegin + second).Bytes();
  }

  // The cursor of the file with this name.
  acct::Cursor CursorOf(absl::string_view name) const {
    struct stat info;
    EXPECT_EQ(stat(dir_.Path(name).c_str(), &info), 0) << name;
    const auto found =
        std::find_if(cursors_.begin(), cursors_.end(), [&](const acct::Cursor& cursor) {
          return cursor.device == info.st_dev && cursor.inode == info.st_ino && !cursor.is_gone;
        });
    EXPECT_NE(found, cursors_.end()) << name;
    return found == cursors_.end() ? acct::Cursor() : *found;
  }

  std::vector<acct::Cursor> cursors_;
};

}  // namespace cpuagg::aggregate::testing

#endif  // CPUAGG_AGGREGATE_COLLECT_NEW_RECORDS_FIXTURE_H_
