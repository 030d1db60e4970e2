#include "acct/rotation/known_files.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "acct/io/file.h"
#include "acct/rotation/cursor.h"
#include "acct/rotation/read_plan.h"
#include "acct/rotation/recognition.h"
#include "acct/rotation/rotation.h"
#include "gtest/gtest.h"

namespace cpuagg::acct::testing {

std::string Numbered(int from, int to) {
  std::string content;
  for (int i = from; i < to; ++i) {
    std::string record(64, static_cast<char>('a' + i % 26));
    record.replace(0, 8, std::to_string(10'000'000 + i));
    content += record;
  }
  return content;
}

void Compress(const std::string& path) { ASSERT_EQ(std::system(("gzip -n " + path).c_str()), 0); }

Cursor CursorOf(const std::string& path, uint64_t offset) {
  absl::StatusOr<File> file = File::OpenForReading(path);
  EXPECT_TRUE(file.ok()) << file.status();
  absl::StatusOr<Cursor> cursor = CursorAt(*file, offset);
  EXPECT_TRUE(cursor.ok()) << cursor.status();
  return *cursor;
}

std::vector<KnownGeneration> Known(const std::string& path, const std::vector<Cursor>& cursors) {
  const absl::StatusOr<GenerationListing> listing = ListGenerations({.path = path}, cursors);
  EXPECT_TRUE(listing.ok()) << listing.status();
  absl::StatusOr<std::vector<KnownGeneration>> known = Recognise(listing->generations, cursors);
  EXPECT_TRUE(known.ok()) << known.status();
  return *known;
}

bool HasGap(const std::vector<Cursor>& cursors, const std::vector<KnownGeneration>& known) {
  return !PlanReading(cursors, known).missing.empty();
}

}  // namespace cpuagg::acct::testing
