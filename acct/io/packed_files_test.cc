// Files that the usual programs have compressed, whole, cut off and damaged.

#include <cstdio>
#include <memory>
#include <random>
#include <string>

#include "absl/status/statusor.h"
#include "acct/io/byte_source.h"
#include "acct/io/decompressor.h"
#include "acct/io/open_source.h"
#include "acct/io/progress.h"
#include "acct/testing/read_all.h"
#include "acct/testing/sanitized.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

using testing::ReadAll;
using testing::TempDir;

// The programs that compress rotated files, with their usual arguments.
struct Packer {
  const char* name;
  const char* command;
};
constexpr Packer kPackers[] = {
    {"gzip", "gzip -c"}, {"xz", "xz -c"}, {"zstd", "zstd -qc"}, {"bzip2", "bzip2 -c"}};

std::string Packed(const TempDir& dir, const Packer& packer, const std::string& content) {
  const std::string plain = dir.Write("plain", content);
  FILE* const pipe = popen((std::string(packer.command) + " < " + plain).c_str(), "r");
  EXPECT_NE(pipe, nullptr);
  std::string packed;
  char buffer[4096];
  while (const size_t got = fread(buffer, 1, sizeof buffer, pipe)) packed.append(buffer, got);
  EXPECT_EQ(pclose(pipe), 0) << packer.command;
  return packed;
}

// Text that is neither uniform nor random, so that it compresses like accounting files.
std::string Content(size_t bytes) {
  std::mt19937 random(1);
  std::string content;
  while (content.size() < bytes) content += "record " + std::to_string(random() % 1000);
  content.resize(bytes);
  return content;
}

struct Unpacked {
  std::string content;
  std::string damage;
};

Unpacked Unpack(const std::string& path) {
  absl::StatusOr<std::unique_ptr<ByteSource>> source = OpenSource(path);
  EXPECT_TRUE(source.ok()) << source.status();
  const absl::StatusOr<std::string> content = ReadAll(**source);
  EXPECT_TRUE(content.ok()) << content.status();
  return {*content, (*source)->damage()};
}

// Of several of the pieces in which a file is read.
constexpr size_t kLongBytes = testing::LessIfSanitized(3'000'001, 600'001);

class PackedFileTest : public ::testing::TestWithParam<Packer> {
 protected:
  TempDir dir_;
};

TEST_P(PackedFileTest, ComesOutAsItWentInWhateverItsName) {
  for (const size_t bytes : {size_t{0}, size_t{1}, size_t{64}, kLongBytes}) {
    const std::string content = Content(bytes);
    const Unpacked unpacked = Unpack(dir_.Write("pacct", Packed(dir_, GetParam(), content)));
    EXPECT_TRUE(unpacked.content == content) << bytes;
    EXPECT_EQ(unpacked.damage, "");
  }
}

TEST_P(PackedFileTest, ProgressCountsCompressedBytes) {
  const std::string packed = Packed(dir_, GetParam(), Content(kLongBytes));
  Progress progress;
  absl::StatusOr<std::unique_ptr<ByteSource>> source =
      OpenSource(dir_.Write("pacct", packed), &progress);
  ASSERT_TRUE(source.ok()) << source.status();
  ASSERT_TRUE(ReadAll(**source).ok());
  EXPECT_EQ(progress.bytes(), packed.size());
}

TEST_P(PackedFileTest, SeveralMembersAreOneStream) {
  const std::string one = Packed(dir_, GetParam(), Content(1000));
  const std::string zeros(512, '\0');
  struct Case {
    std::string file;
    int members;
  };
  for (const Case& c : {Case{one + one, 2}, Case{one + zeros, 1}, Case{one + zeros + one, 2}}) {
    const Unpacked unpacked = Unpack(dir_.Write("pacct", c.file));
    EXPECT_EQ(unpacked.damage, "");
    EXPECT_EQ(unpacked.content, c.members == 1 ? Content(1000) : Content(1000) + Content(1000));
  }
}

// The file is read in pieces of 256 KiB.
TEST_P(PackedFileTest, AMemberMayBeginInOnePieceAndContinueInTheNext) {
  const std::string one = Packed(dir_, GetParam(), Content(1000));
  for (size_t before = 0; before <= kMagicBytes; ++before) {
    const std::string zeros((size_t{256} << 10) - one.size() - before, '\0');
    const Unpacked unpacked = Unpack(dir_.Write("pacct", one + zeros + one));
    EXPECT_EQ(unpacked.damage, "") << before;
    EXPECT_EQ(unpacked.content, Content(1000) + Content(1000)) << before;
  }
}

TEST_P(PackedFileTest, WhatFollowsTheDataIsSaid) {
  const std::string packed = Packed(dir_, GetParam(), Content(1000));
  const Unpacked unpacked = Unpack(dir_.Write("pacct", packed + "garbage"));
  EXPECT_EQ(unpacked.content, Content(1000));
  EXPECT_NE(unpacked.damage.find("is followed by something else at offset " +
                                 std::to_string(packed.size())),
            std::string::npos)
      << unpacked.damage;
  const std::string padded = packed + std::string(512, '\0');
  EXPECT_NE(Unpack(dir_.Write("pacct", padded + "garbage"))
                .damage.find("at offset " + std::to_string(padded.size())),
            std::string::npos);
}

TEST_P(PackedFileTest, CutAnywhereGivesAPrefixAndSaysSo) {
  const std::string content = Content(20'000);
  const std::string packed = Packed(dir_, GetParam(), content);
  for (size_t length = kMagicBytes; length < packed.size(); length += 1 + length / 50) {
    const Unpacked unpacked = Unpack(dir_.Write("pacct", packed.substr(0, length)));
    ASSERT_EQ(unpacked.content, content.substr(0, unpacked.content.size())) << length;
    ASSERT_NE(unpacked.damage.find("is cut off"), std::string::npos) << length;
  }
}

TEST_P(PackedFileTest, AFlippedByteIsNeverTakenForGoodData) {
  const std::string content = Content(20'000);
  const std::string packed = Packed(dir_, GetParam(), content);
  int noticed = 0;
  int flips = 0;
  for (size_t at = kMagicBytes; at < packed.size(); at += 1 + packed.size() / 300) {
    std::string flipped = packed;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
    const Unpacked unpacked = Unpack(dir_.Write("pacct", flipped));
    // A few bytes of a header have no effect, such as the time in gzip's.
    ASSERT_TRUE(!unpacked.damage.empty() || unpacked.content == content) << at;
    noticed += unpacked.damage.empty() ? 0 : 1;
    ++flips;
  }
  EXPECT_GT(noticed, flips * 9 / 10);
}

TEST(PackedFilesTest, WhatComesBeforeTheDamageOfAGzipFileIsGiven) {
  const TempDir dir;
  const std::string content = Content(kLongBytes);
  std::string packed = Packed(dir, {"gzip", "gzip -c"}, content);
  packed.back() = static_cast<char>(packed.back() ^ 1);
  const Unpacked unpacked = Unpack(dir.Write("pacct", packed));
  EXPECT_TRUE(unpacked.content == content);
  EXPECT_NE(unpacked.damage.find("is damaged (incorrect checksum or length) at offset"),
            std::string::npos)
      << unpacked.damage;
}

INSTANTIATE_TEST_SUITE_P(Formats, PackedFileTest, ::testing::ValuesIn(kPackers),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace cpuagg::acct
