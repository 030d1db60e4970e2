#include "acct/io/decompressor.h"

#include <bzlib.h>
#include <lzma.h>
#include <sys/resource.h>
#include <unistd.h>
#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <new>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "acct/testing/sanitized.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

// Offsets of the parts of a gzip member (RFC 1952).
constexpr size_t kFlags = 3;
constexpr size_t kHeaderBytes = 10;  // without optional fields
constexpr size_t kTrailerBytes = 8;

// Text that is neither uniform nor random, so that it compresses like accounting files.
std::string Content(size_t bytes) {
  std::mt19937 random(1);
  std::string content;
  while (content.size() < bytes) absl::StrAppend(&content, "record ", random() % 1000);
  content.resize(bytes);
  return content;
}

struct Packing {
  std::string name;
  int level = 6;
  int strategy = Z_DEFAULT_STRATEGY;
};

std::string Pack(absl::string_view content, const Packing& packing = {},
                 gz_header* header = nullptr) {
  constexpr int kGzip = 16;
  z_stream stream = {};
  EXPECT_EQ(
      deflateInit2(&stream, packing.level, Z_DEFLATED, MAX_WBITS + kGzip, 8, packing.strategy),
      Z_OK);
  if (header != nullptr) deflateSetHeader(&stream, header);
  std::string packed(deflateBound(&stream, content.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

struct Unpacked {
  std::string content;
  std::vector<size_t> member_ends;  // offsets in the file
  absl::Status status;

  bool operator==(const Unpacked&) const = default;
};

struct Pieces {
  size_t input_bytes;
  size_t output_bytes;
};
constexpr Pieces kWhole = {.input_bytes = 1 << 20, .output_bytes = 100'000};

Unpacked Unpack(absl::string_view file, const Pieces& pieces = kWhole) {
  const std::unique_ptr<Decompressor> decompressor = DecompressorFor("\x1f\x8b");
  Unpacked unpacked;
  std::vector<uint8_t> output(pieces.output_bytes);
  for (size_t at = 0;;) {
    // In a buffer of its own, so that reading beyond its end is detected.
    const absl::string_view piece = file.substr(at, pieces.input_bytes);
    const std::vector<uint8_t> input(piece.begin(), piece.end());
    const absl::StatusOr<Decompressor::Step> step =
        decompressor->Decompress(input, absl::MakeSpan(output));
    if (!step.ok()) {
      unpacked.status = step.status();
      return unpacked;
    }
    unpacked.content.append(output.begin(),
                            output.begin() + static_cast<ptrdiff_t>(step->produced));
    at += step->consumed;
    if (step->member_complete) unpacked.member_ends.push_back(at);
    const bool is_progress = step->consumed > 0 || step->produced > 0 || step->member_complete;
    if (is_progress) continue;
    EXPECT_TRUE(input.empty()) << "no progress at " << at;
    return unpacked;
  }
}

// The output of zlib before the damage.
Unpacked UnpackWithZlib(absl::string_view file, size_t most) {
  constexpr int kGzip = 16;
  z_stream stream = {};
  EXPECT_EQ(inflateInit2(&stream, MAX_WBITS + kGzip), Z_OK);
  Unpacked unpacked = {.content = std::string(most, '\0')};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(file.data()));
  stream.avail_in = static_cast<uInt>(file.size());
  stream.next_out = reinterpret_cast<Bytef*>(unpacked.content.data());
  stream.avail_out = static_cast<uInt>(most);
  const int code = inflate(&stream, Z_SYNC_FLUSH);
  unpacked.content.resize(stream.total_out);
  if (code == Z_STREAM_END) unpacked.member_ends.push_back(stream.total_in);
  if (code == Z_DATA_ERROR) unpacked.status = absl::DataLossError(stream.msg);
  inflateEnd(&stream);
  return unpacked;
}

std::string WithFlippedBit(std::string file, size_t bit) {
  file[bit / 8] = static_cast<char>(file[bit / 8] ^ (1 << bit % 8));
  return file;
}

const Packing kPackings[] = {
    {.name = "stored", .level = 0},
    {.name = "fixed codes", .strategy = Z_FIXED},
    {.name = "dynamic codes"},
    {.name = "no matches", .strategy = Z_HUFFMAN_ONLY},
    {.name = "runs", .level = 1, .strategy = Z_RLE},
};

TEST(GzipDecompressorTest, MembersEndWhereTheyEndInPiecesOfEverySize) {
  std::string file;
  std::string content;
  std::vector<size_t> ends;
  for (const Packing& packing : kPackings) {
    for (const size_t bytes : {0, 1, 64, 700}) {
      content += Content(bytes);
      file += Pack(Content(bytes), packing);
      ends.push_back(file.size());
    }
  }
  for (size_t input_bytes = 1; input_bytes <= 70; ++input_bytes) {
    for (const size_t output_bytes : {size_t{1}, input_bytes, size_t{100'000}}) {
      const Unpacked unpacked = Unpack(file, {input_bytes, output_bytes});
      ASSERT_TRUE(unpacked.status.ok()) << unpacked.status << " in pieces of " << input_bytes;
      ASSERT_EQ(unpacked.content, content) << input_bytes;
      ASSERT_EQ(unpacked.member_ends, ends) << input_bytes;
    }
  }
}

TEST(GzipDecompressorTest, LongMembersComeOutAsTheyWentIn) {
  const std::string content = Content(1'000'001);
  for (const Packing& packing : kPackings) {
    const std::string file = Pack(content, packing);
    for (const Pieces& pieces :
         {kWhole, Pieces{4096, 1 << 20}, Pieces{1 << 20, 4096}, Pieces{1000, 70'000}}) {
      const Unpacked unpacked = Unpack(file, pieces);
      EXPECT_TRUE(unpacked.status.ok()) << packing.name << ": " << unpacked.status;
      EXPECT_TRUE(unpacked.content == content) << packing.name;
      EXPECT_EQ(unpacked.member_ends, std::vector<size_t>{file.size()}) << packing.name;
    }
  }
}

// With all combinations of the optional fields.
std::vector<std::string> FilesWithHeaders(absl::string_view content) {
  std::string extra(300, 'e');
  std::string name = "pacct.1";
  std::string comment(100, 'c');
  std::vector<std::string> files;
  for (int fields = 0; fields < 16; ++fields) {
    gz_header header = {};
    if (fields & 1) {
      header.extra = reinterpret_cast<Bytef*>(extra.data());
      header.extra_len = static_cast<uInt>(extra.size());
    }
    if (fields & 2) header.name = reinterpret_cast<Bytef*>(name.data());
    if (fields & 4) header.comment = reinterpret_cast<Bytef*>(comment.data());
    header.hcrc = (fields & 8) != 0 ? 1 : 0;
    files.push_back(Pack(content, {}, &header));
  }
  return files;
}

TEST(GzipDecompressorTest, OptionalFieldsOfTheHeaderArePassedOver) {
  const std::string content = Content(100);
  for (const std::string& file : FilesWithHeaders(content)) {
    for (size_t input_bytes = 1; input_bytes <= 70; ++input_bytes) {
      const Unpacked unpacked = Unpack(file, {input_bytes, 100});
      ASSERT_TRUE(unpacked.status.ok()) << unpacked.status << ", flags " << +file[kFlags];
      ASSERT_EQ(unpacked.content, content);
      ASSERT_EQ(unpacked.member_ends, std::vector<size_t>{file.size()});
    }
  }
}

TEST(GzipDecompressorTest, AHeaderThatIsWrongIsDamage) {
  constexpr char kHeaderChecksum = 2;
  constexpr size_t kName = kHeaderBytes;
  gz_header with_name = {.name = reinterpret_cast<Bytef*>(const_cast<char*>("n")), .hcrc = 1};
  std::string bad_checksum = Pack("a", {}, &with_name);
  ASSERT_NE(bad_checksum[kFlags] & kHeaderChecksum, 0);
  bad_checksum[kName] = 'm';
  std::string reserved_flag = Pack("a");
  reserved_flag[kFlags] = 0x20;
  std::string method = Pack("a");
  method[2] = 7;
  struct Case {
    std::string file;
    std::string says;
  };
  for (const Case& c :
       {Case{bad_checksum, "incorrect header checksum"},
        Case{reserved_flag, "unknown header flags"}, Case{method, "unknown compression method"}}) {
    for (const size_t input_bytes : {1, 3, 100}) {
      const Unpacked unpacked = Unpack(c.file, {input_bytes, 100});
      EXPECT_EQ(unpacked.status, absl::DataLossError(c.says));
      EXPECT_EQ(unpacked.content, "");
    }
  }
}

TEST(GzipDecompressorTest, AWrongTrailerIsDamageBehindAllOfTheContent) {
  for (const size_t bytes : {0, 1, 700, 90'000}) {
    const std::string content = Content(bytes);
    const std::string file = Pack(content);
    for (size_t bit = (file.size() - kTrailerBytes) * 8; bit < file.size() * 8; ++bit) {
      const Unpacked unpacked = Unpack(WithFlippedBit(file, bit));
      ASSERT_EQ(unpacked.status, absl::DataLossError("incorrect checksum or length")) << bit;
      ASSERT_TRUE(unpacked.content == content) << bit;
      ASSERT_TRUE(unpacked.member_ends.empty());
    }
  }
}

TEST(GzipDecompressorTest, CutAnywhereItGivesWhatThereIs) {
  const std::string content = Content(700);
  for (const Packing& packing : kPackings) {
    const std::string file = Pack(content, packing);
    for (size_t length = 0; length < file.size(); ++length) {
      const absl::string_view cut = absl::string_view(file).substr(0, length);
      const std::string expected = UnpackWithZlib(cut, content.size()).content;
      for (const size_t input_bytes : {size_t{1}, size_t{7}, size_t{30}, file.size()}) {
        const Unpacked unpacked = Unpack(cut, {input_bytes, 1000});
        ASSERT_TRUE(unpacked.status.ok()) << packing.name << " " << length << unpacked.status;
        ASSERT_TRUE(unpacked.member_ends.empty()) << length;
        ASSERT_TRUE(absl::StartsWith(content, unpacked.content)) << packing.name << " " << length;
        // ISA-L decodes up to three bytes at once, or none of them.
        ASSERT_GE(unpacked.content.size() + 2, expected.size()) << packing.name << " " << length;
      }
    }
  }
}

// For all sizes of pieces, everything unpacked before the damage comes out, and nothing else. ISA-L
// accepts some codes that zlib refuses, so it may detect the damage later.
void ExpectDamageIsSeenAsByZlib(const std::string& file, absl::string_view content) {
  const Unpacked whole = Unpack(file);
  const Unpacked with_zlib = UnpackWithZlib(file, content.size() + 100'000);
  ASSERT_TRUE(absl::StartsWith(whole.content, with_zlib.content));
  if (!whole.member_ends.empty()) {
    ASSERT_EQ(whole.content, content);
  }
  if (!with_zlib.member_ends.empty()) {
    ASSERT_EQ(whole, with_zlib);
  }
  for (const Pieces& pieces :
       {Pieces{1, 1000}, Pieces{9, 11}, Pieces{33, 1000}, Pieces{1000, 33}}) {
    ASSERT_EQ(Unpack(file, pieces), whole) << pieces.input_bytes << ", " << pieces.output_bytes;
  }
}

TEST(GzipDecompressorTest, AFlippedBitIsSeenAsByZlibInWhateverPieces) {
  constexpr size_t kStep = testing::LessIfSanitized(1, 7);
  const std::string content = Content(300);
  for (const Packing& packing : kPackings) {
    const std::string file = Pack(content, packing);
    for (size_t bit = kFlags * 8; bit < file.size() * 8; bit += kStep) {
      SCOPED_TRACE(absl::StrCat(packing.name, ", bit ", bit));
      ASSERT_NO_FATAL_FAILURE(ExpectDamageIsSeenAsByZlib(WithFlippedBit(file, bit), content));
    }
  }
}

TEST(GzipDecompressorTest, AFlippedBitFarInsideIsSeenAsByZlibInWhateverPieces) {
  constexpr size_t kStep = testing::LessIfSanitized(1, 2);
  const std::string content = Content(90'000);
  for (const Packing& packing : kPackings) {
    const std::string file = Pack(content, packing);
    for (size_t bit = file.size() * 4; bit < file.size() * 8; bit += kStep * (file.size() + 1)) {
      SCOPED_TRACE(absl::StrCat(packing.name, ", bit ", bit));
      ASSERT_NO_FATAL_FAILURE(ExpectDamageIsSeenAsByZlib(WithFlippedBit(file, bit), content));
    }
  }
}

// Of formats that end a member of their own accord.
std::string PackedByXz(const std::string& content) {
  std::string packed(lzma_stream_buffer_bound(content.size()), '\0');
  size_t bytes = 0;
  EXPECT_EQ(
      lzma_easy_buffer_encode(/*preset=*/0, LZMA_CHECK_CRC32, /*allocator=*/nullptr,
                              reinterpret_cast<const uint8_t*>(content.data()), content.size(),
                              reinterpret_cast<uint8_t*>(packed.data()), &bytes, packed.size()),
      LZMA_OK);
  packed.resize(bytes);
  return packed;
}

std::string PackedByBzip2(std::string content) {
  std::string packed(content.size() + content.size() / 100 + 600, '\0');
  auto bytes = static_cast<unsigned int>(packed.size());
  EXPECT_EQ(BZ2_bzBuffToBuffCompress(packed.data(), &bytes, content.data(),
                                     static_cast<unsigned int>(content.size()),
                                     /*blockSize100k=*/1, /*verbosity=*/0, /*workFactor=*/0),
            BZ_OK);
  packed.resize(bytes);
  return packed;
}

TEST(DecompressorTest, AfterACompleteMemberAnotherOneBegins) {
  for (const std::string& member :
       {Pack("content"), PackedByXz("content"), PackedByBzip2("content")}) {
    const std::unique_ptr<Decompressor> decompressor = DecompressorFor(member);
    ASSERT_NE(decompressor, nullptr);
    SCOPED_TRACE(decompressor->name());
    for (int i = 0; i < 3; ++i) {
      std::string content;
      bool is_complete = false;
      for (size_t at = 0; !is_complete;) {
        const std::vector<uint8_t> input(member.begin() + static_cast<ptrdiff_t>(at), member.end());
        std::vector<uint8_t> output(100);
        const absl::StatusOr<Decompressor::Step> step =
            decompressor->Decompress(input, absl::MakeSpan(output));
        ASSERT_TRUE(step.ok()) << step.status();
        ASSERT_GT(step->consumed + step->produced, 0u) << "no progress at " << at;
        at += step->consumed;
        content.append(output.begin(), output.begin() + static_cast<ptrdiff_t>(step->produced));
        is_complete = step->member_complete;
      }
      EXPECT_EQ(content, "content") << i;
    }
  }
}

// Leaves the process no more memory than it has.
void TakeAllMemory() {
  std::ifstream statm("/proc/self/statm");
  rlim_t pages = 0;
  statm >> pages;
  const rlim_t bytes = pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE));
  const rlimit limit = {.rlim_cur = bytes, .rlim_max = bytes};
  setrlimit(RLIMIT_AS, &limit);
  while (std::malloc(size_t{32} << 10) != nullptr) {
  }
}

// What a process has at a moment says nothing about the file.
TEST(DecompressorDeathTest, WhereMemoryRunsOutTheProgramEndsAsByNew) {
  if (testing::kIsSanitized) GTEST_SKIP() << "sanitizers need more addresses than the limit leaves";
  const std::string files[] = {
      // zstd, with a window of 8 MiB.
      std::string("\x28\xb5\x2f\xfd\x00\x68\x09\x00\x00"
                  "a",
                  10),
      PackedByXz("content"),
      PackedByBzip2("content"),
  };
  for (const std::string& file : files) {
    SCOPED_TRACE(DecompressorFor(file)->name());
    const std::vector<uint8_t> input(file.begin(), file.end());
    std::vector<uint8_t> output(100);
    EXPECT_EXIT(
        {
          const std::unique_ptr<Decompressor> decompressor = DecompressorFor(file);
          TakeAllMemory();
          std::set_new_handler([] { _exit(7); });
          (void)decompressor->Decompress(input, absl::MakeSpan(output));
        },
        ::testing::ExitedWithCode(7), "");
  }
}

// Otherwise a small file could make the machine run out of it.
TEST(DecompressorTest, WhatNeedsTooMuchMemoryIsRefusedAndNotCalledDamaged) {
  const std::string files[] = {
      // zstd, with a window of 512 MiB.
      std::string("\x28\xb5\x2f\xfd\x00\x98\x09\x00\x00"
                  "a",
                  10),
      // xz, with a dictionary of 4 GiB.
      std::string("\xfd\x37\x7a\x58\x5a\x00\x00\x01\x69\x22\xde\x36\x02\x00\x21\x01"
                  "\x28\x00\x00\x00\xe6\xa0\x11\xb3",
                  24),
  };
  for (const std::string& file : files) {
    const std::unique_ptr<Decompressor> decompressor = DecompressorFor(file);
    ASSERT_NE(decompressor, nullptr);
    const std::vector<uint8_t> input(file.begin(), file.end());
    std::vector<uint8_t> output(100);
    EXPECT_EQ(decompressor->Decompress(input, absl::MakeSpan(output)).status(),
              absl::ResourceExhaustedError("it needs more memory than 256 MiB to be unpacked"))
        << decompressor->name();
  }
}

}  // namespace
}  // namespace cpuagg::acct
