#include "acct/io/open_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "acct/io/byte_source.h"
#include "acct/io/progress.h"
#include "acct/testing/read_all.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

using testing::ReadAll;
using testing::TempDir;

absl::StatusOr<std::string> ReadPath(const std::string& path) {
  absl::StatusOr<std::unique_ptr<ByteSource>> source = OpenSource(path);
  if (!source.ok()) return source.status();
  return ReadAll(**source);
}

TEST(OpenSourceTest, GivesTheWholeOfARegularFile) {
  const TempDir dir;
  const std::string content(100'001, 'a');
  EXPECT_EQ(*ReadPath(dir.Write("file", content)), content);
  EXPECT_EQ(*ReadPath(dir.Write("empty", "")), "");
}

// Whoever looks at the beginning goes on like everybody else.
TEST(OpenSourceTest, ABeginningIsThatOfTheWholeFile) {
  const TempDir dir;
  std::string content;
  for (int i = 0; content.size() < 2'500'000; ++i) content += std::to_string(i);
  const std::string empty_gzip("\x1f\x8b\x08\0\0\0\0\0\0\3\3\0\0\0\0\0\0\0\0\0", 20);
  for (const std::string& file : {content, content.substr(0, 100), empty_gzip, std::string()}) {
    const std::string path = dir.Write("file", file);
    absl::StatusOr<std::unique_ptr<ByteSource>> beginning = OpenBeginning(path);
    absl::StatusOr<std::unique_ptr<ByteSource>> whole = OpenSource(path);
    ASSERT_TRUE(beginning.ok()) << beginning.status();
    ASSERT_TRUE(whole.ok()) << whole.status();
    EXPECT_EQ((*beginning)->size_hint(), (*whole)->size_hint());
    EXPECT_TRUE(*ReadAll(**beginning) == *ReadAll(**whole)) << file.size();
    EXPECT_EQ((*beginning)->damage(), (*whole)->damage());
  }
  absl::StatusOr<std::unique_ptr<ByteSource>> source = OpenBeginning(dir.Write("file", content));
  ASSERT_TRUE(source.ok()) << source.status();
  EXPECT_EQ((*source)->Next()->size(), 4096u);
  EXPECT_EQ(OpenBeginning(dir.Path("missing")).status(), OpenSource(dir.Path("missing")).status());
  EXPECT_EQ(OpenBeginning(dir.path()).status(), OpenSource(dir.path()).status());
}

// Makes a file the standard input of this program, read up to an offset already.
class StandardInput {
 public:
  StandardInput(const std::string& path, off_t offset) : before_(dup(STDIN_FILENO)) {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    EXPECT_EQ(lseek(file, offset, SEEK_SET), offset) << path;
    EXPECT_EQ(dup2(file, STDIN_FILENO), STDIN_FILENO);
    if (file != STDIN_FILENO) close(file);
  }
  ~StandardInput() {
    if (before_ < 0) {
      close(STDIN_FILENO);
      return;
    }
    dup2(before_, STDIN_FILENO);
    close(before_);
  }
  StandardInput(const StandardInput&) = delete;
  StandardInput& operator=(const StandardInput&) = delete;

 private:
  const int before_;
};

// Another program may have read the beginning: { head -c 64 >first; cpuagg report -; } <pacct
TEST(OpenSourceTest, StandardInputIsReadFromWhereItStands) {
  const TempDir dir;
  const StandardInput input(dir.Write("file", "this was read, this is left"), 15);
  EXPECT_EQ(BytesToRead({"-"}), 12u);
  EXPECT_EQ(ReadPath("-").value(), "this is left");
  EXPECT_EQ(BytesToRead({"-"}), 0u);
  EXPECT_EQ(ReadPath("-").value(), "");
}

TEST(OpenSourceTest, GivesTheWholeOfAPipeInAlignedBlocks) {
  const TempDir dir;
  const std::string path = dir.Path("fifo");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  std::string content;
  for (int i = 0; i < 3'000'007; ++i) content.push_back(static_cast<char>(i % 251));
  std::thread writer([&] { dir.Append("fifo", content); });
  const absl::StatusOr<std::string> got = ReadPath(path);
  writer.join();
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_TRUE(*got == content);
}

TEST(OpenSourceTest, AFileTruncatedWhileReadIsDataLoss) {
  const TempDir dir;
  const std::string path = dir.Write("file", std::string(1 << 16, 'x'));
  absl::StatusOr<std::unique_ptr<ByteSource>> source = OpenSource(path);
  ASSERT_TRUE(source.ok());
  ASSERT_TRUE((*source)->Next().ok());
  ASSERT_EQ(truncate(path.c_str(), 100), 0);
  EXPECT_EQ((*source)->Next().status().code(), absl::StatusCode::kDataLoss);
}

TEST(OpenSourceTest, ErrorsNameThePath) {
  const TempDir dir;
  struct Case {
    std::string path;
    absl::StatusCode code;
    std::string says;
  };
  const Case cases[] = {
      {dir.Path("none"), absl::StatusCode::kNotFound, "No such file"},
      {dir.path(), absl::StatusCode::kInvalidArgument, "is a directory"},
  };
  for (const Case& c : cases) {
    const absl::Status status = ReadPath(c.path).status();
    EXPECT_EQ(status.code(), c.code) << status;
    EXPECT_NE(status.message().find(c.path), std::string::npos) << status;
    EXPECT_NE(status.message().find(c.says), std::string::npos) << status;
  }
}

TEST(OpenSourceTest, ProgressCountsTheBytesOfTheFileAsTheyAreRead) {
  const TempDir dir;
  const std::string path = dir.Write("file", std::string(1000, 'x'));
  Progress progress;
  absl::StatusOr<std::unique_ptr<ByteSource>> source = OpenSource(path, &progress);
  ASSERT_TRUE(source.ok()) << source.status();
  const absl::Span<const uint8_t> block = *(*source)->Next();
  EXPECT_EQ(progress.bytes(), 0u) << "a map is there before it is read";
  (*source)->WillRead(block.subspan(0, 640));
  EXPECT_EQ(progress.bytes(), 640u);
  (*source)->WillRead(block.subspan(640));
  EXPECT_EQ(progress.bytes(), 1000u);

  const std::string fifo = dir.Path("fifo");
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  std::thread writer([&] { dir.Append("fifo", std::string(70'000, 'x')); });
  source = OpenSource(fifo, &progress);
  const bool read = source.ok() && ReadAll(**source).ok();
  writer.join();
  EXPECT_TRUE(read);
  EXPECT_EQ(progress.bytes(), 71'000u);
  EXPECT_EQ(progress.inputs(), 2u);
}

TEST(BytesToReadTest, IsTheSumOfTheFilesOrZeroIfOneIsNoFile) {
  const TempDir dir;
  const std::string empty = dir.Write("empty", "");
  const std::string a = dir.Write("a", std::string(1000, 'x'));
  const std::string b = dir.Write("b", std::string(64, 'x'));
  const std::string fifo = dir.Path("fifo");
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_EQ(BytesToRead({a, empty, b}), 1064u);
  EXPECT_EQ(BytesToRead({a, fifo, b}), 0u);
  EXPECT_EQ(BytesToRead({a, dir.Path("none")}), 0u);
  EXPECT_EQ(BytesToRead({a, dir.path()}), 0u);
}

TEST(OpenSourceTest, AskingForTooMuchMemoryIsNotCalledDamage) {
  struct Case {
    const char* name;
    std::string file;
  };
  const Case cases[] = {
      // A window of 512 MiB.
      {"zstd", std::string("\x28\xb5\x2f\xfd\x00\x98\x09\x00\x00"
                           "a",
                           10)},
      // A dictionary of 4 GiB.
      {"xz", std::string("\xfd\x37\x7a\x58\x5a\x00\x00\x01\x69\x22\xde\x36\x02\x00\x21\x01"
                         "\x28\x00\x00\x00\xe6\xa0\x11\xb3",
                         24)},
  };
  const TempDir dir;
  for (const Case& c : cases) {
    const absl::StatusOr<std::unique_ptr<ByteSource>> source =
        OpenSource(dir.Write("pacct", c.file));
    ASSERT_TRUE(source.ok()) << source.status();
    const absl::StatusOr<std::string> content = ReadAll(**source);
    ASSERT_TRUE(content.ok()) << content.status();
    EXPECT_EQ(*content, "") << c.name;
    EXPECT_NE((*source)->damage().find("cannot be read (it needs more memory than 256 MiB"),
              std::string::npos)
        << (*source)->damage();
  }
}

}  // namespace
}  // namespace cpuagg::acct
