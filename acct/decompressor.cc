#include "acct/decompressor.h"

#include <bzlib.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace cpuagg::acct {
namespace {

constexpr uint64_t kMemoryLimit = uint64_t{256} << 20;
constexpr int kMemoryLimitLog = 28;

absl::Status Damaged(absl::string_view how) { return absl::DataLossError(how); }

absl::Status OutOfMemory() {
  return absl::ResourceExhaustedError("it needs more memory than 256 MiB to be unpacked");
}

// zlib and libbz2 count in 32 bits.
template <typename Count>
Count Limited(size_t size) {
  return static_cast<Count>(std::min<size_t>(size, std::numeric_limits<Count>::max()));
}

class GzipDecompressor : public Decompressor {
 public:
  static constexpr absl::string_view kMagic = "\x1f\x8b";
  static constexpr int kGzipOnly = 16;  // added to the window bits (zlib.h)

  GzipDecompressor() { usable_ = inflateInit2(&stream_, MAX_WBITS + kGzipOnly) == Z_OK; }
  ~GzipDecompressor() override { inflateEnd(&stream_); }

  absl::StatusOr<Step> Decompress(absl::Span<const uint8_t> input,
                                  absl::Span<uint8_t> output) override {
    if (!usable_) return OutOfMemory();
    stream_.next_in = const_cast<Bytef*>(input.data());  // zlib does not write to it
    stream_.avail_in = Limited<uInt>(input.size());
    stream_.next_out = output.data();
    stream_.avail_out = Limited<uInt>(output.size());
    const int code = inflate(&stream_, Z_NO_FLUSH);
    Step step = {.consumed = static_cast<size_t>(stream_.next_in - input.data()),
                 .produced = static_cast<size_t>(stream_.next_out - output.data()),
                 .member_complete = code == Z_STREAM_END};
    if (code == Z_STREAM_END) {
      usable_ = inflateReset(&stream_) == Z_OK;
      return step;
    }
    // Z_BUF_ERROR only says that there was nothing to do.
    if (code == Z_OK || code == Z_BUF_ERROR) return step;
    if (code == Z_MEM_ERROR) return OutOfMemory();
    return Damaged(stream_.msg != nullptr ? stream_.msg : "invalid data");
  }

  absl::string_view name() const override { return "gzip"; }

 private:
  z_stream stream_ = {};
  bool usable_;
};

class XzDecompressor : public Decompressor {
 public:
  static constexpr absl::string_view kMagic =
      "\xfd"
      "7zXZ";

  ~XzDecompressor() override { lzma_end(&stream_); }

  absl::StatusOr<Step> Decompress(absl::Span<const uint8_t> input,
                                  absl::Span<uint8_t> output) override {
    if (!begun_) {
      if (lzma_stream_decoder(&stream_, kMemoryLimit, 0) != LZMA_OK) return OutOfMemory();
      begun_ = true;
    }
    stream_.next_in = input.data();
    stream_.avail_in = input.size();
    stream_.next_out = output.data();
    stream_.avail_out = output.size();
    const lzma_ret code = lzma_code(&stream_, LZMA_RUN);
    const Step step = {.consumed = input.size() - stream_.avail_in,
                       .produced = output.size() - stream_.avail_out,
                       .member_complete = code == LZMA_STREAM_END};
    switch (code) {
      case LZMA_STREAM_END:
        begun_ = false;
        return step;
      case LZMA_OK:
      case LZMA_BUF_ERROR:
        return step;
      case LZMA_MEM_ERROR:
      case LZMA_MEMLIMIT_ERROR:
        return OutOfMemory();
      case LZMA_OPTIONS_ERROR:
        return Damaged("it uses features that this liblzma does not know");
      default:
        return Damaged("invalid data");
    }
  }

  absl::string_view name() const override { return "xz"; }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool begun_ = false;
};

class ZstdDecompressor : public Decompressor {
 public:
  static constexpr absl::string_view kMagic = "\x28\xb5\x2f\xfd";

  ZstdDecompressor() : stream_(ZSTD_createDStream()) {
    if (stream_ != nullptr) ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax, kMemoryLimitLog);
  }
  ~ZstdDecompressor() override { ZSTD_freeDStream(stream_); }

  absl::StatusOr<Step> Decompress(absl::Span<const uint8_t> input,
                                  absl::Span<uint8_t> output) override {
    if (stream_ == nullptr) return OutOfMemory();
    ZSTD_inBuffer in = {input.data(), input.size(), 0};
    ZSTD_outBuffer out = {output.data(), output.size(), 0};
    const size_t code = ZSTD_decompressStream(stream_, &out, &in);
    switch (ZSTD_getErrorCode(code)) {
      case ZSTD_error_no_error:
        break;
      case ZSTD_error_frameParameter_windowTooLarge:
      case ZSTD_error_memory_allocation:
        return OutOfMemory();
      default:
        return Damaged(ZSTD_getErrorName(code));
    }
    return Step{.consumed = in.pos, .produced = out.pos, .member_complete = code == 0};
  }

  absl::string_view name() const override { return "zstd"; }

 private:
  ZSTD_DStream* const stream_;
};

class Bzip2Decompressor : public Decompressor {
 public:
  static constexpr absl::string_view kMagic = "BZh";

  ~Bzip2Decompressor() override { End(); }

  absl::StatusOr<Step> Decompress(absl::Span<const uint8_t> input,
                                  absl::Span<uint8_t> output) override {
    if (!begun_) {
      if (BZ2_bzDecompressInit(&stream_, /*verbosity=*/0, /*small=*/0) != BZ_OK) {
        return OutOfMemory();
      }
      begun_ = true;
    }
    // libbz2 does not write to its input.
    stream_.next_in = reinterpret_cast<char*>(const_cast<uint8_t*>(input.data()));
    stream_.avail_in = Limited<unsigned int>(input.size());
    stream_.next_out = reinterpret_cast<char*>(output.data());
    stream_.avail_out = Limited<unsigned int>(output.size());
    const unsigned int input_bytes = stream_.avail_in;
    const unsigned int output_bytes = stream_.avail_out;
    const int code = BZ2_bzDecompress(&stream_);
    const Step step = {.consumed = input_bytes - stream_.avail_in,
                       .produced = output_bytes - stream_.avail_out,
                       .member_complete = code == BZ_STREAM_END};
    if (code == BZ_STREAM_END) End();
    if (code == BZ_OK || code == BZ_STREAM_END) return step;
    return code == BZ_MEM_ERROR ? OutOfMemory() : Damaged("invalid data");
  }

  absl::string_view name() const override { return "bzip2"; }

 private:
  void End() {
    if (begun_) BZ2_bzDecompressEnd(&stream_);
    begun_ = false;
    stream_ = {};
  }

  bz_stream stream_ = {};
  bool begun_ = false;
};

}  // namespace

std::unique_ptr<Decompressor> DecompressorFor(absl::string_view head) {
  if (absl::StartsWith(head, GzipDecompressor::kMagic)) return std::make_unique<GzipDecompressor>();
  if (absl::StartsWith(head, XzDecompressor::kMagic)) return std::make_unique<XzDecompressor>();
  if (absl::StartsWith(head, ZstdDecompressor::kMagic)) return std::make_unique<ZstdDecompressor>();
  if (absl::StartsWith(head, Bzip2Decompressor::kMagic)) {
    return std::make_unique<Bzip2Decompressor>();
  }
  return nullptr;
}

}  // namespace cpuagg::acct
