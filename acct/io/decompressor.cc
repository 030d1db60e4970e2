#include "acct/io/decompressor.h"

#include <bzlib.h>
#include <isa-l/igzip_lib.h>
#include <lzma.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "acct/io/out_of_memory.h"

namespace cpuagg::acct {
namespace {

constexpr uint64_t kMemoryLimit = uint64_t{256} << 20;
constexpr int kMemoryLimitLog = 28;

absl::Status Damaged(absl::string_view how) { return absl::DataLossError(how); }

absl::Status NeedsTooMuch() {
  return absl::ResourceExhaustedError("it needs more memory than 256 MiB to be unpacked");
}

// ISA-L and libbz2 have 32-bit lengths.
template <typename Count>
Count Limited(size_t size) {
  return static_cast<Count>(std::min<size_t>(size, std::numeric_limits<Count>::max()));
}

class GzipDecompressor : public Decompressor {
 public:
  static constexpr absl::string_view kMagic = "\x1f\x8b";

  GzipDecompressor() { BeginMember(); }

  absl::StatusOr<Step> Decompress(absl::Span<const uint8_t> input,
                                  absl::Span<uint8_t> output) override {
    if (!failure_.ok()) return GiveWhatIsLeft(output);
    input = input.subspan(0, most_input_);
    if (in_header_) return ReadHeader(input);
    if (input.size() > kExactBytes) before_ = state_;
    int code = Inflate(input, output);
    while (code < 0 && input.size() > kExactBytes) {
      state_ = before_;
      most_input_ = std::max(input.size() / 2, kExactBytes);
      input = input.subspan(0, most_input_);
      code = Inflate(input, output);
    }
    const Step step = {.consumed = static_cast<size_t>(state_.next_in - input.data()),
                       .produced = static_cast<size_t>(state_.next_out - output.data()),
                       .member_complete = code == 0 && state_.block_state == ISAL_BLOCK_FINISH};
    if (step.member_complete) BeginMember();
    if (code < 0) failure_ = Failure(code);
    return code < 0 && step.produced == 0 ? GiveWhatIsLeft(output) : step;
  }

  absl::string_view name() const override { return "gzip"; }

 private:
  // At damaged data, the loop that makes ISA-L fast (igzip_decode_block_stateless.asm) counts up to
  // a few hundred bytes that it has not written, and does not say how many. With input this short
  // it uses another loop, which is exact. So input that cannot be unpacked is tried again in
  // halves, until the damage is in a part of this size. The output then depends neither on the
  // division of the input nor on the content of memory.
  static constexpr size_t kExactBytes = 8;

  static absl::Status Failure(int code) {
    switch (code) {
      case ISAL_INVALID_BLOCK:
        return Damaged("invalid block");
      case ISAL_INVALID_SYMBOL:
        return Damaged("invalid code");
      case ISAL_INVALID_LOOKBACK:
        return Damaged("invalid distance too far back");
      case ISAL_UNSUPPORTED_METHOD:
        return Damaged("unknown compression method");
      case ISAL_INCORRECT_CHECKSUM:
        return Damaged("incorrect checksum or length");
      default:
        return Damaged("invalid data");
    }
  }

  void BeginMember() {
    isal_inflate_init(&state_);
    state_.crc_flag = ISAL_GZIP;
    header_ = {};
    in_header_ = true;
    most_input_ = std::numeric_limits<uint32_t>::max();
  }

  // isal_inflate() would read the header too, but not if it is split between two inputs.
  absl::StatusOr<Step> ReadHeader(absl::Span<const uint8_t> input) {
    SetInput(input);
    const int code = isal_read_gzip_header(&state_, &header_);
    if (code < 0) {
      return code == ISAL_INCORRECT_CHECKSUM ? Damaged("incorrect header checksum") : Failure(code);
    }
    in_header_ = code == ISAL_END_INPUT;
    // RFC 1952, 2.3.1.2: these flags must be zero; ISA-L does not check that.
    constexpr uint32_t kReservedFlags = 0xe0;
    if (!in_header_ && (header_.flags & kReservedFlags) != 0) {
      return Damaged("unknown header flags");
    }
    return Step{.consumed = static_cast<size_t>(state_.next_in - input.data())};
  }

  int Inflate(absl::Span<const uint8_t> input, absl::Span<uint8_t> output) {
    SetInput(input);
    state_.next_out = output.data();
    state_.avail_out = Limited<uint32_t>(output.size());
    return isal_inflate(&state_);
  }

  void SetInput(absl::Span<const uint8_t> input) {
    state_.next_in = const_cast<uint8_t*>(input.data());  // ISA-L does not write to it
    state_.avail_in = static_cast<uint32_t>(input.size());
  }

  // Returns the output from before the damage, which was unpacked into `state_` when `output` had
  // no room for it.
  absl::StatusOr<Step> GiveWhatIsLeft(absl::Span<uint8_t> output) {
    const auto left = static_cast<size_t>(state_.tmp_out_valid - state_.tmp_out_processed);
    if (left == 0) return failure_;
    const size_t given = std::min(left, output.size());
    std::copy_n(state_.tmp_out_buffer + state_.tmp_out_processed, given, output.begin());
    state_.tmp_out_processed += static_cast<int32_t>(given);
    return Step{.produced = given};
  }

  inflate_state state_;
  inflate_state before_;  // `state_` before the last input
  isal_gzip_header header_;
  bool in_header_;
  size_t most_input_;  // per call
  absl::Status failure_;
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
      if (lzma_stream_decoder(&stream_, kMemoryLimit, 0) != LZMA_OK) EndOutOfMemory();
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
        EndOutOfMemory();
      case LZMA_MEMLIMIT_ERROR:
        return NeedsTooMuch();
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
    if (stream_ == nullptr) EndOutOfMemory();
    ZSTD_inBuffer in = {input.data(), input.size(), 0};
    ZSTD_outBuffer out = {output.data(), output.size(), 0};
    const size_t code = ZSTD_decompressStream(stream_, &out, &in);
    switch (ZSTD_getErrorCode(code)) {
      case ZSTD_error_no_error:
        break;
      case ZSTD_error_frameParameter_windowTooLarge:
        return NeedsTooMuch();
      case ZSTD_error_memory_allocation:
        EndOutOfMemory();
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
        EndOutOfMemory();
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
    if (code == BZ_MEM_ERROR) EndOutOfMemory();
    return Damaged("invalid data");
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
