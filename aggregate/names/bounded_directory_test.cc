#include "aggregate/names/bounded_directory.h"

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "acct/record/units.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::Gid;
using acct::Uid;

// The events in a directory, which may be in use for longer than the test.
struct Story {
  std::atomic<int> calls{0};
  absl::Notification hangs;      // user 13 was asked for
  absl::Notification is_over;    // until then it hangs
  absl::Notification has_ended;  // it has been destroyed
};

// Users below 10 are called userN. Other ids have no account, except that asking for 12 fails, and
// asking for 13 hangs.
class FakeDirectory : public UserDirectory {
 public:
  explicit FakeDirectory(std::shared_ptr<Story> story) : story_(std::move(story)) {}
  ~FakeDirectory() override { story_->has_ended.Notify(); }

  NameAnswer NameOf(Uid uid) override {
    ++story_->calls;
    if (uid == Uid(12)) return absl::UnavailableError("it failed");
    if (uid == Uid(13)) {
      story_->hangs.Notify();
      story_->is_over.WaitForNotification();
    }
    if (uid < Uid(10)) return absl::StrCat("user", uid.value());
    return std::nullopt;
  }
  NameAnswer NameOf(Gid gid) override {
    ++story_->calls;
    return absl::StrCat("group", gid.value());
  }
  NameAnswer IdOfGroup(const std::string& name) override { return name == "staff" ? "50" : ""; }

 private:
  const std::shared_ptr<Story> story_;
};

// Longer than any successful test waits.
constexpr absl::Duration kLong = absl::Seconds(100);

TEST(BoundedDirectoryTest, AnswersInTheOrderOfTheQuestions) {
  const auto story = std::make_shared<Story>();
  BoundedDirectory names(std::make_shared<FakeDirectory>(story), kLong);
  const std::vector<Uid> ids = {Uid(5), Uid(11), Uid(12), Uid(1), Uid(5)};
  const std::vector<NameAnswer> answers = names.NamesOf(ids);
  ASSERT_EQ(answers.size(), 5u);
  EXPECT_EQ(*answers[0], "user5");
  EXPECT_EQ(*answers[1], std::nullopt);
  EXPECT_EQ(answers[2].status(), absl::UnavailableError("it failed"));
  EXPECT_EQ(*answers[3], "user1");
  EXPECT_EQ(*answers[4], "user5");
  EXPECT_EQ(*names.NameOf(Gid(5)), "group5");
  EXPECT_EQ(*names.IdOfGroup("staff"), "50");
  EXPECT_TRUE(names.NamesOf(std::vector<Gid>()).empty());
}

TEST(BoundedDirectoryTest, AsksForEachIdOnceAndCountsIt) {
  const auto story = std::make_shared<Story>();
  BoundedDirectory names(std::make_shared<FakeDirectory>(story), kLong);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(*names.NameOf(Uid(1)), "user1");
    EXPECT_EQ(*names.NameOf(Uid(11)), std::nullopt);
    EXPECT_FALSE(names.NameOf(Uid(12)).ok());
    EXPECT_EQ(*names.NameOf(Gid(1)), "group1");
  }
  EXPECT_EQ(story->calls, 4);
  EXPECT_EQ(names.unknown_users().ids, 3u);
  EXPECT_EQ(names.unknown_users().unknown, 1u);
  EXPECT_EQ(names.unknown_users().reasons, std::vector<std::string>{"it failed"});
  EXPECT_EQ(names.unknown_groups().ids, 1u);
  EXPECT_EQ(names.unknown_groups().unknown, 0u);
}

TEST(BoundedDirectoryTest, ACallThatHangsIsLeftBehind) {
  const auto story = std::make_shared<Story>();
  {
    // The time limit also applies if some answers came before the hanging one.
    BoundedDirectory names(std::make_shared<FakeDirectory>(story), absl::Seconds(1));
    const std::vector<NameAnswer> answers =
        names.NamesOf(std::vector<Uid>{Uid(1), Uid(13), Uid(2)});
    story->hangs.WaitForNotification();
    EXPECT_EQ(*answers[0], "user1");
    const absl::Status late =
        absl::DeadlineExceededError("the user directory did not answer within 1 s");
    EXPECT_EQ(answers[1].status(), late);
    EXPECT_EQ(answers[2].status(), late);
    // No more ids are asked for, and known answers stay valid.
    EXPECT_EQ(names.NameOf(Uid(3)).status(), late);
    EXPECT_EQ(names.NameOf(Gid(3)).status(), late);
    EXPECT_EQ(*names.NameOf(Uid(1)), "user1");
    EXPECT_EQ(story->calls, 2);
    EXPECT_EQ(names.unknown_users().unknown, 3u);
    EXPECT_EQ(names.unknown_groups().unknown, 1u);
  }
  // The thread keeps what it needs until its call returns, and then ends.
  EXPECT_FALSE(story->has_ended.HasBeenNotified());
  story->is_over.Notify();
  story->has_ended.WaitForNotification();
  EXPECT_EQ(story->calls, 2);
}

TEST(BoundedDirectoryTest, TheTimeIsThatOfAllCallsTogether) {
  // Each call takes a tenth of the time, whatever else goes on.
  class SlowDirectory : public UserDirectory {
   public:
    NameAnswer NameOf(Uid) override {
      ++calls;
      absl::SleepFor(absl::Milliseconds(10));
      return "name";
    }
    std::atomic<int> calls{0};
  };
  const auto slow = std::make_shared<SlowDirectory>();
  BoundedDirectory names(slow, absl::Milliseconds(100));
  for (uint32_t i = 0; i < 50; ++i) names.NameOf(Uid(i)).IgnoreError();
  EXPECT_LE(slow->calls, 11);
  EXPECT_GE(names.unknown_users().unknown, 39u);
}

TEST(BoundedDirectoryTest, WithoutTimeNoGroupIsFound) {
  BoundedDirectory names(std::make_shared<FakeDirectory>(std::make_shared<Story>()),
                         absl::ZeroDuration());
  EXPECT_EQ(names.IdOfGroup("staff").status().code(), absl::StatusCode::kDeadlineExceeded);
}

TEST(BoundedDirectoryTest, WithoutTimeNothingIsAsked) {
  const auto story = std::make_shared<Story>();
  BoundedDirectory names(std::make_shared<FakeDirectory>(story), absl::ZeroDuration());
  EXPECT_TRUE(absl::IsDeadlineExceeded(names.NameOf(Uid(1)).status()));
  EXPECT_EQ(story->calls, 0);
}

TEST(BoundedDirectoryTest, ManyIdsAtOnceAreAllAnswered) {
  const auto story = std::make_shared<Story>();
  BoundedDirectory names(std::make_shared<FakeDirectory>(story), kLong);
  std::vector<Uid> ids;
  for (uint32_t i = 0; i < 100'000; ++i) ids.emplace_back(1000 + i);
  for (const NameAnswer& answer : names.NamesOf(ids)) ASSERT_EQ(*answer, std::nullopt);
  EXPECT_EQ(story->calls, 100'000);
}

}  // namespace
}  // namespace cpuagg::aggregate
