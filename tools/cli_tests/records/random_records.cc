#include "tools/cli_tests/records/random_records.h"

#include <cstdlib>
#include <fstream>
#include <ios>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"

namespace cpuagg::tools {

using acct::testing::RecordBuilder;

namespace {

constexpr uint16_t kCompTs[] = {0,      1,      2,      10,     0x1fff, 0x2000,
                                0x2001, 0x3fff, 0x8001, 0xe000, 0xe001, 0xffff};

constexpr uint16_t kRates[] = {0, 1, 60, 100, 1024, 65535};

// The value of a comp_t, from acct(5).
uint64_t CompT(uint16_t bits) {
  uint64_t value = bits % 8192;
  for (int i = bits / 8192; i > 0; --i) value *= 8;
  return value;
}

// The value of a comp2_t, from kernel/acct.c.
uint64_t Comp2T(uint32_t bits) {
  uint64_t value = bits % (1u << 19);
  const uint32_t exponent = bits >> 19;
  if (exponent > 0) value += 1u << 19;
  for (uint32_t i = 1; i < exponent; ++i) value *= 2;
  return value;
}

}  // namespace

Generator::Generator(uint32_t round) {
  std::seed_seq seeds = {kSeed, round};
  engine_.seed(seeds);
}

std::string Generator::Noise(uint32_t bytes) {
  std::string noise;
  for (uint32_t i = 0; i < bytes; ++i) noise += static_cast<char>(Below(256));
  return noise;
}

std::string Generator::Record() {
  Planned ignored;
  return Record(static_cast<int>(Below(4)), Order(), /*may_be_odd=*/true, ignored);
}

RecordBuilder::Order Generator::Order() {
  return Below(2) == 0 ? RecordBuilder::kLittleEndian : RecordBuilder::kBigEndian;
}

std::string Generator::Record(int version, RecordBuilder::Order order, bool may_be_odd,
                              Planned& plan) {
  RecordBuilder builder(version, order);
  // Without this, version 0 does not show its byte order.
  if (version == 0 && order == RecordBuilder::kBigEndian) builder.VersionByte(0x80);
  const bool fits_16_bits = version == 0 && Below(2) == 0;
  plan = Planned();
  plan.uid = Below(8) == 0 ? static_cast<uint32_t>(engine_()) : OneOf(kUids);
  if (fits_16_bits) plan.uid &= 0xffff;
  builder.Uid(plan.uid)
      .Gid(1000)
      .Flags(static_cast<uint8_t>(Below(64)))
      .BeginTime(kBegin + Below(1 << 24));
  plan.user = Put(builder, &RecordBuilder::UserTime);
  plan.system = Put(builder, &RecordBuilder::SystemTime);
  plan.memory = Put(builder, &RecordBuilder::Memory);
  plan.io = Put(builder, &RecordBuilder::Io);
  plan.minor_faults = Put(builder, &RecordBuilder::MinorFaults);
  plan.major_faults = Put(builder, &RecordBuilder::MajorFaults);
  builder.Command(may_be_odd ? Command() : "bash");
  if (version == 2) {
    const uint16_t rate = may_be_odd ? OneOf(kRates) : 60;
    builder.Rate(rate);
    if (rate != 0) plan.rate = rate;
  }
  PutElapsed(version, builder, may_be_odd, plan);
  std::string bytes = builder.Bytes();
  if (version == 1) bytes.append(2, '\0');
  if (version == 0 && !fits_16_bits) {
    // Later kernels had 32-bit ids in the former padding, as in version 2.
    const std::string wide = RecordBuilder(2, order).Uid(plan.uid).Gid(1000).Bytes();
    bytes.replace(56, 8, wide, 56, 8);
  }
  return bytes;
}

uint64_t Generator::Put(RecordBuilder& builder, RecordBuilder& (RecordBuilder::*put)(uint16_t)) {
  uint16_t bits = OneOf(kCompTs);
  if (Below(2) == 0) bits = static_cast<uint16_t>(Below(65536));
  (builder.*put)(bits);
  return CompT(bits);
}

void Generator::PutElapsed(int version, RecordBuilder& builder, bool may_be_odd, Planned& plan) {
  if (version == 3 && may_be_odd && Below(50) == 0) {
    constexpr float kNoTimes[] = {-8,
                                  -0.0F,
                                  std::numeric_limits<float>::infinity(),
                                  -std::numeric_limits<float>::infinity(),
                                  std::numeric_limits<float>::quiet_NaN(),
                                  -std::numeric_limits<float>::quiet_NaN(),
                                  std::numeric_limits<float>::max()};
    builder.Elapsed(OneOf(kNoTimes));
    plan.elapsed_is_valid = false;
    return;
  }
  // A float has 24 bits of precision; a comp_t without an exponent has 13.
  plan.elapsed = Below(version == 3 ? 1 << 24 : 1 << 13);
  builder.Elapsed(static_cast<float>(plan.elapsed));
  if (version == 3 && plan.elapsed == 0) builder.Elapsed(1e-40F);
  if (version == 0 || version == 3 || !may_be_odd || Below(4) == 0) return;
  const uint32_t bits = 1 + Below((25u << 19) - 1);
  builder.LongElapsed(bits);
  plan.elapsed = Comp2T(bits);
  // Nothing lives that long.
  if (plan.elapsed >= uint64_t{1} << 38) {
    plan.elapsed = 0;
    plan.elapsed_is_valid = false;
  }
}

std::string Generator::Command() {
  const std::string commands[] = {
      "bash", "eight ch", "fifteen bytes a", "sixteen bytes ab", "zoë",      "日本語",
      "%s%n", "a\"b,c\\", "x\ny\t",          "\x1b[2J",          "\xff\xfe", " "};
  return OneOf(commands);
}

namespace {

// Changes some bytes of `file`.
void Damage(Generator& random, std::string& file) {
  const auto somewhere = [&] { return random.Below(static_cast<uint32_t>(file.size())); };
  const auto slot = [&] { return size_t{somewhere()} / 64 * 64; };
  switch (random.Below(7)) {
    case 0:
      file.insert(somewhere(), random.Noise(1 + random.Below(200)));
      break;
    case 1:
      file.insert(somewhere(), 16, 'x');
      break;
    case 2:
      file.erase(somewhere(), 1 + random.Below(100));
      break;
    case 3:
      file.resize(somewhere());
      break;
    case 4:
      file.insert(slot(), size_t{64} * (1 + random.Below(4)), '\0');
      break;
    case 5:
      file.replace(somewhere(), 1, random.Noise(1));
      break;
    case 6:
      file.insert(slot(), random.Noise(64));
      break;
  }
}

}  // namespace

std::string AnyFile(Generator& random) {
  std::string file;
  for (uint32_t left = 1 + random.Below(40); left > 0; --left) {
    const size_t begin = file.size();
    file += random.Record();
    // Flags, the version, and the bytes after the command.
    if (random.Below(10) == 0) file[begin] = static_cast<char>(random.Below(256));
    if (random.Below(10) == 0) file[begin + 1] = static_cast<char>(random.Below(256));
    if (random.Below(10) == 0) file.replace(file.size() - 12, 12, random.Noise(12));
  }
  if (random.Below(3) != 0) return file;
  for (uint32_t left = 1 + random.Below(4); left > 0 && !file.empty(); --left) Damage(random, file);
  return file;
}

void Keep(const std::string& file, const std::string& name) {
  const char* const directory = std::getenv("TEST_UNDECLARED_OUTPUTS_DIR");
  if (directory == nullptr) return;
  std::ofstream(absl::StrCat(directory, "/", name), std::ios::binary) << file;
}

}  // namespace cpuagg::tools
