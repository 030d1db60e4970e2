// Fuzzes decompression with compressed files, from valid ones to noise, opened like any input.
// Decompressing must end, stay within its memory limit, return what was packed, and report it if it
// cannot.
//
// The first byte of the input selects the format and the treatment of the rest (Shape). The fuzzer
// itself packs the rest, so that mutations get past the checksums.

#include <bzlib.h>
#include <lzma.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "acct/io/byte_source.h"
#include "acct/io/decompressor.h"
#include "acct/io/open_source.h"
#include "acct/testing/fuzz_check.h"

namespace cpuagg::acct {
namespace {

using testing::Require;

enum class Shape {
  kAsItIs,           // the rest is the file
  kBehindMagic,      // the rest follows the first bytes of a stream
  kPacked,           // the rest, packed
  kPackedInMembers,  // both halves of the rest, packed, with zeros between
  kCut,              // the rest after its first byte is packed, and cut where that byte says
  kFlipped,          // the rest after two bytes is packed, and these say which bits to flip
  kBehindMember,     // the rest unchanged, after a good member
};
constexpr int kShapes = 7;

// Reads at most this much, because a few bytes may decompress to very many.
constexpr size_t kEnoughBytes = size_t{4} << 20;

struct Format {
  absl::string_view name;
  absl::string_view magic;
  std::string (*pack)(absl::string_view content);
};

std::string PackGzip(absl::string_view content) {
  z_stream stream = {};
  constexpr int kGzip = 16;
  Require(deflateInit2(&stream, 6, Z_DEFLATED, 9 + kGzip, 8, Z_DEFAULT_STRATEGY) == Z_OK, "zlib");
  std::string packed(deflateBound(&stream, content.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  Require(deflate(&stream, Z_FINISH) == Z_STREAM_END, "zlib packs");
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string PackXz(absl::string_view content) {
  std::string packed(lzma_stream_buffer_bound(content.size()), '\0');
  size_t bytes = 0;
  lzma_options_lzma options;
  lzma_lzma_preset(&options, 0);
  options.dict_size = LZMA_DICT_SIZE_MIN;
  const lzma_filter filters[] = {{LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, nullptr}};
  const lzma_ret code =
      lzma_stream_buffer_encode(const_cast<lzma_filter*>(filters), LZMA_CHECK_CRC32, nullptr,
                                reinterpret_cast<const uint8_t*>(content.data()), content.size(),
                                reinterpret_cast<uint8_t*>(packed.data()), &bytes, packed.size());
  Require(code == LZMA_OK, "liblzma packs");
  packed.resize(bytes);
  return packed;
}

std::string PackZstd(absl::string_view content) {
  ZSTD_CCtx* const context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  std::string packed(ZSTD_compressBound(content.size()), '\0');
  const size_t bytes =
      ZSTD_compress2(context, packed.data(), packed.size(), content.data(), content.size());
  Require(ZSTD_isError(bytes) == 0, "libzstd packs");
  packed.resize(bytes);
  ZSTD_freeCCtx(context);
  return packed;
}

std::string PackBzip2(absl::string_view content) {
  auto bytes = static_cast<unsigned int>(content.size() + content.size() / 100 + 600);
  std::string packed(bytes, '\0');
  const int code =
      BZ2_bzBuffToBuffCompress(packed.data(), &bytes, const_cast<char*>(content.data()),
                               static_cast<unsigned int>(content.size()), 1, 0, 0);
  Require(code == BZ_OK, "libbz2 packs");
  packed.resize(bytes);
  return packed;
}

constexpr Format kFormats[] = {
    {"gzip", "\x1f\x8b", PackGzip},
    {"xz",
     "\xfd"
     "7zXZ",
     PackXz},
    {"zstd", "\x28\xb5\x2f\xfd", PackZstd},
    {"bzip2", "BZh", PackBzip2},
};

// A file in memory that is opened by path.
class MemoryFile {
 public:
  explicit MemoryFile(absl::string_view content) : fd_(memfd_create("fuzz", MFD_CLOEXEC)) {
    const ssize_t written = write(fd_, content.data(), content.size());
    Require(written == static_cast<ssize_t>(content.size()), "memory can be written to");
  }
  ~MemoryFile() { close(fd_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string path() const { return absl::StrCat("/proc/self/fd/", fd_); }

 private:
  int fd_;
};

struct Unpacked {
  std::string content;
  std::string damage;
  bool is_whole = true;  // was not ended by kEnoughBytes
};

Unpacked Unpack(absl::string_view file) {
  const MemoryFile memory(file);
  absl::StatusOr<std::unique_ptr<ByteSource>> source = OpenSource(memory.path());
  Require(source.ok(), "a regular file can be opened");
  Unpacked unpacked;
  bool last = false;
  for (;;) {
    const absl::StatusOr<absl::Span<const uint8_t>> block = (*source)->Next();
    Require(block.ok(), "damage is not an error");
    if (block->empty()) break;
    Require(!last, "every block but the last is a multiple of 64 bytes long");
    last = block->size() % 64 != 0;
    unpacked.content.append(block->begin(), block->end());
    if (unpacked.content.size() >= kEnoughBytes) {
      unpacked.is_whole = false;
      return unpacked;
    }
  }
  Require((*source)->Next()->empty(), "the end is final");
  unpacked.damage = (*source)->damage();
  return unpacked;
}

// Unpacks the first member in pieces of any size. The decompressor must make progress, and give the
// same content as the source, which uses larger pieces.
void UnpackInPieces(absl::string_view file, size_t input_bytes, size_t output_bytes,
                    const Unpacked& unpacked) {
  const std::unique_ptr<Decompressor> decompressor = DecompressorFor(file.substr(0, kMagicBytes));
  if (decompressor == nullptr) {
    Require(unpacked.content == file && unpacked.damage.empty(), "what is not packed stays as is");
    return;
  }
  std::string content;
  std::vector<uint8_t> output(output_bytes);
  bool is_complete = false;
  while (!is_complete && content.size() < kEnoughBytes / 16) {
    // In a buffer of its own, so that reading beyond its end is detected.
    const std::vector<uint8_t> input(file.begin(),
                                     file.begin() + std::min(input_bytes, file.size()));
    const absl::StatusOr<Decompressor::Step> step =
        decompressor->Decompress(input, absl::MakeSpan(output));
    if (!step.ok()) {
      Require(absl::IsDataLoss(step.status()) || absl::IsResourceExhausted(step.status()),
              "the input is damaged or asks for too much");
      break;
    }
    Require(step->consumed <= input.size(), "no more is consumed than there is");
    Require(step->produced <= output.size(), "no more is produced than there is room for");
    const bool is_progress = step->consumed > 0 || step->produced > 0 || step->member_complete;
    Require(is_progress || input.empty(), "with input and room there is progress");
    if (!is_progress) break;
    content.append(output.begin(), output.begin() + static_cast<ptrdiff_t>(step->produced));
    file.remove_prefix(step->consumed);
    is_complete = step->member_complete;
  }
  // A damaged member may give slightly more or less before the damage is detected.
  const size_t common = std::min(content.size(), unpacked.content.size());
  Require(content.compare(0, common, unpacked.content, 0, common) == 0, "the same in pieces");
  Require(!is_complete || common == content.size(), "all of a good member");
}

void RequirePrefix(absl::string_view prefix, absl::string_view whole) {
  Require(absl::StartsWith(whole, prefix), "no more than was packed");
}

void CheckCut(const Format& format, absl::string_view input) {
  const absl::string_view content = input.substr(1);
  const std::string packed = format.pack(content);
  const size_t length = packed.size() * static_cast<uint8_t>(input[0]) / 256;
  const Unpacked unpacked = Unpack(packed.substr(0, length));
  if (length < format.magic.size()) return;
  RequirePrefix(unpacked.content, content);
  Require(absl::StrContains(unpacked.damage, "is cut off"), "a cut is reported");
}

void CheckFlipped(const Format& format, absl::string_view input) {
  const absl::string_view content = input.substr(2);
  std::string packed = format.pack(content);
  const size_t at = (packed.size() - 1) * static_cast<uint8_t>(input[0]) / 255;
  packed[at] = static_cast<char>(packed[at] ^ input[1]);
  // Without its magic it is an ordinary file.
  if (!absl::StartsWith(packed, format.magic)) return;
  const Unpacked unpacked = Unpack(packed);
  if (unpacked.is_whole && unpacked.damage.empty()) {
    Require(unpacked.content == content, "damaged data is not taken for good");
  }
  UnpackInPieces(packed, 1 + at % 61, 1 + static_cast<uint8_t>(input[1]), unpacked);
}

void CheckFile(absl::string_view file, size_t choice) {
  const Unpacked unpacked = Unpack(file);
  if (unpacked.is_whole) UnpackInPieces(file, 1 + choice % 97, 1 + choice % 211, unpacked);
}

void Run(absl::string_view input) {
  if (input.empty()) return;
  const auto choice = static_cast<uint8_t>(input[0]);
  const Format& format = kFormats[choice % 4];
  const auto shape = static_cast<Shape>(choice / 4 % kShapes);
  input.remove_prefix(1);
  switch (shape) {
    case Shape::kAsItIs:
      CheckFile(input, input.size());
      return;
    case Shape::kBehindMagic:
      CheckFile(absl::StrCat(format.magic, input), input.size());
      return;
    case Shape::kPacked: {
      const std::string packed = format.pack(input);
      const Unpacked unpacked = Unpack(packed);
      Require(unpacked.content == input, "what was packed is unpacked");
      Require(unpacked.damage.empty(), "and is not damaged");
      UnpackInPieces(packed, 1 + input.size() % 97, 1 + input.size() % 211, unpacked);
      return;
    }
    case Shape::kPackedInMembers: {
      const size_t half = input.size() / 2;
      const std::string zeros(input.size() % 5, '\0');
      const Unpacked unpacked = Unpack(absl::StrCat(format.pack(input.substr(0, half)), zeros,
                                                    format.pack(input.substr(half)), zeros));
      Require(unpacked.content == input, "members are one stream");
      Require(unpacked.damage.empty(), "and zeros around them no damage");
      return;
    }
    case Shape::kCut:
      if (!input.empty()) CheckCut(format, input);
      return;
    case Shape::kFlipped:
      if (input.size() >= 2) CheckFlipped(format, input);
      return;
    case Shape::kBehindMember: {
      const Unpacked unpacked = Unpack(absl::StrCat(format.pack("first"), input));
      Require(absl::StartsWith(unpacked.content, "first"), "what comes before damage is good");
      const bool is_clean = input.find_first_not_of('\0') == absl::string_view::npos;
      if (is_clean) Require(unpacked.damage.empty(), "zeros are not damage");
      return;
    }
  }
}

}  // namespace
}  // namespace cpuagg::acct

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  cpuagg::acct::Run(absl::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
